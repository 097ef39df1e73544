"""UDisks' objects as plain records. A property that is missing or of another kind reads as nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from kiosk.media.udisks.bus import SERVICE, ManagedObjects

NO_OBJECT: Final = "/"
"""What UDisks answers where it means none."""

_BLOCK: Final = f"{SERVICE}.Block"
_DRIVE: Final = f"{SERVICE}.Drive"
_FILESYSTEM: Final = f"{SERVICE}.Filesystem"
_PARTITION: Final = f"{SERVICE}.Partition"
_SWAP: Final = f"{SERVICE}.Swapspace"
_ENCRYPTED: Final = f"{SERVICE}.Encrypted"


@dataclass(frozen=True)
class DriveObject:
    """A drive, or one slot of a device with several. Texts are raw: the device chose them."""

    path: str
    vendor: str
    model: str
    serial: str
    bus: str
    """`usb` for what hangs on a USB port."""
    removable: bool
    """Whether a hand can take it out."""
    media_removable: bool
    media_available: bool
    optical: bool


@dataclass(frozen=True)
class BlockObject:
    """A whole disk or a partition."""

    path: str
    name: str
    """The kernel's name, as in `sda1`; empty when UDisks tells none."""
    drive: str
    """Path of its drive, or `NO_OBJECT`."""
    size: int
    read_only: bool
    usage: str
    """`filesystem`, `crypto`, `raid`, `other`, or empty when nothing was recognised."""
    type: str
    label: str
    uuid: str
    """Of the file system, as its format calls it."""
    hint_system: bool
    hint_ignore: bool
    diskseq: int | None
    """As udev saw it, where udev tells it: it may be that of the stick before."""
    mount_points: tuple[bytes, ...]
    is_filesystem: bool
    is_container: bool
    """A partition that only holds other partitions."""
    is_encrypted: bool
    is_unlocked: bool
    is_swapped_on: bool


@dataclass(frozen=True)
class UDisksObjects:
    """What UDisks knew at one moment."""

    drives: tuple[DriveObject, ...]
    blocks: tuple[BlockObject, ...]


def read_objects(objects: ManagedObjects) -> UDisksObjects:
    """The records, in the order of their paths. Never raises, whatever the answer holds."""
    in_order = sorted(objects.items())
    return UDisksObjects(
        drives=tuple(_drive(path, known[_DRIVE]) for path, known in in_order if _DRIVE in known),
        blocks=tuple(_block(path, known) for path, known in in_order if _BLOCK in known),
    )


def _drive(path: str, known: Mapping[str, Any]) -> DriveObject:
    return DriveObject(
        path=path,
        vendor=_text(known, "Vendor"),
        model=_text(known, "Model"),
        serial=_text(known, "Serial"),
        bus=_text(known, "ConnectionBus"),
        removable=_truth(known, "Removable"),
        media_removable=_truth(known, "MediaRemovable"),
        media_available=_truth(known, "MediaAvailable"),
        optical=_truth(known, "Optical") or "optical" in _text(known, "Media") or _takes_discs(known),
    )


def _takes_discs(known: Mapping[str, Any]) -> bool:
    """An empty disc drive says so only here."""
    takes = known.get("MediaCompatibility")
    return isinstance(takes, list) and any(str(kind).startswith("optical") for kind in takes)


def _block(path: str, interfaces: Mapping[str, Mapping[str, Any]]) -> BlockObject:
    known = interfaces[_BLOCK]
    return BlockObject(
        path=path,
        name=_path(known.get("Device")).rpartition("/")[2],
        drive=_text(known, "Drive") or NO_OBJECT,
        size=_number(known, "Size"),
        read_only=_truth(known, "ReadOnly"),
        usage=_text(known, "IdUsage"),
        type=_text(known, "IdType"),
        label=_text(known, "IdLabel"),
        uuid=_text(known, "IdUUID"),
        hint_system=_truth(known, "HintSystem"),
        hint_ignore=_truth(known, "HintIgnore"),
        diskseq=_diskseq(known),
        mount_points=tuple(map(_bytes, _list(interfaces.get(_FILESYSTEM, {}).get("MountPoints")))),
        is_filesystem=_FILESYSTEM in interfaces,
        is_container=_truth(interfaces.get(_PARTITION, {}), "IsContainer"),
        is_encrypted=_ENCRYPTED in interfaces,
        is_unlocked=_text(interfaces.get(_ENCRYPTED, {}), "CleartextDevice") not in {"", NO_OBJECT},
        is_swapped_on=_truth(interfaces.get(_SWAP, {}), "Active"),
    )


def _diskseq(known: Mapping[str, Any]) -> int | None:
    for link in map(_path, _list(known.get("Symlinks"))):
        folder, _, last = link.rpartition("/")
        if folder == "/dev/disk/by-diskseq" and last.isascii() and last.isdecimal():
            return int(last)
    return None


def _text(known: Mapping[str, Any], name: str) -> str:
    value = known.get(name)
    return value if isinstance(value, str) else ""


def _truth(known: Mapping[str, Any], name: str) -> bool:
    return known.get(name) is True


def _number(known: Mapping[str, Any], name: str) -> int:
    value = known.get(name)
    return value if isinstance(value, int) else 0


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _bytes(value: object) -> bytes:
    return value.rstrip(b"\0") if isinstance(value, bytes) else b""


def _path(value: object) -> str:
    return _bytes(value).decode("utf-8", "replace")

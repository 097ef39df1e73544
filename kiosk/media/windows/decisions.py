"""Which drive may be written to, and why not the others (E-88): decided from answers of Windows and nothing else.

What does not hang on USB, and whatever shares a disk with Windows, is never offered and never shown. What hangs on USB
and may not be used is shown with its reason.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final

from kiosk.media.leftovers import Identity
from kiosk.media.volumes import Stick, StickRef, StickRefusal
from kiosk.media.windows import errors
from kiosk.media.windows.calls import (
    BUS_USB,
    CallFailed,
    DeviceAnswer,
    DriveType,
    NodeAnswer,
    SpaceAnswer,
    VolumeAnswer,
)
from kiosk.rules.texts import device_text

BACKEND: Final = "windows"

_SERIAL_TAIL: Final = 6
_USB_ID: Final = re.compile(
    r"USB\\VID_([0-9A-F]{4})&PID_([0-9A-F]{4})(&MI_[0-9A-F]{2})?\\(.+)", re.IGNORECASE
)


@dataclass(frozen=True)
class UsbIdentity:
    """What the device in the port calls itself; easily forged."""

    vid: str
    """Four lower-case hexadecimal digits, like `pid`."""
    pid: str
    serial: str
    is_one_of_several: bool
    """The device is something else as well, such as a keyboard."""

    @classmethod
    def of(cls, parent: str) -> "UsbIdentity | None":
        """From the instance of the device in the port; None when it hangs on no USB port."""
        found = _USB_ID.fullmatch(parent)
        if found is None:
            return None
        vendor, product, function, serial = found.groups()
        return cls(vendor.lower(), product.lower(), serial, function is not None)


@dataclass(frozen=True)
class Policy:
    """What this terminal accepts."""

    accepted_filesystems: frozenset[str] = frozenset({"FAT", "FAT32", "exFAT"})
    allow_fixed_disks: bool = False
    """Accept USB disks that call themselves fixed, as SSDs do."""
    largest: int | None = None
    """Bytes."""
    registered: Callable[[UsbIdentity], bool] | None = None
    """Whether a device is on the bank's list; None accepts all."""


@dataclass(frozen=True)
class Answers:
    """What Windows said about one drive letter; a call that failed stands as its failure."""

    letter: str
    type: int
    disks: tuple[int, ...] | CallFailed
    device: DeviceAnswer | CallFailed
    node: NodeAnswer | CallFailed
    name: str | CallFailed
    """Of the volume."""
    volume: VolumeAnswer | CallFailed
    space: SpaceAnswer | CallFailed
    writable: CallFailed | None

    @property
    def label(self) -> str:
        return "" if isinstance(self.volume, CallFailed) else self.volume.label

    @property
    def file_system(self) -> str:
        return "" if isinstance(self.volume, CallFailed) else self.volume.filesystem

    @property
    def is_read_only(self) -> bool:
        return not isinstance(self.volume, CallFailed) and self.volume.read_only

    @property
    def size(self) -> int:
        """Bytes; 0 when it cannot be told."""
        return 0 if isinstance(self.space, CallFailed) else self.space.total


@dataclass(frozen=True)
class Target:
    """A USB drive at one moment: a stick to write to unless `stick.refusal` says why not."""

    stick: Stick
    letter: str
    volume: str
    """Its name; empty when it has none, and then it is refused."""
    parent: str
    """Instance of the device in the port: what is ejected."""

    @property
    def identity(self) -> Identity:
        """Volume and device: the same when the stick is put back into the port."""
        return self.volume, self.parent


def reference(letter: str, name: str, node: NodeAnswer) -> StickRef:
    """Of one plug-in event: the same stick in the same port is another one the next time."""
    return StickRef(BACKEND, "|".join((letter, name, node.instance, str(node.arrived))))


def is_in_the_place_of(one: StickRef, other: StickRef) -> bool:
    """Whether they share letter, volume or device: a swap, a clone, or the same stick plugged in anew."""
    ours, theirs = one.token.split("|")[:3], other.token.split("|")[:3]
    return any(mine and mine == its for mine, its in zip(ours, theirs, strict=False))


def find_targets(
    drives: Sequence[Answers], system_disks: Collection[int], policy: Policy
) -> tuple[Target, ...]:
    """Every USB drive, in the order of plugging in."""
    volumes_of = Counter(
        disk for one in drives if not isinstance(one.disks, CallFailed) for disk in one.disks
    )
    found = []
    for one in drives:
        if isinstance(one.node, CallFailed) or isinstance(one.device, CallFailed):
            continue
        usb = UsbIdentity.of(one.node.parent)
        if one.device.bus != BUS_USB or usb is None or _holds_windows(one, system_disks):
            continue
        found.append(
            (
                one.node.arrived,
                one.letter,
                _target(one, one.node, one.device, _why(one, one.device, usb, policy, volumes_of)),
            )
        )
    return tuple(target for _, _, target in sorted(found, key=lambda each: each[:2]))


def _holds_windows(one: Answers, system_disks: Collection[int]) -> bool:
    return not isinstance(one.disks, CallFailed) and not set(one.disks).isdisjoint(system_disks)


def _why(
    one: Answers, device: DeviceAnswer, usb: UsbIdentity, policy: Policy, volumes_of: Counter[int]
) -> StickRefusal | None:
    """What is dangerous comes first, then what no hand can change, then what one can."""
    return (
        _as_a_device(one, usb, policy)
        or _as_a_medium(one, device, policy, volumes_of)
        or _as_a_volume(one, policy)
    )


def _as_a_device(one: Answers, usb: UsbIdentity, policy: Policy) -> StickRefusal | None:
    if usb.is_one_of_several:
        return StickRefusal.COMPOSITE_DEVICE
    if one.type == DriveType.CDROM:
        return StickRefusal.OPTICAL
    if one.type not in (DriveType.REMOVABLE, DriveType.FIXED):
        return StickRefusal.BLOCKED_BY_POLICY
    if policy.registered is not None and not policy.registered(usb):
        return StickRefusal.NOT_REGISTERED
    return None


def _as_a_medium(
    one: Answers, device: DeviceAnswer, policy: Policy, volumes_of: Counter[int]
) -> StickRefusal | None:
    if isinstance(one.disks, CallFailed):
        return _of_failure(one.disks, StickRefusal.BLOCKED_BY_POLICY)  # it might lie on the disk of Windows
    removable = one.type == DriveType.REMOVABLE and device.removable_media
    if not removable and not policy.allow_fixed_disks:
        return StickRefusal.FIXED_DISK
    if len(one.disks) != 1 or volumes_of[one.disks[0]] > 1:
        return StickRefusal.SEVERAL_VOLUMES
    return None


def _as_a_volume(one: Answers, policy: Policy) -> StickRefusal | None:
    for answer in (one.volume, one.name, one.space):
        if isinstance(answer, CallFailed):
            return _of_failure(answer, StickRefusal.NO_FILESYSTEM)
    if one.file_system not in policy.accepted_filesystems:
        return StickRefusal.UNSUPPORTED_FS
    if policy.largest is not None and one.size > policy.largest:
        return StickRefusal.TOO_LARGE
    if one.is_read_only:
        return StickRefusal.WRITE_PROTECTED
    return _of_failure(one.writable, StickRefusal.WRITE_PROTECTED) if one.writable is not None else None


def _of_failure(failure: CallFailed, otherwise: StickRefusal) -> StickRefusal:
    known = {
        errors.NOT_READY: StickRefusal.NO_MEDIUM,
        errors.FVE_E_LOCKED_VOLUME: StickRefusal.ENCRYPTED,
        errors.ACCESS_DENIED: StickRefusal.BLOCKED_BY_POLICY,
        errors.WRITE_PROTECT: StickRefusal.WRITE_PROTECTED,
        errors.UNRECOGNIZED_VOLUME: StickRefusal.NO_FILESYSTEM,
    }
    return known.get(failure.code, otherwise)


def _target(one: Answers, node: NodeAnswer, device: DeviceAnswer, refusal: StickRefusal | None) -> Target:
    name = "" if isinstance(one.name, CallFailed) else one.name
    stick = Stick(
        ref=reference(one.letter, name, node),
        vendor=device_text(device.vendor),
        model=device_text(device.product),
        serial_tail=device_text(device.serial)[-_SERIAL_TAIL:],
        label=device_text(one.label),
        filesystem=device_text(one.file_system),
        size=one.size,
        free=None,
        refusal=refusal,
    )
    return Target(stick, one.letter, name, node.parent)

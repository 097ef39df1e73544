"""What the kernel itself says about disks, mounts and swap; nothing here is told by a stick or by another program.

Every read is blocking and short. A device may go away between two reads, so every answer may be None or empty.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Final

_SECTOR: Final = 512
"""Bytes; `size` in sysfs counts these whatever the disk's own sectors are."""
_ESCAPE: Final = re.compile(rb"\\([0-7]{3})")
_FEWEST_FIELDS: Final = 6
_SHORT: Final = 64
"""Bytes; more than a number or a boot id has."""
_MUCH: Final = 1 << 16
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._!:-]*")


@dataclass(frozen=True)
class UsbFacts:
    """The USB device that a disk belongs to, as the kernel read it. Texts are raw: the device chose them."""

    vid: str
    """Four lower-case hexadecimal digits, like `pid`."""
    pid: str
    serial: str
    interfaces: tuple[str, ...]
    """Class, subclass and protocol of every interface, as in `080650`; sorted."""
    port: str
    """The kernel's name of the place it is plugged into, as in `1-4.2`."""


@dataclass(frozen=True)
class DiskFacts:
    """A whole disk at one moment."""

    name: str
    diskseq: int
    """Counts every disk that ever came since the start; the only thing a swapped stick cannot copy."""
    size: int
    """Bytes; 0 while there is no medium in it."""
    read_only: bool
    holders: tuple[str, ...]
    """Devices built on top of the disk or of one of its partitions (dm, md)."""
    usb: UsbFacts | None
    """None for everything that does not hang on a USB port."""
    partitions: tuple[str, ...]


@dataclass(frozen=True)
class MountLine:
    """One line of mountinfo."""

    device: int
    """Of the file system, as in `st_dev`."""
    root: bytes
    path: bytes
    options: frozenset[str]
    """Of this mount; what the file system itself was told is in `superblock`."""
    superblock: frozenset[str]
    filesystem: str
    source: str

    @property
    def writable(self) -> bool:
        """Whether neither the mount nor its file system is for reading only."""
        return "ro" not in self.options | self.superblock


@dataclass(frozen=True)
class Kernel:
    """Reads of /sys and /proc. Never raises for a device that is not there, or not any more."""

    sys: Path = Path("/sys")
    proc: Path = Path("/proc")

    def boot_id(self) -> str:
        """A new one for every start of the machine. Raises `OSError` where there is no /proc."""
        return _boot_id(f"{self.proc}/sys/kernel/random/boot_id")

    def disk(self, name: str) -> DiskFacts | None:
        """A whole disk by its kernel name (`sda`); None when there is none, or when it is a partition."""
        if _NAME.fullmatch(name) is None:
            return None
        try:
            place = (self.sys / "block" / name).resolve(strict=True)
            seq, sectors, read_only = (int(_text(place / entry)) for entry in ("diskseq", "size", "ro"))
        except (OSError, ValueError):
            return None
        partitions = tuple(sorted(entry.name for entry in _inside(place) if (entry / "partition").is_file()))
        return DiskFacts(
            name=name,
            diskseq=seq,
            size=sectors * _SECTOR,
            read_only=read_only != 0,
            holders=_holders(place, partitions),
            usb=_usb_of(place),
            partitions=partitions,
        )

    def sequence_number(self, name: str) -> int | None:
        """`diskseq` of a whole disk with a medium in it; None when there is no such disk, or nothing in it.

        For asking again and again: two short reads.
        """
        return self._number(name, "diskseq") if self._number(name, "size") else None

    def is_read_only(self, name: str) -> bool:
        """Whether a whole disk takes nothing; not known to be so when there is no such disk."""
        return bool(self._number(name, "ro"))

    def device_number(self, block_name: str) -> int | None:
        """What `st_dev` is for files on that disk or partition (`sda1`)."""
        if _NAME.fullmatch(block_name) is None:
            return None
        try:
            major, _, minor = _short(f"{self.sys}/class/block/{block_name}/dev").partition(b":")
            return os.makedev(int(major), int(minor))
        except (OSError, ValueError):
            return None

    def mounts(self) -> tuple[MountLine, ...]:
        """Everything mounted as this program sees it."""
        return tuple(line for line in map(_mount_line, self._mountinfo()) if line is not None)

    def mounts_of(self, device: int) -> tuple[MountLine, ...]:
        """Every place at which one file system (`st_dev`) is mounted; the other lines are not even taken apart."""
        number = b" %d:%d " % (os.major(device), os.minor(device))
        lines = (_mount_line(line) for line in self._mountinfo() if number in line)
        return tuple(line for line in lines if line is not None and line.device == device)

    def swaps(self) -> frozenset[int]:
        """Device numbers of the disks and partitions that hold swap."""
        try:
            lines = (self.proc / "swaps").read_bytes().splitlines()[1:]
        except OSError:
            return frozenset()
        names = (_plain(line.split()[0]).rpartition("/")[2] for line in lines if line.strip())
        return frozenset(number for name in names if (number := self.device_number(name)) is not None)

    def _mountinfo(self) -> list[bytes]:
        try:
            return _whole(f"{self.proc}/self/mountinfo").splitlines()
        except OSError:
            return []

    def _number(self, disk: str, entry: str) -> int | None:
        if _NAME.fullmatch(disk) is None:
            return None
        try:
            return int(_short(f"{self.sys}/block/{disk}/{entry}"))
        except (OSError, ValueError):
            return None


@cache
def _boot_id(file: str) -> str:
    """Read once: no program outlives the start of the machine it runs on."""
    return _short(file).decode("ascii").strip()


def _short(file: str) -> bytes:
    """An entry of a few characters by the shortest way: asked before and after every step, while a person waits."""
    handle = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(handle, _SHORT)
    finally:
        os.close(handle)


def _whole(file: str) -> bytes:
    """A list of the kernel's in full, by the shortest way too; it hands out a page of it at a time."""
    handle = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return b"".join(iter(partial(os.read, handle, _MUCH), b""))
    finally:
        os.close(handle)


def _text(file: Path) -> str:
    return file.read_bytes().decode("utf-8", "replace").rstrip("\n")


def _text_or_nothing(file: Path) -> str:
    try:
        return _text(file)
    except OSError:
        return ""


def _inside(folder: Path) -> Iterator[Path]:
    try:
        yield from folder.iterdir()
    except OSError:
        return


def _holders(disk: Path, partitions: tuple[str, ...]) -> tuple[str, ...]:
    places = (disk, *(disk / partition for partition in partitions))
    return tuple(sorted({holder.name for place in places for holder in _inside(place / "holders")}))


def _usb_of(disk: Path) -> UsbFacts | None:
    """The nearest USB device above the disk: the stick itself, never the hub it hangs on."""
    for place in disk.parents:
        if not (place / "idVendor").is_file():
            continue
        return UsbFacts(
            vid=_text_or_nothing(place / "idVendor").lower(),
            pid=_text_or_nothing(place / "idProduct").lower(),
            serial=_text_or_nothing(place / "serial"),
            interfaces=tuple(sorted(_interfaces(place))),
            port=place.name,
        )
    return None


def _interfaces(device: Path) -> Iterator[str]:
    for place in _inside(device):
        if (place / "bInterfaceClass").is_file():
            parts = (f"bInterface{part}" for part in ("Class", "SubClass", "Protocol"))
            yield "".join(_text_or_nothing(place / part).lower() for part in parts)


def _mount_line(line: bytes) -> MountLine | None:
    before, _, after = line.partition(b" - ")
    fields, about = before.split(), after.split()
    if len(fields) < _FEWEST_FIELDS or not about:
        return None
    try:
        major, minor = (int(number) for number in fields[2].split(b":"))
    except ValueError:
        return None
    return MountLine(
        device=os.makedev(major, minor),
        root=_unescaped(fields[3]),
        path=_unescaped(fields[4]),
        options=_options(fields[5]),
        superblock=_options(about[-1]),
        filesystem=_plain(about[0]),
        source=_plain(about[1]) if len(about) > 2 else "",  # a source may be empty
    )


def _options(field: bytes) -> frozenset[str]:
    return frozenset(_plain(field).split(","))


def _plain(field: bytes) -> str:
    return os.fsdecode(_unescaped(field))


def _unescaped(field: bytes) -> bytes:
    return _ESCAPE.sub(lambda found: bytes([int(found[1], 8) & 0xFF]), field)

"""A stick inside User-Mode Linux: its memory stays while it is out, so one can look what had reached it."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_SLOT: Final = Path("/sys/bus/scsi/devices/0:0:0:0")
_BUS: Final = Path("/sys/class/scsi_host/host0/scan")
_LOCK_SWITCH: Final = Path("/sys/module/scsi_debug/parameters/wp")
FAT32: Final = ("fat32 in a partition", "-F32 -s1")
FAT16: Final = ("fat16 on the whole stick", "-F16 --mbr=n")
SHAPES: Final = (FAT32, FAT16)
_BEGINNING: Final = 4 * 1024 * 1024
"""Bytes: tables and the first files. What an earlier file left there must not be found again."""
_ENTRY: Final = 0x1BE + 4
"""Where the kind of the first partition stands."""
_beginnings: Final[dict[tuple[str, str], bytes]] = {}


def plug(*, locked: bool = False) -> str:
    """Put the stick in; the kernel's name of its disk, a new one if the old one is still in use."""
    _LOCK_SWITCH.write_text("Y" if locked else "N")
    _BUS.write_text("- - -")
    return _wait_for_disk()


def pull() -> None:
    """Pull it out, whatever goes on; without a stick nothing happens."""
    if _SLOT.exists():
        (_SLOT / "delete").write_text("1")


def plugged() -> str | None:
    """The disk, if the stick is in."""
    try:
        return next(iter(os.listdir(_SLOT / "block")), None)  # noqa: PTH208  # names of the kernel
    except FileNotFoundError:
        return None


def formatted(shape: tuple[str, str]) -> str:
    """Make it empty; the name of the partition (or the whole disk) that holds the file system."""
    if shape not in _beginnings:
        _beginnings[shape] = _format(shape)
    disk = plugged() or plug()
    old = _write(disk, _beginnings[shape])
    if old[_ENTRY] != _beginnings[shape][_ENTRY]:
        pull()
        disk = plug()
    return volume(disk)


def _format(shape: tuple[str, str]) -> bytes:
    disk = plugged() or plug()
    _write(disk, bytes(_BEGINNING))
    if shape is FAT32:
        table = "label: dos\nstart=2048, type=c\n"
        _quietly("sfdisk", "--no-reread", "--no-tell-kernel", f"/dev/{disk}", text=table)
    pull()  # a stick that comes in is looked at, whatever was known of it
    disk = plug()
    _quietly("mkfs.vfat", *shape[1].split(), "-n", "STICK", f"/dev/{volume(disk)}")
    with Path("/dev", disk).open("rb") as stick:
        return stick.read(_BEGINNING)


def _write(disk: str, beginning: bytes) -> bytes:
    """What was there before."""
    with Path("/dev", disk).open("r+b") as stick:
        old = stick.read(_BEGINNING)
        stick.seek(0)
        stick.write(beginning)
        os.fsync(stick.fileno())
    return old


def volume(disk: str) -> str:
    """Its partition, or the disk itself when it has none."""
    with Path("/dev", disk).open("rb") as stick:
        start = stick.read(_ENTRY + 1)
    if start[_ENTRY] == 0 or start[0] != 0:  # a FAT begins with a jump, a table of partitions does not
        return disk
    partition = Path("/dev", f"{disk}1")
    for _ in range(500):
        if partition.exists():
            return partition.name
        time.sleep(0.01)
    raise AssertionError("the partition did not come")


@contextmanager
def mounted(device: str, options: str = "rw,dirsync") -> Iterator[Path]:
    """The file system of `/dev/DEVICE`, with the options UDisks adds for FAT."""
    place = Path("/run/mounted", device.replace("/", "-"))
    place.mkdir(parents=True, exist_ok=True)
    given = f"nosuid,nodev,noexec,flush,utf8=1,umask=0077,{options}"
    _quietly("mount", "-i", "-t", "vfat", "-o", given, f"/dev/{device}", str(place))
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=False, capture_output=True)


def fill(folder: Path, leaving: int) -> None:
    """One big file, so that about `leaving` bytes stay free."""
    room = os.statvfs(folder)
    (folder / "BALLAST.BIN").write_bytes(bytes(room.f_bavail * room.f_frsize - leaving))


def _wait_for_disk() -> str:
    for _ in range(500):
        disk = plugged()
        if disk is not None and _is_readable(Path("/dev", disk)):
            return disk
        time.sleep(0.01)
    raise AssertionError("the stick did not come")


def _is_readable(device: Path) -> bool:
    """The name may still be that of the disk before."""
    try:
        with device.open("rb") as stick:
            return bool(stick.read(1))
    except OSError:
        return False


def _quietly(*command: str, text: str = "") -> None:
    subprocess.run(command, input=text.encode(), check=True, capture_output=True)

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


def plug(*, locked: bool = False) -> str:
    """Put the stick in; the kernel's name of its disk, a new one if the old one is still in use."""
    _LOCK_SWITCH.write_text("Y" if locked else "N")
    _BUS.write_text("- - -")
    disk = _wait_for_disk()
    subprocess.run(["blockdev", "--rereadpt", f"/dev/{disk}"], check=False, capture_output=True)
    return disk


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
    disk = plugged() or plug()
    _quietly("wipefs", "--all", "--force", f"/dev/{disk}")
    _quietly("blockdev", "--rereadpt", f"/dev/{disk}")
    if shape is FAT32:
        _quietly("sfdisk", f"/dev/{disk}", text="label: dos\nstart=2048, type=c\n")
    place = volume(disk)
    _quietly("mkfs.vfat", *shape[1].split(), "-n", "STICK", f"/dev/{place}")
    return place


def volume(disk: str) -> str:
    """Its partition, or the disk itself when it has none."""
    partition = f"{disk}1"
    return partition if Path("/sys/class/block", partition).exists() else disk


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


def _wait_for_disk() -> str:
    for _ in range(500):
        disk = plugged()
        if disk is not None and Path("/dev", disk).exists():
            return disk
        time.sleep(0.01)
    raise AssertionError("the stick did not come")


def _quietly(*command: str, text: str = "") -> None:
    subprocess.run(command, input=text.encode(), check=True, capture_output=True)

"""A disk that fails on demand: a file system in user space with one file, to be attached as a loop device.

What reached the "medium" is the backing file, whatever the file systems above it believe. Runs in a process of its
own: `python -m tests.support.faulty_disk PLACE BACKING SWITCH`; the switch is a file with one word for each fault.
"""

import errno
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from stat import S_IFDIR, S_IFREG
from typing import Any

NAME = "disk"
FLIPPED_BIT = 0x40


@dataclass(frozen=True)
class FaultyDisk:
    """A running one."""

    file: Path
    """To be attached with losetup."""
    backing: Path
    """What the medium holds."""
    switch: Path

    def fails(self, *faults: str) -> None:
        """From now on: `write:EIO`, `sync:ENOSPC`, `read:EIO`, `drop` writes, `flip` a bit of every read, `hang`."""
        fresh = self.switch.with_suffix(".new")
        fresh.write_text(" ".join(faults))
        fresh.replace(self.switch)


@contextmanager
def a_faulty_disk(folder: Path, backing: Path) -> Iterator[FaultyDisk]:
    """Over `backing`, healthy at first."""
    place, switch = folder / "faulty", folder / "switch"
    place.mkdir()
    disk = FaultyDisk(place / NAME, backing, switch)
    disk.fails()
    server = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "tests.support.faulty_disk", place, backing, switch]
    )
    try:
        _wait_for(disk.file)
        yield disk
    finally:
        disk.fails()
        subprocess.run(["umount", "--lazy", place], check=False)
        server.terminate()
        server.wait(60)


def _wait_for(file: Path) -> None:
    for _ in range(1200):
        if file.exists():
            return
        time.sleep(0.05)
    raise AssertionError("the file system in user space did not come")


class Disk:
    """One file, every call of which looks at the switch."""

    use_ns = True

    def __init__(self, backing: Path, switch: Path) -> None:
        self._medium = os.open(backing, os.O_RDWR)
        self._switch = switch

    def init(self, path: str) -> None: ...

    def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:
        if path == "/":
            return {"st_mode": S_IFDIR | 0o755, "st_nlink": 2}
        if path == f"/{NAME}":
            return {"st_mode": S_IFREG | 0o600, "st_nlink": 1, "st_size": os.fstat(self._medium).st_size}
        raise OSError(errno.ENOENT, os.strerror(errno.ENOENT))

    def open(self, path: str, flags: int) -> int:
        return 1

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        faults = self._faults("read")
        came = bytearray(os.pread(self._medium, size, offset))
        if "flip" in faults and came:
            came[len(came) // 2] ^= FLIPPED_BIT
        return bytes(came)

    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        return len(data) if "drop" in self._faults("write") else os.pwrite(self._medium, data, offset)

    def fsync(self, path: str, datasync: int, fh: int) -> int:
        self._faults("sync")
        return 0

    def _faults(self, call: str) -> frozenset[str]:
        while "hang" in (faults := frozenset(self._switch.read_text().split())):
            time.sleep(0.05)
        for fault in faults:
            if fault.startswith(f"{call}:"):
                number = getattr(errno, fault.partition(":")[2])
                raise OSError(number, os.strerror(number))
        return faults


if __name__ == "__main__":
    import mfusepy  # type: ignore[import-untyped]  # it has no types

    disk = Disk(Path(sys.argv[2]), Path(sys.argv[3]))
    mfusepy.FUSE(disk, sys.argv[1], foreground=True, direct_io=True)

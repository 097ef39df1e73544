"""Files that stand for disks: real block devices with a real file system, made and looked into by a test as root."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

FILESYSTEM: Final = "ext4"
"""The one that every kernel has; FAT is tried in machines of its own."""
ORDINARY_KIB: Final = 4096
FULL_KIB: Final = 80
"""Half of it is kept back, and what is left is less than a write wants to spare."""


@dataclass(frozen=True)
class LoopDisk:
    """A disk of one file system, nothing on it."""

    image: Path
    device: str
    """As in `/dev/loop3`."""

    @classmethod
    def make(cls, image: Path, kib: int = ORDINARY_KIB, *, read_only: bool = False) -> Self:
        """A new one; `unmake` it."""
        with image.open("wb") as file:
            file.truncate(kib * 1024)
        features = ("-O", "^has_journal,^resize_inode", "-m", "50", "-N", "16", "-b", "1024")
        _run("mke2fs", "-q", "-F", "-t", FILESYSTEM, *features, image)
        _run("debugfs", "-w", "-R", "rmdir lost+found", image)
        options = ("--read-only",) if read_only else ()
        return cls(image, _run("losetup", "--find", "--show", *options, image).strip())

    @property
    def number(self) -> tuple[int, int]:
        """Major and minor, as the kernel tells them."""
        device = Path(self.device).stat().st_rdev
        return os.major(device), os.minor(device)

    def files(self) -> dict[str, bytes]:
        """Every file on it."""
        with self._mounted("ro") as place:
            return {path.name: path.read_bytes() for path in place.iterdir() if path.is_file()}

    def put(self, name: str, data: bytes) -> None:
        """A file of its owner."""
        with self._mounted("rw") as place:
            (place / name).write_bytes(data)

    def put_folder(self, name: str) -> None:
        """An empty one."""
        with self._mounted("rw") as place:
            (place / name).mkdir()

    def let_go(self) -> None:
        """Mounted nowhere any more: what was written is on it."""
        with suppress(subprocess.CalledProcessError):
            while True:
                _run("umount", "--lazy", self.device)

    def unmake(self) -> None:
        """Also when it is still mounted somewhere."""
        self.let_go()
        with suppress(subprocess.CalledProcessError):
            _run("losetup", "--detach", self.device)

    @contextmanager
    def _mounted(self, options: str) -> Iterator[Path]:
        with tempfile.TemporaryDirectory() as place:
            _run("mount", "-t", FILESYSTEM, "-o", options, self.device, place)
            try:
                yield Path(place)
            finally:
                _run("umount", place)


def _run(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout

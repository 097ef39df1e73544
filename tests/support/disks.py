"""Small disks of a test's own: of any size, read only, without a place for another file, or to be cut from power."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WRITES_BACK_SELDOM = "loop,commit=300"
"""What was not synced stays in memory for five minutes, so a cut loses it."""


@contextmanager
def a_disk_in_memory(place: Path, options: str) -> Iterator[Path]:
    """A tmpfs at `place` with mount options such as `size=64k` or `nr_inodes=2`."""
    place.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


def make_read_only(place: Path) -> None:
    """What is mounted at `place` takes nothing any more."""
    subprocess.run(["mount", "-o", "remount,ro", place], check=True)


def an_image(path: Path, megabytes: int) -> Path:
    """A file with an empty ext4 in it."""
    with path.open("wb") as file:
        file.truncate(megabytes * 1024 * 1024)
    subprocess.run(["mkfs.ext4", "-q", "-F", path], check=True)
    return path


@contextmanager
def mounted(image: Path, place: Path) -> Iterator[Path]:
    """The file system of `image` at `place`, writing back as late as it may."""
    place.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-o", WRITES_BACK_SELDOM, image, place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


def cut(image: Path, number: int) -> Path:
    """What the device of `image` holds at this moment, in a new file: the page cache is not in it."""
    return Path(shutil.copyfile(image, image.with_name(f"cut{number}.img")))


def fill(disk: Path, leaving: int = 0) -> Path:
    """Write a file until nothing fits any more, then give `leaving` octets back; the file."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            file.truncate(max(0, file.tell() - leaving))
    return ballast

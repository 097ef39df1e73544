"""Images of sticks, made on this machine before a machine plugs them in, and read again when it has stopped."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

SECTOR: Final = 512
FIRST: Final = 2048
"""Sectors before the partition."""
SIZE: Final = 40 * 1024 * 1024
"""Bytes of a file system; FAT32 needs as much as this."""
_PIECE: Final = 1024 * 1024
_MAKERS: Final = {
    "fat32": ("c", "mkfs.vfat", "-F32", "-s1", "-i", "cafe0001", "-n"),
    "fat16": ("6", "mkfs.vfat", "-F16", "-i", "cafe0002", "-n"),
    "exfat": ("7", "mkfs.exfat", "-L"),
    "ntfs": ("7", "mkfs.ntfs", "-Q", "-F", "-q", "-L"),
    "ext4": ("83", "mkfs.ext4", "-q", "-F", "-L"),
}


def make(path: Path, filesystem: str, label: str = "STICK") -> Path:
    """A stick with one partition of that kind; "blank" is one that nobody formatted."""
    partition = path.with_suffix(".part")
    with path.open("wb") as disk:
        disk.truncate(FIRST * SECTOR + SIZE)
    if filesystem == "blank":
        return path
    kind, *maker = _MAKERS[filesystem]
    with partition.open("wb") as space:
        space.truncate(SIZE)
    output_of(*maker, label, str(partition))
    output_of("sfdisk", str(path), text=f"label: dos\nstart={FIRST}, type={kind}\n")
    with path.open("r+b") as disk, partition.open("rb") as space:
        for number in range(SIZE // _PIECE):
            piece = space.read(_PIECE)
            if piece.strip(b"\0"):  # holes stay holes
                disk.seek(FIRST * SECTOR + number * _PIECE)
                disk.write(piece)
    partition.unlink()
    return path


def fill(path: Path, leaving: int) -> None:
    """Put one big file onto a FAT stick so that about `leaving` bytes stay free."""
    ballast = path.with_suffix(".ballast")
    free = int(
        output_of("mdir", "-i", _inside(path), "::").split("bytes free")[0].splitlines()[-1].replace(" ", "")
    )
    with ballast.open("wb") as file:
        file.truncate(free - leaving)
    add(path, ballast, "BALLAST.BIN")
    ballast.unlink()


def add(path: Path, file: Path, name: str) -> None:
    """Put a file onto a FAT stick."""
    output_of("mcopy", "-i", _inside(path), str(file), f"::{name}")


def relabel(path: Path, label: bytes) -> None:
    """Any 11 bytes as the name of a FAT stick, in both places where FAT keeps it."""
    old = b"STICK".ljust(11)
    assert len(label) == len(old)
    data = path.read_bytes()
    assert data.count(old) >= 2
    path.write_bytes(data.replace(old, label))


def files_on_fat(path: Path) -> dict[str, bytes]:
    """Every file in the root directory, read by mtools."""
    listed = output_of("mdir", "-b", "-i", _inside(path), "::").splitlines()
    names = [line.removeprefix("::/") for line in listed if line.startswith("::/")]
    return {name: _bytes("mtype", "-i", _inside(path), f"::{name}") for name in names}


def files_on_exfat(path: Path) -> dict[str, bytes]:
    """Every file in the root directory, read by the exFAT of FUSE; root only."""
    with _mounted_exfat(path) as folder:
        return {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}


@contextmanager
def _mounted_exfat(path: Path) -> Iterator[Path]:
    place = path.with_suffix(".mounted")
    place.mkdir(exist_ok=True)
    device = output_of(
        *("losetup", "--find", "--show", "--read-only", "--offset", str(FIRST * SECTOR), str(path))
    ).strip()
    try:
        output_of("mount.exfat-fuse", "-o", "ro", device, str(place))
        try:
            yield place
        finally:
            output_of("umount", str(place))
    finally:
        output_of("losetup", "--detach", device)


def _inside(path: Path) -> str:
    return f"{path}@@{FIRST * SECTOR}"


def output_of(*command: str, text: str = "") -> str:
    """What a program said; raises `AssertionError` with its complaints."""
    return _bytes(*command, text=text).decode("utf-8", errors="replace")


def _bytes(*command: str, text: str = "") -> bytes:
    done = subprocess.run(command, input=text.encode(), capture_output=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{command}: {done.stderr.decode(errors='replace')}")
    return done.stdout

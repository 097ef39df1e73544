"""Directories that stand for sticks: naming one, opening one, asking what it allows."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from kiosk.media.emptiness import holds_nothing
from kiosk.media.identity import DirectoryIdentity
from kiosk.media.volumes import StickRef

BACKEND: Final = "directory"
_O_PATH: Final = getattr(os, "O_PATH", os.O_RDONLY)
_EFFECTIVE: Final = os.access in os.supports_effective_ids


def reference(handle: int, name: str) -> StickRef:
    """The directory behind `handle`, found under `name`; another one under the same name has another reference."""
    which = DirectoryIdentity.of(handle)
    token = f"{which.device:x}-{which.inode:x}-{which.born_ns:x}-{os.fsencode(name).hex()}"
    return StickRef(BACKEND, token)


def name_in(ref: StickRef) -> str:
    """The name `reference` was given. Raises `ValueError` for a reference that was made elsewhere."""
    name = os.fsdecode(bytes.fromhex(ref.token.rpartition("-")[2]))
    if ref.backend != BACKEND or name in {"", ".", ".."} or "/" in name or "\x00" in name:
        raise ValueError("not a reference to a directory")
    return name


def stick_names(folder: Path) -> Iterator[str]:
    """Names of the sub-directories; hidden ones and links are no sticks. Raises `OSError`."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False):
                yield entry.name


@contextmanager
def opened(path: Path, *, to_look_at: bool = False) -> Iterator[int]:
    """A handle of a directory, never through a link; `to_look_at` needs no right to read it. Raises `OSError`."""
    flags = _O_PATH if to_look_at else os.O_RDONLY
    handle = os.open(path, flags | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        yield handle
    finally:
        os.close(handle)


def is_writable(handle: int) -> bool:
    """Whether a file could be made in there; also false on a file system mounted for reading only."""
    if os.fstatvfs(handle).f_flag & os.ST_RDONLY:
        return False
    return os.access(".", os.W_OK | os.X_OK, dir_fd=handle, effective_ids=_EFFECTIVE)


def is_empty(handle: int) -> bool:
    """Whether nothing of anybody's is in there; looks no further than the second entry. Raises `OSError`."""
    readable = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=handle)
    try:
        with os.scandir(readable) as entries:
            return holds_nothing((entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries)
    finally:
        os.close(readable)


def is_taken(handle: int, name: str) -> bool:
    """Whether that very name is there, whatever it is. Raises `OSError`."""
    try:
        os.stat(name, dir_fd=handle, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def is_taken_in_other_case(handle: int, name: str) -> bool:
    """Whether a stick formatted with FAT would call the name taken (E-45). Raises `OSError`."""
    with os.scandir(handle) as entries:
        return any(entry.name.casefold() == name.casefold() for entry in entries)

"""In the emulated terminal: whatever its account put down on the terminal's own disks, wherever it may write."""

import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

PLACES: Final = ("/run", "/tmp", "/var/tmp", "/dev/shm", "/media")  # noqa: S108  looked into, never written to
"""The account may write nowhere else; the last one is where UDisks makes the places for its mounts."""


def holding(mark: bytes) -> list[str]:
    """The files of this account that hold `mark`, those on mounted sticks excepted.

    Raises AssertionError when it would not even find one that lies there on purpose.
    """
    with tempfile.NamedTemporaryFile() as control:
        control.write(b"before" + mark + b"after")
        control.flush()
        found = [str(path) for path in _own_files() if mark in path.read_bytes()]
        assert control.name in found, found
    return [path for path in found if path != control.name]


def _own_files() -> Iterator[Path]:
    for place in PLACES:
        for folder, folders, names in os.walk(place):
            folders[:] = [name for name in folders if _is_looked_into(Path(folder, name))]
            yield from (path for name in names if _is_own(path := Path(folder, name)))


def _is_looked_into(folder: Path) -> bool:
    return not folder.is_symlink() and not folder.is_mount() and os.access(folder, os.W_OK)


def _is_own(path: Path) -> bool:
    try:
        facts = path.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISREG(facts.st_mode) and facts.st_uid == os.getuid()

"""What only has to survive the death of a process lies in memory: to sync it costs nothing there, and nobody waits."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

MEMORY: Final = Path("/dev/shm")  # noqa: S108  # a folder of our own in it
ROOM: Final = 4 * 1024**3
"""Bytes, for what all workers keep there at a time; containers have 64 MB there by default."""
_REGISTRIES: Final = frozenset({"database_url", "empty_database_url"})
"""Not the practice counter: screens draw for so long that little would be won."""


def has_room() -> bool:
    """Whether this machine has such a place, and enough of it."""
    try:
        return shutil.disk_usage(MEMORY).free > ROOM and os.access(MEMORY, os.W_OK)
    except OSError:
        return False


@pytest.fixture
def tmp_path(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """For a test with a registry of its own a folder in memory, gone after it; for every other the usual one on a disk.

    What is to survive a power cut has a disk of its own.
    """
    if not _REGISTRIES.intersection(request.fixturenames) or not has_room():
        yield tmp_path
        return
    folder = Path(tempfile.mkdtemp(prefix="registry-", dir=MEMORY))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)

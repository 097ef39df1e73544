"""A handle of the stick's own directory, or none: a path alone may lead to the disk of the terminal (I-20).

When a mount fails, falls back to reading only, or falls away, the place is still there: an empty directory on the
terminal's disk that takes a file as willingly. So the handle is asked what it is, and the path is never used again.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from kiosk.errors import NotTheSameStick, StickInUse, StickReadOnly, StickUnsupported
from kiosk.media.udisks.kernel import Kernel


@dataclass(frozen=True)
class MountedStick:
    """An open directory that is the root of the stick's file system; every call starts from `handle`."""

    handle: int
    device: int
    """What `st_dev` of every file on it has to be."""


@dataclass(frozen=True)
class Expected:
    """What has to be mounted at a place before a byte goes there."""

    partition: str
    """The kernel's name (`sda1`)."""
    filesystems: frozenset[str]
    """As mountinfo calls them."""
    writable: bool

    @contextmanager
    def opened(self, path: bytes, kernel: Kernel) -> Iterator[MountedStick]:
        """The one use of the path. Blocking.

        Raises `OSError`; `NotTheSameStick` when something else is there, the terminal's own disk for one;
        `StickReadOnly` when it may not be written although it should; `StickUnsupported` for another file system;
        `StickInUse` when it is mounted in a second place, or may be written although it should not.
        """
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            yield self._checked(handle, kernel)
        finally:
            os.close(handle)

    def _checked(self, handle: int, kernel: Kernel) -> MountedStick:
        device = os.fstat(handle).st_dev
        if device != kernel.device_number(self.partition):
            raise NotTheSameStick
        lines = kernel.mounts_of(device)
        if not lines or lines[0].root != b"/":
            raise NotTheSameStick  # it fell away between the two looks
        if len({line.path for line in lines}) > 1:
            raise StickInUse
        if lines[0].filesystem not in self.filesystems:
            raise StickUnsupported
        # Of the handle, not of a line: the kernel adds up what the mount and the file system say.
        writable = not os.fstatvfs(handle).f_flag & os.ST_RDONLY
        if writable is not self.writable:
            raise StickReadOnly if self.writable else StickInUse
        return MountedStick(handle, device)

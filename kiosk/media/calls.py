"""The calls of the operating system that a write consists of, in one place so that a test can put a fault into each.

Every call works on a directory handle, never on a path: if a stick goes away, a path silently leads to the disk of
the terminal, a handle does not (I-20).
"""

import ctypes
import errno
import os
from typing import Final

RENAME_NOREPLACE: Final = 1
_NOT_OFFERED: Final = frozenset({errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP})
_NO_LINKS: Final = _NOT_OFFERED | {errno.EPERM}
DIRECT: Final = getattr(os, "O_DIRECT", 0)
"""Reads past the page cache, which shows what was written whether or not the stick kept it."""

_libc = ctypes.CDLL(None, use_errno=True)


class FileCalls:
    """The real ones. All raise `OSError`."""

    def create(self, folder: int, name: str) -> int:
        """A new file, never an existing one and never through a link."""
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        return os.open(name, flags, 0o600, dir_fd=folder)

    def open(self, folder: int, name: str, *, direct: bool) -> int:
        """An existing file for reading; never through a link, and never waiting for a device or a pipe."""
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        return os.open(name, flags | (DIRECT if direct else 0), dir_fd=folder)

    def open_to_wipe(self, folder: int, name: str) -> int:
        """An existing file for writing; never through a link, and never waiting."""
        flags = os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        return os.open(name, flags, dir_fd=folder)

    def write(self, file: int, data: memoryview, offset: int) -> int:
        """How many bytes were taken: a full stick takes some of them without an error."""
        return os.pwrite(file, data, offset)

    def read(self, file: int, into: memoryview, offset: int) -> int:
        """How many bytes came; 0 at the end."""
        return os.preadv(file, [into], offset)

    def sync(self, file: int) -> None:
        """Until the device has it. A failure is final: a second call may succeed without having written anything."""
        os.fsync(file)

    def sync_file_system(self, file: int) -> None:
        """Until the device has everything of the file system that `file` is on."""
        if _libc.syncfs(file) != 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))

    def rename_new(self, folder: int, old: str, new: str) -> None:
        """Give a file its name unless something has it already (`FileExistsError`)."""
        try:
            _renameat2(folder, old, new)
        except OSError as error:
            if error.errno not in _NOT_OFFERED:
                raise
            _link(folder, old, new, instead_of=error)
            os.unlink(old, dir_fd=folder)

    def unlink(self, folder: int, name: str) -> None:
        """Remove a name."""
        os.unlink(name, dir_fd=folder)

    def stat(self, folder: int, name: str) -> os.stat_result:
        """Facts about a name itself, not about what a link leads to."""
        return os.stat(name, dir_fd=folder, follow_symlinks=False)

    def close(self, file: int) -> None:
        """Let a handle go."""
        os.close(file)


def _link(folder: int, old: str, new: str, *, instead_of: OSError) -> None:
    """The second way to spare a taken name; a file system that offers neither is told by what it said to the first."""
    try:
        os.link(old, new, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
    except OSError as error:
        raise instead_of if error.errno in _NO_LINKS else error from None


def _renameat2(folder: int, old: str, new: str) -> None:
    call = getattr(_libc, "renameat2", None)
    if call is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    if call(folder, os.fsencode(old), folder, os.fsencode(new), RENAME_NOREPLACE) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))

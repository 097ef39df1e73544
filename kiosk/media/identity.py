"""Which directory this is: a name alone does not tell a stick from the one that came after it."""

import ctypes
import os
import struct
from dataclasses import dataclass
from typing import Final, Self

_AT_EMPTY_PATH: Final = 0x1000
_STATX_BTIME: Final = 0x800
_STATX_BYTES: Final = 256
_MASK: Final = struct.Struct("=I")
_BORN: Final = struct.Struct("=qI")
_BORN_AT: Final = 80

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class DirectoryIdentity:
    """Device, inode and moment of birth; the last because file systems give a free inode out again at once."""

    device: int
    inode: int
    born_ns: int
    """Nanoseconds since 1970; 0 where the file system does not keep it."""

    @classmethod
    def of(cls, handle: int) -> Self:
        """Of an open directory. Raises `OSError`."""
        facts = os.fstat(handle)
        return cls(facts.st_dev, facts.st_ino, _born_ns(handle))


def _born_ns(handle: int) -> int:
    statx = getattr(_libc, "statx", None)
    if statx is None:
        return 0
    answer = ctypes.create_string_buffer(_STATX_BYTES)
    if statx(handle, b"", _AT_EMPTY_PATH, _STATX_BTIME, answer) != 0:
        return 0
    (mask,) = _MASK.unpack_from(answer.raw)
    if not mask & _STATX_BTIME:
        return 0
    seconds, nanoseconds = _BORN.unpack_from(answer.raw, _BORN_AT)
    return int(seconds) * 1_000_000_000 + int(nanoseconds)

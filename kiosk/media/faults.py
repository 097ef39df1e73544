"""What an error number of the operating system means for the person who holds the stick.

The number alone never says that a stick was pulled out: that is asked of the device itself, before this table is.
"""

import errno
from typing import Final

from kiosk.errors import (
    FileAlreadyThere,
    LeftBehind,
    MediaError,
    MediaUnavailable,
    StickCorrupt,
    StickFull,
    StickInUse,
    StickIoFailure,
    StickReadOnly,
    StickRemoved,
    StickTimedOut,
    StickUnsupported,
)

_MEANING: Final[dict[type[MediaError], frozenset[int]]] = {
    StickFull: frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG}),
    StickReadOnly: frozenset({errno.EROFS, errno.EACCES, errno.EPERM}),
    StickRemoved: frozenset({errno.ENOENT, errno.ESTALE, errno.ENOTDIR, errno.ELOOP}),
    StickCorrupt: frozenset({getattr(errno, "EUCLEAN", errno.EBADMSG), errno.EBADMSG}),
    StickUnsupported: frozenset({errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENAMETOOLONG}),
    StickInUse: frozenset({errno.EBUSY, errno.ETXTBSY}),
    StickTimedOut: frozenset({errno.ETIMEDOUT}),
    FileAlreadyThere: frozenset({errno.EEXIST}),
    MediaUnavailable: frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM}),
}


def explained(error: OSError, left_behind: LeftBehind) -> MediaError:
    """The refusal or failure behind `error` on a stick that is still there; `StickIoFailure` when nothing fits."""
    for kind, numbers in _MEANING.items():
        if error.errno in numbers:
            return kind(left_behind=left_behind)
    return StickIoFailure(left_behind=left_behind)

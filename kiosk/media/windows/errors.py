"""What an error number of Windows means for the person who holds the stick.

The number alone never says that a stick was pulled out: that is asked of Plug and Play, before this table is.
"""

from collections.abc import Mapping
from typing import Final

from kiosk.errors import (
    FileAlreadyThere,
    LeftBehind,
    MediaError,
    MediaUnavailable,
    NotTheSameStick,
    StickCorrupt,
    StickEjectFailed,
    StickFull,
    StickInUse,
    StickIoFailure,
    StickNotAllowed,
    StickReadOnly,
    StickRemoved,
    StickTimedOut,
    StickUnsupported,
)
from kiosk.media.volumes import StickRefusal
from kiosk.media.windows.calls import VetoAnswer
from kiosk.rules.texts import device_text

ACCESS_DENIED: Final = 5
WRITE_PROTECT: Final = 19
NOT_READY: Final = 21
UNRECOGNIZED_VOLUME: Final = 1005
FVE_E_LOCKED_VOLUME: Final = 0x80310000
"""BitLocker, not unlocked."""
ABSENT: Final = frozenset({2, 3})
"""ERROR_FILE_NOT_FOUND and ERROR_PATH_NOT_FOUND."""

_MEANING: Final[Mapping[type[MediaError], frozenset[int]]] = {
    StickNotAllowed: frozenset({ACCESS_DENIED, 1260}),  # a policy of the bank, as "Deny write access"
    StickReadOnly: frozenset({WRITE_PROTECT}),
    StickFull: frozenset({39, 82, 112}),  # 82: no room in the root folder of a FAT
    FileAlreadyThere: frozenset({80, 183}),
    StickRemoved: frozenset({NOT_READY, 55, 433, 1110, 1167}) | ABSENT,
    NotTheSameStick: frozenset({34}),
    StickIoFailure: frozenset({23, 29, 30, 31, 483, 1117}),
    StickCorrupt: frozenset({UNRECOGNIZED_VOLUME, 1392, 1393}),
    StickInUse: frozenset({32, 33, 170, 2404}),
    StickTimedOut: frozenset({121, 1460}),
    StickUnsupported: frozenset({1, 50, 87, 123, FVE_E_LOCKED_VOLUME}),
    MediaUnavailable: frozenset({4, 8, 14, 1450}),
}
"""Numbers of winerror.h."""


def explained(code: int, left_behind: LeftBehind) -> MediaError:
    """The refusal or failure behind `code` on a stick that is still there; `StickIoFailure` when nothing fits."""
    for kind, codes in _MEANING.items():
        if code in codes:
            error = kind(left_behind=left_behind)
            if isinstance(error, StickNotAllowed):
                error.refusal = StickRefusal.BLOCKED_BY_POLICY
            if code == FVE_E_LOCKED_VOLUME and isinstance(error, StickUnsupported):
                error.refusal = StickRefusal.ENCRYPTED
            return error
    return StickIoFailure(left_behind=left_behind)


class Vetoed(Exception):
    """The cause of a refused eject: who said no, fit to be shown."""


_VETOES: Final = (
    *("unknown", "legacy device", "a file is being closed", "a Windows program", "a Windows service"),
    *("a file is open", "a device", "a driver", "refused", "no power", "cannot be switched off"),
    *("legacy driver", "no rights", "already removed"),
)
"""PNP_VETO_TYPE by number."""
_STILL_OPEN: Final = frozenset({2, 3, 4, 5})
"""Whoever closes something can eject it then."""
_ALREADY_REMOVED: Final = 13


def refused_to_eject(veto: VetoAnswer) -> MediaError | None:
    """Why a stick may not be pulled yet, with `Vetoed` as its cause; None when it is out already."""
    if veto.kind == _ALREADY_REMOVED:
        return None
    word = _VETOES[veto.kind] if 0 <= veto.kind < len(_VETOES) else _VETOES[0]
    error = StickInUse() if veto.kind in _STILL_OPEN else StickEjectFailed()
    error.__cause__ = Vetoed(f"{word}: {device_text(veto.name)}")
    return error

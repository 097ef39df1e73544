"""Why a stick may not be used, as the refusal that a person reads."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from kiosk.errors import (
    MediaError,
    StickInUse,
    StickNotAllowed,
    StickNotEmpty,
    StickReadOnly,
    StickRemoved,
    StickUnsupported,
)
from kiosk.media.volumes import StickRefusal

_PLAIN: Final[Mapping[StickRefusal, type[MediaError]]] = MappingProxyType(
    {
        StickRefusal.NOT_EMPTY: StickNotEmpty,
        StickRefusal.WRITE_PROTECTED: StickReadOnly,
        StickRefusal.NO_MEDIUM: StickRemoved,
        StickRefusal.IN_USE: StickInUse,
    }
)
_UNSUPPORTED: Final = frozenset(
    {
        StickRefusal.NO_FILESYSTEM,
        StickRefusal.UNSUPPORTED_FS,
        StickRefusal.ENCRYPTED,
        StickRefusal.SEVERAL_VOLUMES,
    }
)
"""Another stick helps; every other refusal is about a device that may not be used here at all."""


def error_of(refusal: StickRefusal) -> MediaError:
    """To be raised where a stick is used all the same."""
    if refusal in _PLAIN:
        return _PLAIN[refusal]()
    if refusal in _UNSUPPORTED:
        return StickUnsupported(refusal=refusal)
    return StickNotAllowed(refusal=refusal)

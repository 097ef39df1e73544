"""When a stick counts as empty (DOMAIN decision 8): told by its first entries, whose names nobody learns."""

from collections.abc import Iterable
from typing import Final

_MADE_BY_WINDOWS: Final = "system volume information"


def is_nobodys(name: str, *, is_folder: bool) -> bool:
    """Whether an entry of the root is the folder that Windows makes on every stick it sees.

    The bin (`$RECYCLE.BIN`) is none: it holds what somebody deleted and may want back.
    """
    return is_folder and name.casefold() == _MADE_BY_WINDOWS


def holds_nothing(entries: Iterable[tuple[str, bool]]) -> bool:
    """Whether nothing of anybody's is among the entries (name, is it a folder) of a root; takes two of them at most."""
    for place, (name, is_folder) in enumerate(entries):
        if place or not is_nobodys(name, is_folder=is_folder):
            return False
    return True

"""Entries that were looked at when they were signed before: of a list with one more, only that one is new."""

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Final

from kiosk.pki.crl_difference import place_of_what_is_new

_TYPICAL: Final = (0x31, 0x23)
"""Lengths of an entry with a serial of 18 octets, with a reason and without."""
_ENTRY: Final = b"|".join(
    b"\\x30%b\\x02[\\x01-\\x14][\\x00-\\x7f].{%d}" % (re.escape(bytes((length,))), length - 3)
    for length in (*_TYPICAL, *range(18, 0x80))
)
"""One short element that begins with a serial of at most 20 octets that is not negative: any entry of ours."""
ONE: Final = re.compile(_ENTRY, re.DOTALL)
_ALL: Final = re.compile(b"(?:%b)*+" % _ENTRY, re.DOTALL)
_STEP: Final = 1 << 15
"""Octets from one known beginning to the next, about."""


class NotEntries(ValueError):
    """Octets that are not whole elements with serials of ours, one after the other."""


@dataclass(frozen=True)
class Known:
    """Whole entries, one after the other, and at which octets some of them begin."""

    entries: bytes = field(default=b"", repr=False)
    _begins: tuple[int, ...] = field(default=(0,), repr=False)
    """In their order, and not far from one another."""

    def followed_by(self, entries: bytes) -> tuple["Known", bytes]:
        """What is known after a list of these entries, and what of it is new: one element, or all; raises `NotEntries`.

        Only what is new is looked at.
        """
        place = place_of_what_is_new(self.entries, entries)
        found = None if place is None else self._one_more(entries, place)
        if found is None:
            return Known(entries, _begins_in(entries)), entries
        return found

    def _one_more(self, entries: bytes, place: slice) -> tuple["Known", bytes] | None:
        """None when it is not one element that was put in between the known ones."""
        before = bisect_right(self._begins, place.start)
        # two neighbours may begin alike, so what is new begins with the element in which the first difference lies
        begin = _whole_until(entries, self._begins[before - 1], place.start)
        length = place.stop - place.start
        end = begin + length
        if ONE.fullmatch(entries, begin, end) is None or not self.entries.endswith(memoryview(entries)[end:]):
            return None
        later = (known + length for known in self._begins[before:])
        return Known(entries, (*self._begins[:before], *later)), entries[begin:end]


def _begins_in(entries: bytes) -> tuple[int, ...]:
    begins, at = [0], 0
    while at < len(entries):
        end = _whole_until(entries, at, at + _STEP)
        if end == at:
            raise NotEntries("an entry is not a whole element with a serial of ours")
        begins.append(end)
        at = end
    return tuple(begins)


def _whole_until(entries: bytes, begin: int, end: int) -> int:
    """Where the last element ends that ends before `end`; `begin` when there is none."""
    whole = _ALL.match(entries, begin, end)
    return begin if whole is None else whole.end()

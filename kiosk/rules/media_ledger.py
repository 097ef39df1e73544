"""The ledger of numbered media (媒体受払): where a medium may go by hand, and runs of numbers (E-87, DOMAIN 3.4)."""

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

MOST_AT_ONCE = 500
"""Media of one delivery."""


class MediumState(StrEnum):
    """Where a medium is."""

    IN_STOCK = "in_stock"
    IN_USE = "in_use"
    """Taken out for a reception that is under way."""
    HANDED_OVER = "handed_over"
    DAMAGED = "damaged"
    RETURNED = "returned"
    """Given back: by a customer, or by the branch to the office. It never goes out again: one certificate each."""


BY_HAND: Mapping[MediumState, frozenset[MediumState]] = MappingProxyType(
    {
        MediumState.IN_STOCK: frozenset({MediumState.DAMAGED, MediumState.RETURNED}),
        MediumState.IN_USE: frozenset(),
        MediumState.HANDED_OVER: frozenset({MediumState.DAMAGED, MediumState.RETURNED}),
        MediumState.DAMAGED: frozenset({MediumState.RETURNED}),
        MediumState.RETURNED: frozenset(),
    }
)
"""What a person may note; everything else belongs to the reception that uses the medium."""

_NUMBER = re.compile(r"([A-Za-z0-9-]*?)([0-9]+)", re.ASCII)


def may_note(a: MediumState, b: MediumState) -> bool:
    """Whether a person may note that a medium in state `a` is now in state `b`."""
    return b in BY_HAND[a]


def run_of_numbers(first: str, last: str) -> tuple[str, ...] | None:
    """Every number from `first` to `last`, such as M0101 to M0120; only `first` when `last` is empty.

    None when the two do not begin alike, are not equally long, run backwards or are too many.
    """
    if not last:
        return (first,)
    begins, ends = _NUMBER.fullmatch(first), _NUMBER.fullmatch(last)
    if begins is None or ends is None or begins[1] != ends[1] or len(begins[2]) != len(ends[2]):
        return None
    lowest, highest = int(begins[2]), int(ends[2])
    if not 0 <= highest - lowest < MOST_AT_ONCE:
        return None
    return tuple(f"{begins[1]}{number:0{len(begins[2])}}" for number in range(lowest, highest + 1))

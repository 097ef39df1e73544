"""Long rounds of the garbage collector wait until nobody types."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from screens.collecting import DUE, OVERDUE, RESTED, collect_if_due, hold_long_rounds


class Knot:
    """Garbage that only a long round finds once it is old."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def held() -> Iterator[None]:
    """The collector as the kiosk has it; afterwards as it was."""
    before = gc.get_threshold()
    hold_long_rounds()
    gc.collect()
    yield
    gc.set_threshold(*before)


def old_garbage() -> "weakref.ref[Knot]":
    """A knot that has outlived the short rounds and that nobody needs any more."""
    knot = Knot()
    gc.collect(1)
    return weakref.ref(knot)


def middle_rounds(number: int) -> None:
    for _ in range(number):
        gc.collect(1)


def test_old_garbage_waits_while_somebody_types() -> None:
    garbage = old_garbage()
    middle_rounds(2 * DUE)

    assert not collect_if_due(RESTED / 2)
    assert garbage() is not None


def test_old_garbage_goes_while_nobody_types() -> None:
    garbage = old_garbage()
    middle_rounds(DUE)

    assert collect_if_due(RESTED)
    assert garbage() is None


def test_a_quiet_kiosk_does_not_collect_over_and_over() -> None:
    assert not collect_if_due(60.0)


def test_memory_stays_bounded_at_a_counter_that_never_rests() -> None:
    garbage = old_garbage()
    middle_rounds(OVERDUE)

    assert collect_if_due(0.0)
    assert garbage() is None


def test_the_collector_takes_no_long_round_by_itself() -> None:
    garbage = old_garbage()
    rounds = gc.get_stats()[2]["collections"]
    kept = [[] for _ in range(200_000)]  # type: ignore[var-annotated]  # enough for many middle rounds

    assert gc.get_stats()[2]["collections"] == rounds
    assert garbage() is not None
    assert len(kept) == 200_000

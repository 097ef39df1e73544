"""Where a medium may go by hand, and runs of numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.rules.media_ledger import BY_HAND, MOST_AT_ONCE, MediumState, may_note, run_of_numbers


@pytest.mark.rule("E-87")
def test_what_a_reception_uses_is_not_noted_by_hand_and_nothing_comes_back_into_the_stock() -> None:
    assert BY_HAND[MediumState.IN_USE] == frozenset()
    assert not any(may_note(state, MediumState.IN_STOCK) for state in MediumState)
    assert set(BY_HAND) == set(MediumState)


@pytest.mark.rule("E-87")
@pytest.mark.parametrize("state", MediumState)
@pytest.mark.parametrize("noted", MediumState)
def test_what_lies_about_may_break_and_what_broke_may_only_be_given_back(
    state: MediumState, noted: MediumState
) -> None:
    lies_about = state in {MediumState.IN_STOCK, MediumState.HANDED_OVER}
    broke = state is MediumState.DAMAGED
    assert may_note(state, noted) == (
        (lies_about and noted is MediumState.DAMAGED)
        or ((lies_about or broke) and noted is MediumState.RETURNED)
    )


@pytest.mark.parametrize(
    ("first", "last", "numbers"),
    [
        ("M0101", "", ("M0101",)),
        ("M0098", "M0101", ("M0098", "M0099", "M0100", "M0101")),
        ("7", "9", ("7", "8", "9")),
        ("A-01-8", "A-01-9", ("A-01-8", "A-01-9")),
        ("M0101", "M0101", ("M0101",)),
        ("M0001", "M0500", tuple(f"M{number:04}" for number in range(1, 501))),
    ],
)
def test_a_run_is_counted_in_its_last_digits(first: str, last: str, numbers: tuple[str, ...]) -> None:
    assert run_of_numbers(first, last) == numbers


@pytest.mark.parametrize(
    ("first", "last"),
    [("M0102", "M0101"), ("M99", "M100"), ("M01", "N02"), ("M01", "M"), ("M0000", "M0500"), ("１", "２")],
)
def test_what_is_no_run_is_none(first: str, last: str) -> None:
    assert run_of_numbers(first, last) is None


@given(st.integers(0, 9_000), st.integers(0, MOST_AT_ONCE - 1))
def test_every_number_of_a_run_is_there_once(first: int, more: int) -> None:
    numbers = run_of_numbers(f"M{first:05}", f"M{first + more:05}")
    assert numbers is not None
    assert len(set(numbers)) == more + 1
    assert (numbers[0], numbers[-1]) == (f"M{first:05}", f"M{first + more:05}")

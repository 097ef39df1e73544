"""How a block came, read out of the lock history; and how often it was lifted."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kiosk.rules.unblocking import LockCycle, LockMark, cycles, recent

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SHORT = {"f": "failed", "L": "locked", "B": "blocked", "c": "cleared", "u": "unblocked"}


def read(history: str) -> tuple[LockCycle, ...]:
    """The cycles of a history, one letter a minute."""
    return cycles(
        LockMark(at=START + timedelta(minutes=minute), kind=SHORT[letter])
        for minute, letter in enumerate(history)
    )


@pytest.mark.rule("R-49", "E-26")
def test_three_series_of_six_lead_to_a_block() -> None:
    told = read("fffffL" * 2 + "fffffB")
    assert [(cycle.number, len(cycle.failures), cycle.ended) for cycle in told] == [
        (1, 6, "locked"),
        (2, 6, "locked"),
        (3, 6, "blocked"),
    ]
    assert told[0].ended_at == told[0].failures[-1] == START + timedelta(minutes=5)


@pytest.mark.rule("E-21", "E-27")
@pytest.mark.parametrize("fresh", ["c", "u"])
def test_a_right_password_and_an_unblocking_begin_anew(fresh: str) -> None:
    told = read("fffffL" + "ff" + fresh + "f")
    assert [(cycle.number, len(cycle.failures), cycle.ended) for cycle in told] == [(1, 1, None)]


def test_a_series_that_led_to_nothing_yet_is_told_as_open() -> None:
    assert [(cycle.number, cycle.ended_at) for cycle in read("fffffLff")] == [
        (1, START + timedelta(minutes=5)),
        (2, None),
    ]
    assert read("") == ()


@given(history=st.text(alphabet="fLBcu", max_size=40))
def test_every_failure_since_the_last_fresh_start_stands_in_one_cycle(history: str) -> None:
    told = read(history)
    since = max(history.rfind("c"), history.rfind("u")) + 1
    assert sum(len(cycle.failures) for cycle in told) == len(history) - since
    assert [cycle.number for cycle in told] == list(range(1, len(told) + 1))
    assert all(cycle.ended for cycle in told[:-1])


@given(days=st.lists(st.integers(-5, 90), max_size=8))
@example(days=[-1, 0, 30, 31])
def test_the_last_thirty_days_count_newest_first(days: list[int]) -> None:
    told = recent((START - timedelta(days=day) for day in days), START)
    assert list(told) == sorted((START - timedelta(days=day) for day in days if 0 <= day <= 30), reverse=True)

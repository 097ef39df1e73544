"""When the counter is open, and a clock that was set back."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from kiosk.rules.clock_watch import CLOCK_TOLERANCE, runs_back
from kiosk.rules.service_hours import ServiceHours, is_open
from kiosk.rules.validity import JST

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
HOURS = ServiceHours(
    opens=time(8, 0),
    closes=time(20, 0),
    closed_weekdays=frozenset({5, 6}),
    closed_days=frozenset({date(2026, 3, 20)}),
    closed_yearly=frozenset({(12, 31), (1, 1), (1, 2), (1, 3)}),
    enforced=True,
)


def in_japan(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=JST).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "opened"),
    [
        ("2026-03-02 07:59:59.999999", False),
        ("2026-03-02 08:00:00", True),
        ("2026-03-02 19:59:59.999999", True),
        ("2026-03-02 20:00:00", False),
        ("2026-03-06 12:00:00", True),
        ("2026-03-07 12:00:00", False),
        ("2026-03-08 12:00:00", False),
        ("2026-03-09 08:00:00", True),
        ("2026-03-19 12:00:00", True),
        ("2026-03-20 12:00:00", False),
        ("2026-12-30 12:00:00", True),
        ("2026-12-31 12:00:00", False),
        ("2027-01-01 12:00:00", False),
        ("2029-01-02 12:00:00", False),
        ("2027-01-04 12:00:00", True),
        ("2026-01-31 12:00:00", False),
        ("2026-12-01 12:00:00", True),
        ("2026-12-03 12:00:00", True),
    ],
)
def test_the_counter_keeps_japanese_hours_and_holidays(moment: str, opened: bool) -> None:
    assert is_open(HOURS, in_japan(moment)) is opened


def test_training_is_always_open() -> None:
    assert is_open(replace(HOURS, enforced=False), in_japan("2027-01-01 03:00:00"))


@pytest.mark.parametrize("enforced", [True, False])
def test_a_moment_without_a_zone_is_refused(enforced: bool) -> None:
    with pytest.raises(ValueError, match=r"^a moment needs its time zone$"):
        is_open(replace(HOURS, enforced=enforced), datetime(2026, 3, 2, 12))  # noqa: DTZ001  the point of the test


@pytest.mark.rule("E-91", "I-22")
@pytest.mark.parametrize(
    ("behind", "back"),
    [
        (timedelta(hours=-1), False),
        (timedelta(0), False),
        (timedelta(seconds=2), False),
        (timedelta(seconds=2, microseconds=1), True),
        (timedelta(days=1), True),
    ],
)
def test_a_clock_behind_the_newest_record_is_noticed(behind: timedelta, back: bool) -> None:
    assert runs_back(NOW, NOW - behind) is back


@pytest.mark.rule("E-91")
def test_without_any_record_the_clock_is_believed() -> None:
    assert not runs_back(None, NOW)
    assert timedelta(seconds=2) == CLOCK_TOLERANCE

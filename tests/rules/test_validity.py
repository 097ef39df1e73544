"""366 days of Japan, on a machine in any time zone."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.rules.validity import (
    JST,
    CertificateStanding,
    day_start,
    jst_date,
    renewable_from,
    standing,
    window_for,
    window_of_issue_day,
)

VALID, RENEWABLE, EXPIRED, REVOKED = CertificateStanding

VECTORS = [
    # issue day, last valid day, renewal opens, first expired day, not before (UTC), not after (UTC)
    ("2025-04-01", "2026-04-01", "2026-03-02", "2026-04-02", "2025-03-31 15:00:00", "2026-04-01 14:59:59"),
    ("2025-12-31", "2026-12-31", "2026-12-01", "2027-01-01", "2025-12-30 15:00:00", "2026-12-31 14:59:59"),
    ("2027-02-28", "2028-02-28", "2028-01-29", "2028-02-29", "2027-02-27 15:00:00", "2028-02-28 14:59:59"),
    ("2027-03-01", "2028-02-29", "2028-01-30", "2028-03-01", "2027-02-28 15:00:00", "2028-02-29 14:59:59"),
    ("2028-02-28", "2029-02-27", "2029-01-28", "2029-02-28", "2028-02-27 15:00:00", "2029-02-27 14:59:59"),
    ("2028-02-29", "2029-02-28", "2029-01-29", "2029-03-01", "2028-02-28 15:00:00", "2029-02-28 14:59:59"),
    ("2049-06-01", "2050-06-01", "2050-05-02", "2050-06-02", "2049-05-31 15:00:00", "2050-06-01 14:59:59"),
]

days = st.dates(date(2020, 1, 1), date(2100, 12, 31))
moments = st.datetimes(datetime(2020, 1, 2), datetime(2100, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001  zone below


@pytest.fixture(params=["Asia/Tokyo", "UTC", "America/New_York", "Pacific/Kiritimati"])
def machine_zone(request: pytest.FixtureRequest) -> Iterator[str]:
    """A machine that stands elsewhere."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield request.param
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


def in_japan(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=JST)


@pytest.mark.rule("R-01", "R-03", "E-01", "E-02", "E-03", "E-04", "E-05", "E-07", "I-6")
@pytest.mark.parametrize(("issued", "last", "opens", "expired", "not_before", "not_after"), VECTORS)
@pytest.mark.parametrize("pressed", ["00:00:00", "08:30:00", "08:59:59", "23:59:59.999999"])
def test_the_dates_of_a_certificate_follow_from_its_day_in_japan(
    machine_zone: str,
    pressed: str,
    issued: str,
    last: str,
    opens: str,
    expired: str,
    not_before: str,
    not_after: str,
) -> None:
    window = window_for(in_japan(f"{issued} {pressed}").astimezone(UTC))
    assert window.issue_date == date.fromisoformat(issued)
    assert window.last_valid_date == date.fromisoformat(last)
    assert window.renewable_from == date.fromisoformat(opens)
    assert window.first_expired_day == date.fromisoformat(expired)
    assert window.not_before.replace(tzinfo=None).isoformat(" ") == not_before
    assert window.not_after.replace(tzinfo=None).isoformat(" ") == not_after
    assert window.not_before.tzinfo is window.not_after.tzinfo is UTC


@pytest.mark.rule("E-04", "E-08", "I-6")
def test_before_nine_in_the_morning_utc_is_still_on_yesterday(machine_zone: str) -> None:
    pressed = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)
    assert window_for(pressed).issue_date == date(2026, 4, 1)


@pytest.mark.rule("R-01", "E-03", "I-6")
@given(days)
def test_a_certificate_lives_366_days_to_the_second(issued: date) -> None:
    window = window_of_issue_day(issued)
    both_ends_counted = window.not_after - window.not_before + timedelta(seconds=1)
    assert both_ends_counted == timedelta(seconds=366 * 86_400)
    assert window.first_expired_day - window.issue_date == timedelta(days=366)
    assert window.last_valid_date - window.renewable_from == timedelta(days=30)
    assert window.renewable_from == renewable_from(window.last_valid_date)


@pytest.mark.rule("E-08")
@given(moments)
def test_the_window_of_a_moment_is_that_of_its_day(pressed: datetime) -> None:
    window = window_for(pressed)
    assert window == window_of_issue_day(jst_date(pressed))
    assert window.not_before <= pressed < window.not_before + timedelta(days=1)


@pytest.mark.rule("E-05", "I-6")
@given(moments, st.integers(-14 * 60, 14 * 60))
def test_a_moment_is_the_same_day_in_whatever_zone_it_is_written(moment: datetime, offset: int) -> None:
    elsewhere = moment.astimezone(timezone(timedelta(minutes=offset)))
    assert jst_date(elsewhere) == jst_date(moment)


@pytest.mark.rule("I-6")
@given(days)
def test_a_day_begins_where_the_day_before_ends(day: date) -> None:
    start = day_start(day)
    assert start.tzinfo is UTC
    assert start.hour == 15
    assert jst_date(start) == day
    assert jst_date(start - timedelta(microseconds=1)) == day - timedelta(days=1)


@pytest.mark.rule("I-6")
def test_a_moment_without_a_zone_is_refused() -> None:
    naive = datetime(2026, 4, 1, 8, 30)  # noqa: DTZ001  the point of the test
    with pytest.raises(ValueError, match=r"^a moment needs its time zone$"):
        jst_date(naive)


@pytest.mark.rule("R-02", "R-03", "E-06", "E-07")
@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2025-04-01 00:00:00", VALID),
        ("2026-03-01 23:59:59.999999", VALID),
        ("2026-03-02 00:00:00", RENEWABLE),
        ("2026-04-01 00:00:00", RENEWABLE),
        ("2026-04-01 23:59:59.500000", RENEWABLE),
        ("2026-04-02 00:00:00", EXPIRED),
        ("2036-04-02 00:00:00", EXPIRED),
    ],
)
def test_renewal_opens_at_midnight_and_the_last_half_second_still_counts(
    machine_zone: str, now: str, expected: CertificateStanding
) -> None:
    assert standing(date(2026, 4, 1), False, in_japan(now)) is expected
    assert standing(date(2026, 4, 1), False, in_japan(now).astimezone(UTC)) is expected


@pytest.mark.rule("E-06", "E-80")
@given(days, moments)
def test_a_revoked_certificate_stays_revoked_at_any_time(last: date, now: datetime) -> None:
    assert standing(last, True, now) is REVOKED


@pytest.mark.rule("E-06")
@given(days, moments)
def test_expired_by_the_day_is_expired_by_not_after(issued: date, now: datetime) -> None:
    window = window_of_issue_day(issued)
    to_the_second = now.replace(microsecond=0)
    expired = standing(window.last_valid_date, False, now) is EXPIRED
    assert expired == (to_the_second > window.not_after)


def test_the_zone_names_itself() -> None:
    assert JST.tzname(None) == "JST"

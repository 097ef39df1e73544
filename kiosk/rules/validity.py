"""The life of a certificate, counted in days of Japan (R-01 to R-08, E-01 to E-08).

Days are days in Japan; moments are aware and given back in UTC.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum

JST = timezone(timedelta(hours=9), "JST")
"""Japan has no summer time, and a fixed offset cannot fail for lack of zone data (E-05)."""

VALIDITY_DAYS = 366
"""Counting the day of issue (R-01)."""

RENEWAL_WINDOW_DAYS = 30
"""Renewal opens this many days before the last valid day (R-03, E-07)."""

_DAY = timedelta(days=1)
_LAST_SECOND = timedelta(seconds=1)


class CertificateStanding(StrEnum):
    """Where a certificate stands today; computed, never stored."""

    VALID = "valid"
    RENEWABLE = "renewable"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, kw_only=True)
class Window:
    """Every date that follows from the day of issue."""

    issue_date: date
    last_valid_date: date
    renewable_from: date
    first_expired_day: date
    not_before: datetime
    """First second of the day of issue, in UTC (E-02, E-04)."""
    not_after: datetime
    """Last second of the last valid day, in UTC; RFC 5280 4.1.2.5 includes it (E-03, E-04)."""


def jst_date(moment: datetime) -> date:
    """The calendar day in Japan at `moment`.

    Raises ValueError for a naive moment: its day would depend on the zone of the machine.
    """
    if moment.utcoffset() is None:
        raise ValueError("a moment needs its time zone")
    return moment.astimezone(JST).date()


def day_start(day: date) -> datetime:
    """The midnight in Japan that begins `day`, in UTC."""
    return datetime.combine(day, time.min, JST).astimezone(UTC)


def window_for(pressed_at: datetime) -> Window:
    """The window of a certificate whose issue was ordered at `pressed_at` (E-08)."""
    return window_of_issue_day(jst_date(pressed_at))


def window_of_issue_day(issue_date: date) -> Window:
    """The window of a certificate issued on `issue_date` in Japan (R-01, E-01)."""
    first_expired_day = issue_date + VALIDITY_DAYS * _DAY
    last_valid_date = first_expired_day - _DAY
    return Window(
        issue_date=issue_date,
        last_valid_date=last_valid_date,
        renewable_from=renewable_from(last_valid_date),
        first_expired_day=first_expired_day,
        not_before=day_start(issue_date),
        not_after=day_start(first_expired_day) - _LAST_SECOND,
    )


def renewable_from(last_valid_date: date) -> date:
    """The first day in Japan on which a certificate may be renewed (R-03, E-07)."""
    return last_valid_date - RENEWAL_WINDOW_DAYS * _DAY


def standing(last_valid_date: date, revoked: bool, now: datetime) -> CertificateStanding:
    """Where a certificate stands at `now`.

    Days are compared, not seconds, so that the last half second of the last day still counts (E-06).
    """
    if revoked:
        return CertificateStanding.REVOKED
    today = jst_date(now)
    if today > last_valid_date:
        return CertificateStanding.EXPIRED
    if today >= renewable_from(last_valid_date):
        return CertificateStanding.RENEWABLE
    return CertificateStanding.VALID

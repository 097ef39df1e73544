"""When the counter takes transactions; the calendar is data from the settings."""

from dataclasses import dataclass
from datetime import date, datetime, time

from kiosk.rules.validity import JST, jst_date


@dataclass(frozen=True, kw_only=True)
class ServiceHours:
    """Opening hours in Japan."""

    opens: time
    """First minute of service, inclusive."""
    closes: time
    """First minute after service."""
    closed_weekdays: frozenset[int]
    """0 is Monday."""
    closed_days: frozenset[date]
    """Public holidays and the like."""
    closed_yearly: frozenset[tuple[int, int]]
    """(month, day) pairs closed in every year, such as 31 December."""
    enforced: bool
    """Off in training: always open."""


def is_open(hours: ServiceHours, now: datetime) -> bool:
    """Whether transactions are taken at `now`; raises ValueError for a naive moment."""
    today = jst_date(now)
    if not hours.enforced:
        return True
    if today.weekday() in hours.closed_weekdays or today in hours.closed_days:
        return False
    if (today.month, today.day) in hours.closed_yearly:
        return False
    return hours.opens <= now.astimezone(JST).time() < hours.closes

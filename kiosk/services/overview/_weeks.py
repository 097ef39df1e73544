"""The renewal window week by week, as the board and the list of ends show it."""

from collections.abc import Mapping
from datetime import date

from kiosk.rules.renewals import RenewalList, span_of, weeks_of
from kiosk.services.views import WeekCount


def weeks_of_window(days: Mapping[date, int], today: date) -> tuple[WeekCount, ...]:
    """How many certificates end in each week from `today` to the end of the renewal window (R-03)."""
    return tuple(
        WeekCount(
            first_day=first,
            count=sum(count for day, count in days.items() if 0 <= (day - first).days < 7),
        )
        for first in weeks_of(span_of(RenewalList.WINDOW, today))
    )

"""Who is to be reminded of a renewal: the lists of 402 (期限到来一覧) and the days they span (R-03, R-08)."""

from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from kiosk.rules.validity import RENEWAL_WINDOW_DAYS

EXPIRED_LISTED_DAYS = 90
"""How long an expired certificate stays in the list. A reissue has no deadline (R-08); a list must have an end."""

_DAY = timedelta(days=1)


class RenewalList(StrEnum):
    """The three lists."""

    WINDOW = "window"
    """In the renewal window and not renewed (R-03)."""
    EXPIRED = "expired"
    """Expired and not renewed (R-06)."""
    UNDELIVERABLE = "undeliverable"
    """On one of the other two lists, and the user's mail comes back."""


class Span(NamedTuple):
    """Days in Japan, ends included."""

    first: date
    last: date


def span_of(listed: RenewalList, today: date) -> Span:
    """The last valid days of the certificates that stand on a list today."""
    oldest = today - EXPIRED_LISTED_DAYS * _DAY
    window_ends = today + RENEWAL_WINDOW_DAYS * _DAY
    match listed:
        case RenewalList.WINDOW:
            return Span(today, window_ends)
        case RenewalList.EXPIRED:
            return Span(oldest, today - _DAY)
        case RenewalList.UNDELIVERABLE:
            return Span(oldest, window_ends)


def weeks_of(span: Span) -> tuple[date, ...]:
    """The first days of the weeks of a span, beginning with its first day."""
    weeks, first = [], span.first
    while first <= span.last:
        weeks.append(first)
        first += 7 * _DAY
    return tuple(weeks)

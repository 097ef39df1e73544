"""Mails to users: which there are, and how long sending is tried (R-44, R-51, E-33, E-93)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from kiosk.rules.validity import RENEWAL_WINDOW_DAYS, VALIDITY_DAYS
from kiosk.rules.verification import CODE_MINUTES


class NoticeKind(StrEnum):
    """Every letter there is."""

    CODE = "code"
    LOCKED = "locked"
    BLOCKED = "blocked"
    ISSUED = "issued"
    UNBLOCKED = "unblocked"
    REVOKED = "revoked"
    EXPIRING = "expiring"
    EXPIRED = "expired"


class NoticeState(StrEnum):
    """How far a letter in the outbox is."""

    QUEUED = "queued"
    SENDING = "sending"
    """Claimed by a mailer for the length of its lease."""
    SENT = "sent"
    BOUNCED = "bounced"
    """The mail server refused it for good."""
    GAVE_UP = "gave_up"


ALLOWED: Mapping[NoticeState, frozenset[NoticeState]] = MappingProxyType(
    {
        NoticeState.QUEUED: frozenset({NoticeState.SENDING, NoticeState.GAVE_UP}),
        # back to the queue: a passing failure, or a mailer that died with its lease
        NoticeState.SENDING: frozenset(
            {NoticeState.SENT, NoticeState.QUEUED, NoticeState.BOUNCED, NoticeState.GAVE_UP}
        ),
        NoticeState.SENT: frozenset(),
        NoticeState.BOUNCED: frozenset(),
        NoticeState.GAVE_UP: frozenset(),
    }
)
"""From each state, the states that may follow."""

FIRST_PAUSE = timedelta(seconds=15)
MOST_DOUBLINGS = 8
"""The longest pause is 64 minutes."""

JITTER = 0.25
"""How much of a pause the jitter may add, so that many letters do not come back in one moment."""


@dataclass(frozen=True, kw_only=True)
class Patience:
    """When a letter is given up: at this age, or after this many tries."""

    age: timedelta
    tries: int


_USUAL = Patience(age=timedelta(days=3), tries=100)
_LASTING = Patience(age=timedelta(days=14), tries=400)
"""A certificate goes on expiring, or being expired, while a mail server is away."""
_PATIENCE = {
    NoticeKind.CODE: Patience(age=timedelta(minutes=CODE_MINUTES), tries=20),
    NoticeKind.EXPIRING: _LASTING,
    NoticeKind.EXPIRED: _LASTING,
}

EXPIRY_IS_NEWS = timedelta(days=VALIDITY_DAYS)
"""Nobody is told that a certificate expired longer ago than this, as in a registry that was taken over."""


def expiring_days(today: date) -> tuple[date, date]:
    """First and last of the last valid days whose holders are told on `today` that renewal is open (R-04, E-09).

    They are told once; a day that nobody was told on is made up for on the next.
    """
    return today, today + timedelta(days=RENEWAL_WINDOW_DAYS)


def expired_days(today: date) -> tuple[date, date]:
    """First and last of the last valid days whose holders are told on `today` that it is over (R-06, E-10)."""
    return today - EXPIRY_IS_NEWS, today - timedelta(days=1)


def may_move(a: NoticeState, b: NoticeState) -> bool:
    """Whether a letter in state `a` may go to state `b`."""
    return b in ALLOWED[a]


def backoff(tries: int, jitter: float = 0.0) -> timedelta:
    """How long to wait after the `tries`-th failure in a row: 15 s, doubled each time, 64 minutes at most.

    `jitter`, from 0 to 1, lengthens the pause by up to a quarter; the caller draws it.
    """
    doublings = min(max(tries - 1, 0), MOST_DOUBLINGS)
    return FIRST_PAUSE * 2.0**doublings * (1 + JITTER * jitter)


def gives_up(kind: NoticeKind, created_at: datetime, now: datetime, tries: int) -> bool:
    """Whether a letter is not worth another try; a code only lives as long as it can be used (E-51)."""
    patience = _PATIENCE.get(kind, _USUAL)
    return now >= created_at + patience.age or tries >= patience.tries

"""Lifting the block of a master user: why it came, how it came, and how often (R-54, E-36 to E-38, Q-3)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

REPEAT_DAYS = 30
"""An earlier unblocking within these days is pointed out to the supervisor."""


class UnblockCause(StrEnum):
    """What the form says about the wrong passwords."""

    MISTYPED = "mistyped"
    FORGOTTEN_PASSWORD = "forgotten_password"  # noqa: S105  a cause, not a password
    """Unblocking does not help then: the password stays as it is (Q-3)."""
    SOMEBODY_ELSE = "somebody_else"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class LockMark:
    """One line of a user's lock history."""

    at: datetime
    kind: str
    """failed, locked, blocked, cleared or unblocked."""


@dataclass(frozen=True, kw_only=True)
class LockCycle:
    """One series of wrong passwords and the lock that ended it."""

    number: int
    """1, 2 and 3; the third is the block (R-49)."""
    failures: tuple[datetime, ...]
    ended_at: datetime | None
    ended: str | None
    """locked or blocked; None while the series is still short of a lock."""


def cycles(history: Iterable[LockMark]) -> tuple[LockCycle, ...]:
    """The series that led to where the user stands, oldest first, out of the history in order of time.

    A right password or an unblocking begins anew. The try that locks counts among the failures of its cycle.
    """
    ended: list[LockCycle] = []
    failures: list[datetime] = []
    for mark in history:
        if mark.kind in {"cleared", "unblocked"}:
            ended, failures = [], []
            continue
        failures.append(mark.at)
        if mark.kind in {"locked", "blocked"}:
            ended.append(
                LockCycle(number=len(ended) + 1, failures=tuple(failures), ended_at=mark.at, ended=mark.kind)
            )
            failures = []
    if failures:
        ended.append(LockCycle(number=len(ended) + 1, failures=tuple(failures), ended_at=None, ended=None))
    return tuple(ended)


def recent(unblocked_at: Iterable[datetime], now: datetime) -> tuple[datetime, ...]:
    """The unblockings of the last `REPEAT_DAYS` before `now`, newest first."""
    since = now - timedelta(days=REPEAT_DAYS)
    return tuple(sorted((at for at in unblocked_at if since <= at <= now), reverse=True))

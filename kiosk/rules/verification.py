"""The verification code of the second step (R-60 to R-65, E-50 to E-59, I-7, I-8).

Tries are charged before they are compared. Wrong codes have a counter of their own and never lock the user (E-55).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

CODE_DIGITS = 6
"""R-61."""

CODE_MINUTES = 30
"""A code is good from its creation, inclusive, to this much later, exclusive (R-61, E-51)."""

CODE_TRIES = 6
"""The sixth wrong code ends it (E-55)."""

VERIFIED_MINUTES = 15
"""How long a confirmed code lets a certificate be issued; after that step 4 is repeated."""

CODES_PER_HOUR = 3
CODES_PER_DAY = 10
"""How many codes one user may ask for (I-8)."""


class CodeEnd(StrEnum):
    """Why a code is no longer good."""

    USED = "used"
    REPLACED = "replaced"
    """A newer code was made; one is alive per user (E-53)."""
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    TOO_MANY = "too_many"
    SESSION_OVER = "session_over"
    MAIL_FAILED = "mail_failed"


@dataclass(frozen=True, kw_only=True)
class CodeState:
    """What is stored about one code, apart from its keyed hash."""

    created_at: datetime
    wrong_tries: int
    """Tries charged so far."""
    ended: CodeEnd | None


def valid_until(created_at: datetime) -> datetime:
    """The first moment at which a code is too old (E-51, E-52)."""
    return created_at + timedelta(minutes=CODE_MINUTES)


def may_try(state: CodeState, now: datetime) -> CodeEnd | None:
    """None when a try may be charged, else why not.

    A moment before the creation means that the clock was set back; the code is then as good as expired (I-7).
    """
    if state.ended is not None:
        return state.ended
    if not state.created_at <= now < valid_until(state.created_at):
        return CodeEnd.EXPIRED
    return None


def charge(state: CodeState) -> CodeState:
    """Count a try as wrong before it is compared; the sixth is stored as the end of the code (E-55).

    A code that has ended stays as it is.
    """
    if state.ended is not None:
        return state
    wrong_tries = state.wrong_tries + 1
    return replace(
        state, wrong_tries=wrong_tries, ended=CodeEnd.TOO_MANY if wrong_tries >= CODE_TRIES else None
    )


def after_right(state_now: CodeState, charged: CodeState) -> CodeState | None:
    """The state to store when the charged try was right: used, and its charge taken back (E-54).

    None when the code has ended otherwise in the meantime: it is accepted at most once (I-7).
    """
    if state_now.ended is not None and state_now != charged:
        return None
    return replace(state_now, wrong_tries=state_now.wrong_tries - 1, ended=CodeEnd.USED)


def tries_left(state: CodeState) -> int:
    """Wrong codes until this one is dead, that one included; 0 when it has ended."""
    if state.ended is not None:
        return 0
    return CODE_TRIES - state.wrong_tries


def next_code_at(created: Sequence[datetime], now: datetime) -> datetime | None:
    """When the next code may be made for a user whose codes were made at `created`; None when that is now (I-8).

    `created` needs to reach one day back and may be in any order.
    """
    newest_first = sorted(created, reverse=True)
    limits = ((CODES_PER_HOUR, timedelta(hours=1)), (CODES_PER_DAY, timedelta(days=1)))
    free_at = [newest_first[most - 1] + span for most, span in limits if len(newest_first) >= most]
    return max((moment for moment in free_at if now < moment), default=None)

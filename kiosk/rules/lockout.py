"""Wrong passwords: lock, block and the way back (R-47 to R-54, E-20 to E-38).

Every try is charged before it is compared, so that two counters guessing at once, or a crash between the comparison
and its verdict, never give a try away. A right password takes its charge back with `after_right`; a wrong one stores
nothing more.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from kiosk.rules.users import UserStatus

TRIES_BEFORE_LOCK = 6
"""The sixth wrong password in a row locks (R-47, E-20)."""

LOCK_MINUTES = 60
"""A lock ends by itself after this time (R-48, E-23)."""

LOCKS_BEFORE_BLOCK = 3
"""The third lock blocks at once, without a locked hour (R-49, E-26)."""

VERDICT_WITHIN = timedelta(minutes=1)
"""A counted try whose verdict has not come by then gets none any more: its program died, or lost the registry."""

LOCK_STILL_TOLD = timedelta(days=1)
"""How long after its end a lock is still told to a user who has no letter of it (R-51)."""


class LockStanding(StrEnum):
    """What a user meets when trying to sign in now."""

    ACTIVE = "active"
    LOCKED = "locked"
    BLOCKED = "blocked"


class LockEvent(StrEnum):
    """What a charged try leads to when it turns out wrong."""

    LOCKED = "locked"
    BLOCKED = "blocked"


@dataclass(frozen=True, kw_only=True)
class LockState:
    """What is stored about the tries of one user."""

    status: UserStatus
    consecutive_failures: int
    """Tries charged since the last right password, lock or unblocking (E-21)."""
    lock_count: int
    """Locks since the last right password or unblocking (E-27)."""
    locked_until: datetime | None
    charges: int
    """Tries ever charged; only grows, and so tells one try from another."""


@dataclass(frozen=True, kw_only=True)
class Charged:
    """The try may be compared, once `state` is stored."""

    before: LockState
    state: LockState
    event: LockEvent | None
    """What stands if the comparison fails or its verdict never comes."""


@dataclass(frozen=True, kw_only=True)
class Refused:
    """The password is not looked at and nothing is counted (E-24)."""

    standing: LockStanding
    until: datetime | None
    """When the lock ends; None for a block."""


def standing(state: LockState, now: datetime) -> LockStanding:
    """Where the user stands at `now`."""
    if state.status is UserStatus.BLOCKED:
        return LockStanding.BLOCKED
    if state.locked_until is not None and now < state.locked_until:
        return LockStanding.LOCKED
    return LockStanding.ACTIVE


def charge(state: LockState, now: datetime) -> Charged | Refused:
    """Count a try as wrong before its password is compared, or refuse it (R-47, R-49, E-20, E-24, E-26)."""
    match standing(state, now):
        case LockStanding.BLOCKED:
            return Refused(standing=LockStanding.BLOCKED, until=None)
        case LockStanding.LOCKED:
            return Refused(standing=LockStanding.LOCKED, until=state.locked_until)
    counted = replace(state, locked_until=None, charges=state.charges + 1)
    failures = state.consecutive_failures + 1
    if failures < TRIES_BEFORE_LOCK:
        return Charged(before=state, state=replace(counted, consecutive_failures=failures), event=None)
    locked = replace(counted, consecutive_failures=0, lock_count=state.lock_count + 1)
    if next_lock_blocks(state):
        return Charged(
            before=state, state=replace(locked, status=UserStatus.BLOCKED), event=LockEvent.BLOCKED
        )
    until = now + timedelta(minutes=LOCK_MINUTES)
    return Charged(before=state, state=replace(locked, locked_until=until), event=LockEvent.LOCKED)


def after_right(state_now: LockState, charged: Charged) -> LockState | None:
    """The state to store when the charged try was right: counters and lock count are cleared (E-21, E-27).

    None when another try has locked or blocked the user in the meantime; the right password is then refused like any
    try during a lock (E-28).
    """
    ours = charged.state
    others_tried = state_now.charges != ours.charges
    locked_since = state_now.locked_until is not None or state_now.lock_count > ours.lock_count
    if others_tried and (locked_since or state_now.status is UserStatus.BLOCKED):
        return None
    return _cleared(state_now)


def take_back(state_now: LockState, charged: Charged) -> LockState | None:
    """The state to store when the charged try could not be compared at all: that is nobody's wrong password.

    None when something has happened since; the charge then stays, as after a crash (I-9).
    """
    if state_now != charged.state:
        return None
    # a lock that had run out is not put back: it would look like one that another try has made
    return replace(charged.before, locked_until=None, charges=state_now.charges)


def tries_left(state: LockState, now: datetime) -> int:
    """Wrong passwords until the next lock or block, that one included; 0 while no try is taken (E-35)."""
    if standing(state, now) is not LockStanding.ACTIVE:
        return 0
    return TRIES_BEFORE_LOCK - state.consecutive_failures


def next_lock_blocks(state: LockState) -> bool:
    """Whether the lock that would come next is the one that blocks (E-26)."""
    return state.lock_count + 1 >= LOCKS_BEFORE_BLOCK


def unblock(state: LockState) -> LockState:
    """The state after unblocking: active, both counters zero, no lock time (E-36).

    Who may be unblocked is decided by `kiosk.rules.next_actions`.
    """
    return _cleared(state)


def _cleared(state: LockState) -> LockState:
    return LockState(
        status=UserStatus.ACTIVE,
        consecutive_failures=0,
        lock_count=0,
        locked_until=None,
        charges=state.charges,
    )

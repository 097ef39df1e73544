"""Wrong sign-ons of staff: a short pause, never a block.

Staff have a rule of their own, apart from the customers' locks. Tries are charged before they are compared, as in
`kiosk.rules.lockout`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

STAFF_TRIES_BEFORE_PAUSE = 3
STAFF_PAUSE_MINUTES = 5


@dataclass(frozen=True, kw_only=True)
class StaffLockState:
    """What is stored about the sign-ons of one member of staff."""

    failures: int
    """Tries charged since the last right password or pause."""
    paused_until: datetime | None


@dataclass(frozen=True, kw_only=True)
class StaffCharged:
    """The try may be compared, once `state` is stored."""

    state: StaffLockState
    pauses: bool
    """If the comparison fails, this try begins a pause."""


@dataclass(frozen=True, kw_only=True)
class StaffRefused:
    """The password is not looked at and nothing is counted."""

    until: datetime


def charge(state: StaffLockState, now: datetime) -> StaffCharged | StaffRefused:
    """Count a sign-on as wrong before its password is compared, or refuse it during a pause."""
    if state.paused_until is not None and now < state.paused_until:
        return StaffRefused(until=state.paused_until)
    failures = state.failures + 1
    if failures < STAFF_TRIES_BEFORE_PAUSE:
        return StaffCharged(state=StaffLockState(failures=failures, paused_until=None), pauses=False)
    until = now + timedelta(minutes=STAFF_PAUSE_MINUTES)
    return StaffCharged(state=StaffLockState(failures=0, paused_until=until), pauses=True)


def after_right(state_now: StaffLockState, charged: StaffCharged) -> StaffLockState | None:
    """The state to store when the charged try was right; None when another try has begun a pause meanwhile."""
    if state_now.paused_until is not None and state_now != charged.state:
        return None
    return StaffLockState(failures=0, paused_until=None)


def tries_left(state: StaffLockState, now: datetime) -> int:
    """Wrong passwords until the next pause, that one included; 0 during a pause."""
    if state.paused_until is not None and now < state.paused_until:
        return 0
    return STAFF_TRIES_BEFORE_PAUSE - state.failures

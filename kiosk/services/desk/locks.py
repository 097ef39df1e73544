"""What follows from a wrong password: the history of the lock, the letter to the user, the refusal at the counter."""

from datetime import datetime
from typing import Final

from sqlmodel import Session

from db.queries import history, issues, users
from db.tables.lock_event import LockEvent as LockEventRow
from db.tables.user import User
from kiosk.audit.events import EventTag
from kiosk.errors import (
    GeneralBlocked,
    KioskError,
    LockedNow,
    MasterBlocked,
    StillLocked,
    WrongCredentials,
)
from kiosk.rules import lockout
from kiosk.rules.lockout import (
    LOCK_STILL_TOLD,
    VERDICT_WITHIN,
    LockEvent,
    LockStanding,
    LockState,
)
from kiosk.rules.notices import NoticeKind
from kiosk.rules.users import UserRole, UserStatus
from kiosk.services.acting import Actor
from kiosk.services.desk.guard import Act, Desk
from kiosk.services.desk.outbox import queue_notice
from kiosk.services.desk.row_views import lock_state_of

INTERRUPTED: Final = "interrupted"
"""Why a lock is told late: the program died between the count of the try and its verdict."""


def standing_refusal(role: str, state: LockState, now: datetime) -> KioskError | None:
    """Why no password of this user is looked at now; None when one may be tried (E-24)."""
    match lockout.standing(state, now):
        case LockStanding.BLOCKED:
            return _blocked(role, just_now=False)
        case LockStanding.LOCKED if state.locked_until is not None:
            return StillLocked(until=state.locked_until)
    return None


def wrong_password_refusal(
    role: str, stored: LockState, event: LockEvent | None, now: datetime
) -> KioskError:
    """What the counter reads after a wrong password that led to `event` (E-20, E-26, E-35)."""
    if event is LockEvent.BLOCKED:
        return _blocked(role, just_now=True)
    if event is LockEvent.LOCKED and stored.locked_until is not None:
        return LockedNow(until=stored.locked_until)
    return WrongCredentials(
        tries_left=lockout.tries_left(stored, now), then_blocked=lockout.next_lock_blocks(stored)
    )


def record_lock_event(
    session: Session,
    user: User,
    kind: str,
    state: LockState,
    now: datetime,
    actor: Actor | None,
    reception_no: str,
) -> None:
    """One line of the user's lock history."""
    session.add(
        LockEventRow(
            user_pk=user.pk,
            kind=kind,
            at=now,
            failures=state.consecutive_failures,
            lock_count=state.lock_count,
            branch_no=actor.terminal.branch_no if actor else None,
            terminal_no=actor.terminal.terminal_no if actor else None,
            staff_id=actor.staff_id if actor else None,
            reception_no=reception_no or None,
        )
    )


def queue_lock_notice(session: Session, user: User, state: LockState, now: datetime) -> None:
    """Tell the user of the lock or block in `state` (R-51); one event, one letter, however often called (E-33)."""
    until = state.locked_until
    kind = NoticeKind.BLOCKED if until is None else NoticeKind.LOCKED
    queue_notice(
        session,
        kind=kind,
        dedupe=f"{kind}:{user.pk}:{state.charges}",
        user_pk=user.pk,
        now=now,
        facts={} if until is None else {"until": until},
    )


def catch_up_lock_letters(desk: Desk) -> int:
    """Tell of tries that locked or blocked while the program died before its verdict; how many letters were queued.

    The registry has held the lock since the try was counted; its history and its journal entry come here (I-12). A try
    that may still be compared, at whatever terminal, is left for a later run: a right one makes its lock undone.

    Raises `DatabaseUnavailable` and the other failures of storing.
    """
    with desk.reaching(), desk.database.reading() as session:
        late = _untold(session, desk.clock.now())
    return sum(_tell_late(desk, user_pk) for user_pk in late)


def _untold(session: Session, now: datetime, user_pk: int | None = None) -> tuple[int, ...]:
    return issues.locked_without_letter(
        session, ended_after=now - LOCK_STILL_TOLD, charged_by=now - VERDICT_WITHIN, user_pk=user_pk
    )


def _tell_late(desk: Desk, user_pk: int) -> bool:
    with desk.unattended(EventTag.NOTICE_QUEUED) as act:
        user = users.by_pk_for_update(act.session, user_pk)
        if user is None or not _untold(act.session, act.now, user_pk):
            return False  # a verdict has come, or somebody has unblocked the user
        state = lock_state_of(user)
        queue_lock_notice(act.session, user, state, act.now)
        act.about(user_id=user.user_id)
        act.record()
        _tell_untold_lock(act, user, state)
        return True


def _tell_untold_lock(act: Act, user: User, state: LockState) -> None:
    event = LockEvent.BLOCKED if state.status is UserStatus.BLOCKED else LockEvent.LOCKED
    newest = next(iter(history.lock_events(act.session, user.pk, 1)), None)
    if newest is not None and (newest.kind, newest.lock_count) == (event, state.lock_count):
        return
    record_lock_event(act.session, user, event, state, act.now, None, "")
    tag = EventTag.PASSWORD_BLOCKED if event is LockEvent.BLOCKED else EventTag.PASSWORD_LOCKED
    act.record(tag, cause=INTERRUPTED)


def _blocked(role: str, *, just_now: bool) -> KioskError:
    return (MasterBlocked if role == UserRole.MASTER else GeneralBlocked)(just_now=just_now)

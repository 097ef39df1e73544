"""What follows from a wrong password: the history of the lock, the letter to the user, the refusal at the counter."""

from datetime import datetime

from sqlmodel import Session

from db.queries import issues, users
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
from kiosk.rules.lockout import LockEvent, LockStanding, LockState
from kiosk.rules.notices import NoticeKind
from kiosk.rules.users import UserRole
from kiosk.services._guard import Desk
from kiosk.services._outbox import queue_notice
from kiosk.services._views import lock_state_of
from kiosk.services.acting import Actor


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
    """Queue the letters of tries that locked or blocked while the program died before its verdict; how many.

    Raises `DatabaseUnavailable` and the other failures of storing.
    """
    with desk.reaching(), desk.database.reading() as session:
        late = issues.locked_without_letter(session, desk.clock.now())
    for user_pk in late:
        with desk.unattended(EventTag.NOTICE_QUEUED) as act:
            user = users.by_pk_for_update(act.session, user_pk)
            if user is not None:
                queue_lock_notice(act.session, user, lock_state_of(user), act.now)
                act.record(user_id=user.user_id)
    return len(late)


def _blocked(role: str, *, just_now: bool) -> KioskError:
    return (MasterBlocked if role == UserRole.MASTER else GeneralBlocked)(just_now=just_now)

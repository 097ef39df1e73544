"""閉塞解除: lifting the block of a master user, with an approval (S500, E-36 to E-38)."""

from dataclasses import dataclass

from sqlmodel import Session

from db.queries import approvals, history
from db.queries import staff as staff_queries
from db.tables.approval import Approval
from db.tables.case import Case
from db.tables.user import User
from kiosk.audit.events import EventTag
from kiosk.rules import lockout, unblocking
from kiosk.rules.approvals import ApprovalSubject
from kiosk.rules.cases import CaseState
from kiosk.rules.notices import NoticeKind
from kiosk.rules.roles import Permission
from kiosk.rules.service_hours import ServiceHours
from kiosk.rules.shown import shown_from
from kiosk.rules.unblocking import LockMark
from kiosk.services.acting import Actor
from kiosk.services.approved.asking import Askable
from kiosk.services.approved.requests import approved, mark_executed, request_of
from kiosk.services.approved.views import Unblocked, UnblockPage, UnblockRequest
from kiosk.services.desk import row_views
from kiosk.services.desk.cases import end_at_once, the_case, the_case_to_read, the_user
from kiosk.services.desk.guard import Act, Desk
from kiosk.services.desk.locks import record_lock_event
from kiosk.services.desk.outbox import queue_notice
from kiosk.services.desk.row_views import Viewer, lock_state_of, store_lock_state


@dataclass(frozen=True, kw_only=True)
class Unblocking:
    """Show how a block came, and lift it once a supervisor has agreed."""

    desk: Desk
    hours: ServiceHours
    askable: Askable

    def page(self, actor: Actor, reception_no: str) -> UnblockPage:
        """The user's series of wrong passwords and locks, and earlier unblockings; journaled as a look."""
        with self.desk.acting(
            actor, Permission.UNBLOCK, EventTag.LOCKS_INQUIRED, reception_no=reception_no
        ) as act:
            case = the_case(act.session, reception_no, act.scope, CaseState.TRANSACTION_CHOSEN)
            user = the_user(act.session, case)
            act.record(user_id=user.user_id)
            events = history.lock_events_in_order(act.session, user.pk)
            viewer = Viewer(actor=actor, hours=self.hours)
            return UnblockPage(
                card=row_views.user_card(act.session, user, viewer, act.now, case=case, with_timeline=True),
                cycles=unblocking.cycles(LockMark(at=event.at, kind=event.kind) for event in events),
                recent_unblocks=unblocking.recent(
                    (event.at for event in events if event.kind == "unblocked"), act.now
                ),
            )

    def execute(self, actor: Actor, reception_no: str) -> Unblocked:
        """Lift the block that was approved to be lifted, once: active, counts at zero, the password as it is (E-36).

        Only by the one who asked, within the ten minutes of the approval, and only while everything that was shown is
        still so: `ApprovalNeeded`, `ApprovalExpired`, `ApprovalStale`, `NotTheAsker`, `ClockWrong`,
        `UnblockedByMaster`, `OnlyLocked`, `NotBlocked`. The user is told by mail.
        """
        with self.desk.acting(
            actor, Permission.UNBLOCK, EventTag.USER_UNBLOCKED, watch_clock=True, reception_no=reception_no
        ) as act:
            case = the_case(act.session, reception_no, act.scope)
            user = the_user(act.session, case)
            act.about(user_id=user.user_id, transaction=case.transaction)
            done: Unblocked | None = None
            approval = approved(act, case, actor, ApprovalSubject.UNBLOCK)
            if approval is not None:
                row = approval.row
                request = request_of(row)
                if not isinstance(request, UnblockRequest):
                    raise AssertionError("an approval of this subject is an unblocking")
                self.askable.require(act, case, user, actor, request)
                mark_executed(act, approval.row, approval.by)
                _unblock(act, case, user, actor)
                end_at_once(act.session, case, act.now)
                act.record(cause=request.cause, repeats=shown_from(row.shown).repeats)
                done = _lifted(act.session, row, user, reception_no)
        if done is None:
            raise AssertionError("a refusal is raised when its transaction ends")
        return done

    def result(self, actor: Actor, reception_no: str) -> Unblocked | None:
        """What this reception has lifted; None while it has lifted nothing."""
        with self.desk.looking(actor, Permission.INQUIRE) as look:
            case = the_case_to_read(look.session, reception_no, look.scope)
            row = approvals.executed_of_case(look.session, case.pk, ApprovalSubject.UNBLOCK)
            if row is None:
                return None
            return _lifted(look.session, row, look.session.get_one(User, case.user_pk), reception_no)


def _lifted(session: Session, row: Approval, user: User, reception_no: str) -> Unblocked | None:
    if row.executed_at is None or row.checker_pk is None:
        return None
    return Unblocked(
        reception_no=reception_no,
        user_id=user.user_id,
        at=row.executed_at,
        approved_by=staff_queries.by_pk(session, row.checker_pk).staff_id,
    )


def _unblock(act: Act, case: Case, user: User, actor: Actor) -> None:
    """Clear status and counts, note it in the lock history, tell the user (E-36)."""
    state = lockout.unblock(lock_state_of(user))
    store_lock_state(user, state)
    record_lock_event(act.session, user, "unblocked", state, act.now, actor, case.reception_no)
    queue_notice(
        act.session,
        kind=NoticeKind.UNBLOCKED,
        dedupe=f"unblocked:{case.reception_no}",
        user_pk=user.pk,
        now=act.now,
        facts={"at": act.now},
    )

"""役席承認: asking for a second pair of eyes, and deciding (S600, DOMAIN 3.2)."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from db.queries import approvals
from db.queries import staff as staff_queries
from db.queries.staff import Colleague
from db.tables.approval import Approval as ApprovalRow
from db.tables.case import Case
from kiosk.audit.events import EventTag
from kiosk.errors import AlreadyDecided, ApprovalClosed, BadInput, CaseNotOpen, SignOnPaused, SignOnRefused
from kiosk.rules.approvals import (
    DIALOG_TRIES,
    REQUEST_LIFE,
    ApprovalState,
    ApprovalSubject,
    Objection,
    objection_to_decision,
    state_at,
)
from kiosk.rules.roles import Permission
from kiosk.rules.shown import Shown, digest
from kiosk.rules.texts import LONGEST_LINE, problem_in
from kiosk.secret import Secret
from kiosk.services.acting import Actor
from kiosk.services.approved.asking import Askable
from kiosk.services.approved.requests import (
    SIGN_ONS,
    approval_view,
    asker_of,
    maker_of,
    mark_executed,
    person_of,
    put_down,
    put_into,
    rebuilt,
    refuse,
    store_request,
    withdraw_live,
)
from kiosk.services.approved.shown import shown_of
from kiosk.services.approved.views import ApprovalView, Request
from kiosk.services.desk.cases import rule_of, the_case, the_case_to_read, the_user
from kiosk.services.desk.guard import Act, Desk
from kiosk.services.staff.proving import StaffProof


@dataclass(frozen=True, kw_only=True)
class Approving:
    """Ask a supervisor, decide at once in the dialog or later out of the inbox."""

    desk: Desk
    askable: Askable
    proof: StaffProof

    def preview(self, actor: Actor, reception_no: str, request: Request) -> Shown:
        """What would be asked, looked at now; nothing is stored. Raises as `ask` does."""
        with self.desk.acting(
            actor, Permission.RECEIVE, EventTag.APPROVAL_ASKED, reception_no=reception_no
        ) as act:
            return self._prepare(act, actor, reception_no, request)[2]

    def ask(self, actor: Actor, reception_no: str, request: Request) -> ApprovalView:
        """Put a request before the supervisors of the branch; an earlier one of the reception is withdrawn.

        Raises `CaseNotOpen`, `NothingSelected`, `AlreadyRevoked`, `RevocationNotNeeded`, `UnblockedByMaster`,
        `OnlyLocked`, `NotBlocked`, `BadInput` naming the field, and for a re-issue that is to follow the refusals of
        the door: what cannot be executed is not asked for.
        """
        with self.desk.acting(
            actor, Permission.RECEIVE, EventTag.APPROVAL_ASKED, watch_clock=True, reception_no=reception_no
        ) as act:
            case, by, shown = self._prepare(act, actor, reception_no, request)
            row = store_request(act, case, by, request, shown)
            return approval_view(act.session, row, case, act.now)

    def of_case(self, actor: Actor, reception_no: str) -> ApprovalView | None:
        """The newest request of a reception; for the screen that waits for a decision made elsewhere."""
        with self.desk.looking(actor, Permission.INQUIRE) as look:
            case = the_case_to_read(look.session, reception_no, look.scope)
            row = approvals.newest_of_case(look.session, case.pk)
            return None if row is None else approval_view(look.session, row, case, look.now)

    def inbox(self, actor: Actor) -> tuple[ApprovalView, ...]:
        """What waits for a supervisor of the branch, oldest first. Raises `NotPermitted`."""
        with self.desk.acting(actor, Permission.APPROVE, EventTag.APPROVALS_LISTED) as act:
            waiting = approvals.waiting(act.session, act.scope, act.now, REQUEST_LIFE)
            act.record(count=len(waiting))
            return tuple(approval_view(act.session, row, case, act.now) for row, case in waiting)

    def withdraw(self, actor: Actor, reception_no: str) -> None:
        """中止: take back what was asked or approved; raises `CaseNotOpen` when there is nothing to take back."""
        with self.desk.acting(
            actor, Permission.RECEIVE, EventTag.APPROVAL_WITHDRAWN, reception_no=reception_no
        ) as act:
            case = the_case(act.session, reception_no, act.scope)
            if approvals.live_of_case_for_update(act.session, case.pk) is None:
                raise CaseNotOpen(reception_no=reception_no, state=case.state)
            withdraw_live(act, case)

    def approve(self, actor: Actor, approval_pk: int, seen: str) -> ApprovalView:
        """Approve out of the inbox, as the supervisor who is signed on; `seen` is the digest on the screen.

        Raises `OwnRequest`, `MayNotApprove`, `AlreadyDecided`, `ApprovalExpired`, or `ApprovalStale` when anything
        that was shown has changed: the request is void then.
        """
        with self._deciding(actor, Permission.APPROVE, EventTag.APPROVAL_GIVEN) as act:
            return self._decide(act, approval_pk, seen, actor.staff_pk, None)

    def reject(self, actor: Actor, approval_pk: int, seen: str, reason: str) -> ApprovalView:
        """差戻し out of the inbox. Raises as `approve` does, and `BadInput` without a reason."""
        _require_reason(reason)
        with self._deciding(actor, Permission.APPROVE, EventTag.APPROVAL_REJECTED) as act:
            return self._decide(act, approval_pk, seen, actor.staff_pk, reason)

    def approve_here(
        self, actor: Actor, approval_pk: int, seen: str, approver_id: str, password: Secret
    ) -> ApprovalView:
        """Approve in the dialog: the approver proves who they are, the clerk stays signed on.

        Raises as `approve` does, and `SignOnRefused`, `SignOnPaused`, `CannotCheckNow`; `ApprovalClosed` at the third
        wrong sign-on.
        """
        checker_pk = self._prove(actor, approval_pk, approver_id, password)
        with self._deciding(actor, Permission.RECEIVE, EventTag.APPROVAL_GIVEN) as act:
            return self._decide(act, approval_pk, seen, checker_pk, None)

    def reject_here(
        self, actor: Actor, approval_pk: int, seen: str, approver_id: str, password: Secret, reason: str
    ) -> ApprovalView:
        """差戻し in the dialog. Raises as `approve_here` does, and `BadInput` without a reason."""
        _require_reason(reason)
        checker_pk = self._prove(actor, approval_pk, approver_id, password)
        with self._deciding(actor, Permission.RECEIVE, EventTag.APPROVAL_REJECTED) as act:
            return self._decide(act, approval_pk, seen, checker_pk, reason)

    def _prepare(
        self, act: Act, actor: Actor, reception_no: str, request: Request
    ) -> tuple[Case, Colleague, Shown]:
        case = the_case(act.session, reception_no, act.scope)
        user = the_user(act.session, case)
        act.about(user_id=user.user_id, transaction=case.transaction)
        self.askable.require(act, case, user, actor, request)
        by = asker_of(act, case, actor, request)
        shown = shown_of(act.session, case, request, maker_of(by, actor), asked_at=act.now, now=act.now)
        act.about(serial=shown.serial or None)
        return case, by, shown

    def _deciding(self, actor: Actor, permission: Permission, tag: EventTag) -> AbstractContextManager[Act]:
        return self.desk.acting(actor, permission, tag, watch_clock=True)

    def _decide(
        self, act: Act, approval_pk: int, seen: str, checker_pk: int, reject_reason: str | None
    ) -> ApprovalView:
        case, row = _locked(act, approval_pk)
        maker, checker = staff_queries.two_by_pk(act.session, row.maker_pk, checker_pk)
        shown = rebuilt(act.session, case, row, maker, act.now)
        if act.who is not None:
            act.who = replace(act.who, approver=checker.staff_id)
        act.about(
            reception_no=case.reception_no,
            transaction=case.transaction,
            user_id=shown.user_id or None,
            serial=shown.serial or None,
        )
        objection = objection_to_decision(
            rule_of(row, case), person_of(checker), seen=seen, digest_now=digest(shown), now=act.now
        )
        if objection is None:
            _store_decision(act, row, checker, reject_reason)
        else:
            refuse(act, row, objection)
        return approval_view(act.session, row, case, act.now)

    def _prove(self, actor: Actor, approval_pk: int, approver_id: str, password: Secret) -> int:
        """Who decides in the dialog; a wrong sign-on counts against the request as well."""
        self._require_undecided(actor, approval_pk)
        try:
            approver = self.proof.of(
                approver_id, password, EventTag.APPROVER_PROVEN, EventTag.APPROVER_REFUSED
            )
        except (SignOnRefused, SignOnPaused) as wrong:
            self._count_wrong_sign_on(actor, approval_pk, wrong)
            raise
        return approver.pk

    def _require_undecided(self, actor: Actor, approval_pk: int) -> None:
        """Nobody's password is asked for in vain."""
        with self.desk.acting(actor, Permission.RECEIVE, EventTag.APPROVAL_REFUSED) as act:
            case, row = _locked(act, approval_pk)
            state = state_at(rule_of(row, case), act.now)
            if state is ApprovalState.EXPIRED and row.state == ApprovalState.ASKED:
                refuse(act, row, Objection.EXPIRED)
            elif state is not ApprovalState.ASKED:
                refuse(act, row, Objection.NOT_LIVE)

    def _count_wrong_sign_on(
        self, actor: Actor, approval_pk: int, wrong: SignOnRefused | SignOnPaused
    ) -> None:
        with self.desk.acting(actor, Permission.RECEIVE, EventTag.APPROVAL_REFUSED, finishing=True) as act:
            case, row = _locked(act, approval_pk)
            if row.state != ApprovalState.ASKED:
                raise AlreadyDecided(state=row.state)
            act.about(reception_no=case.reception_no)
            row.wrong_sign_ons += 1
            tries_left = DIALOG_TRIES - row.wrong_sign_ons
            if tries_left:
                act.refuse(wrong, EventTag.APPROVAL_REFUSED, tries_left=tries_left)
            else:
                put_down(row, SIGN_ONS)
                act.refuse(ApprovalClosed(), EventTag.APPROVAL_VOIDED, cause=SIGN_ONS)


def _locked(act: Act, approval_pk: int) -> tuple[Case, ApprovalRow]:
    """A request of the branch with its reception; receptions are locked first, everywhere."""
    reception_no = approvals.case_of(act.session, approval_pk, act.scope)
    if reception_no is None:
        raise CaseNotOpen(reception_no="", state="unknown")
    case = the_case(act.session, reception_no, act.scope)
    row = approvals.by_pk_for_update(act.session, approval_pk, act.scope)
    if row is None:
        raise CaseNotOpen(reception_no=reception_no, state=case.state)
    return case, row


def _store_decision(act: Act, row: ApprovalRow, checker: Colleague, reject_reason: str | None) -> None:
    row.checker_pk, row.checker_person = checker.pk, checker.person_number
    row.decided_at = act.now
    row.reject_reason = reject_reason
    put_into(row, ApprovalState.APPROVED if reject_reason is None else ApprovalState.REJECTED)
    act.session.flush()
    act.record(approval_of=row.subject, digest=row.digest)
    if row.state == ApprovalState.APPROVED and row.subject == ApprovalSubject.CONFIRM_EMERGENCY:
        mark_executed(act, row, checker)  # it is done already: nothing more follows


def _require_reason(reason: str) -> None:
    problem = problem_in(reason, LONGEST_LINE)
    if problem is not None:
        raise BadInput(field="reason", problem=problem)

"""失効: what was approved is executed, and the two facts the customer waits for are told (S400, E-75 to E-80)."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from db.database import is_unique_violation
from db.queries import approvals, emergencies, issues, latest
from db.queries import cases as case_queries
from db.queries import certificates as certificate_queries
from db.queries import staff as staff_queries
from db.tables.case import ONE_OPEN_CASE, Case
from db.tables.certificate import Certificate
from db.tables.user import User
from kiosk.audit.events import EventTag
from kiosk.errors import ApprovalNeeded, CaseNotOpen, ChecksOpen
from kiosk.pki.signer import Signer
from kiosk.rules.approvals import ApprovalSubject
from kiosk.rules.cases import AT_ONCE, CaseState
from kiosk.rules.deliveries import StickReport, consequence
from kiosk.rules.operations import Transaction, TransactionFamily, kind_of_issue
from kiosk.rules.revocation import RevocationReason, approval_due, paper_due
from kiosk.rules.roles import Permission
from kiosk.rules.service_hours import ServiceHours
from kiosk.rules.shown import Effect
from kiosk.services.acting import Actor
from kiosk.services.approved._follow_ups import NO_FORM_YET, call_back_of, follow_up_of, require_call
from kiosk.services.approved._stick_reports import REPORTABLE, take_down
from kiosk.services.approved.asking import Askable
from kiosk.services.approved.requests import (
    approved,
    maker_of,
    mark_executed,
    request_of,
    store_request,
    withdraw_live,
)
from kiosk.services.approved.revocations import lock_issuing_reception, revoke_by_serial
from kiosk.services.approved.shown import others_live, shown_of
from kiosk.services.approved.views import (
    ConfirmEmergency,
    FollowUp,
    GiveUpRequest,
    PhoneCall,
    Revoked,
    RevokeRequest,
    StickReported,
)
from kiosk.services.crl.drafts import NextList
from kiosk.services.crl.entries import Taken
from kiosk.services.desk.cases import (
    case_view,
    end_at_once,
    first_act,
    give_back_medium,
    move,
    new_case,
    require_open,
    the_case,
    the_case_to_read,
    the_user,
)
from kiosk.services.desk.guard import Act, Desk, View, partly_stored
from kiosk.services.desk.refusals import busy_elsewhere
from kiosk.services.desk.row_views import holdings_of
from kiosk.services.desk.typed import require_form_no
from kiosk.services.views import CaseView, Channel, ReceptionCheck

WITHOUT_REISSUE = "without_reissue"
"""Why a change of PC ended after its first act."""

_DELIVERIES = (ApprovalSubject.GIVE_UP,)
_REVOCATIONS = (ApprovalSubject.REVOKE, ApprovalSubject.CONFIRM_EMERGENCY)


@dataclass(frozen=True, kw_only=True)
class Revoking:
    """Execute approved revocations and say how far the list is."""

    desk: Desk
    signer: Signer
    askable: Askable
    hours: ServiceHours
    emergency_by_one_clerk: bool
    """Whether 202 may be executed before a supervisor has looked (DOMAIN decision 1)."""
    next_list: Callable[[], AbstractContextManager[NextList]]
    """The CRL of a revocation; a failure to publish it is journaled there and never undoes the revocation."""

    def execute(self, actor: Actor, reception_no: str) -> Revoked:
        """Revoke what was approved in this reception, once, and publish the list.

        Only by the one who asked, within the ten minutes of the approval, and only while everything that was shown is
        still so: `ApprovalNeeded`, `ApprovalExpired`, `ApprovalStale`, `NotTheAsker`, `ClockWrong`, the refusals of
        hours and branch. A CA key that is locked, or a folder that is full, delays the list and nothing else (I-15).
        """
        with self.next_list() as crl:
            return _published(self._executed(actor, reception_no, crl), crl)

    def _executed(self, actor: Actor, reception_no: str, crl: NextList) -> Revoked:
        key_id = self.signer.facts().key_id
        revoked: Revoked | None = None
        with self.desk.acting(
            actor,
            Permission.REVOKE,
            EventTag.CERTIFICATE_REVOKED,
            watch_clock=True,
            reception_no=reception_no,
        ) as act:
            case = the_case(act.session, reception_no, act.scope)
            asked = approvals.newest_of_case(act.session, case.pk)
            wanted = None if asked is None else request_of(asked)
            waiting = (
                lock_issuing_reception(act, case, wanted.serial)
                if isinstance(wanted, RevokeRequest)
                else None
            )
            user = the_user(act.session, case)
            act.about(user_id=user.user_id, transaction=case.transaction)
            approval = approved(
                act, case, actor, ApprovalSubject.REVOKE, ApprovalSubject.GIVE_UP, newest=asked
            )
            if approval is not None:
                request = request_of(approval.row)
                if not isinstance(request, RevokeRequest | GiveUpRequest):
                    raise AssertionError("an approval of this subject is a revocation")
                self.askable.require(act, case, user, actor, request)
                mark_executed(act, approval.row, approval.by)
                if isinstance(request, RevokeRequest):
                    taken = self._revoke(act, case, user, actor, request, key_id, waiting)
                else:
                    taken = self._give_up(act, case, request, actor, key_id)
                another_stays = Effect.OTHER_CERTIFICATE_STAYS in approval.shown.effects
                revoked = _stopped(act, case, taken.row, approval.by.staff_id, another_stays)
                act.while_stored(partial(crl.begin, taken))
        if revoked is None:
            raise AssertionError("what was not approved is refused above")
        return revoked

    def result(self, actor: Actor, reception_no: str) -> Revoked | None:
        """What this reception has revoked last, and whether the list is out by now; None while it has nothing."""
        with self.desk.looking(actor, Permission.INQUIRE) as look:
            case = the_case_to_read(look.session, reception_no, look.scope)
            return _revoked(look, case)

    def finish_without_reissue(self, actor: Actor, reception_no: str) -> None:
        """End a change of PC after its first act: the customer has no certificate until another visit (E-75).

        Raises `CaseNotOpen` in every other reception, and from step 7 on.
        """
        with self.desk.acting(
            actor, Permission.REVOKE, EventTag.ENDED_WITHOUT_REISSUE, reception_no=reception_no
        ) as act:
            case = the_case(act.session, reception_no, act.scope, CaseState.TRANSACTION_CHOSEN)
            if first_act(act.session, case) is None:
                raise CaseNotOpen(reception_no=reception_no, state=case.state)
            user = the_user(act.session, case)
            give_back_medium(act.session, case, act.now, actor.staff_pk)
            case.transaction, case.family = Transaction.REVOKE, TransactionFamily.REVOKE
            case.issue_kind, case.void_reason = None, WITHOUT_REISSUE
            move(case, CaseState.DONE, act.now, AT_ONCE)
            act.record(user_id=user.user_id)

    def open_by_phone(self, actor: Actor, call: PhoneCall) -> CaseView:
        """Take a reception number for a call that was called back; 202 is all that can be chosen in it.

        Pressing twice with one `operation_id` opens one reception. Raises `OutOfHours`, `BadInput` naming the field,
        `ChecksOpen` while the call-back is not confirmed.
        """
        with self.desk.acting(actor, Permission.RECEIVE, EventTag.PHONE_RECEPTION, watch_clock=True) as act:
            case = case_queries.by_operation(act.session, call.operation_id)
            if case is None:
                require_open(act, self.hours)
                require_call(call, act.now)
                case = new_case(
                    act,
                    actor,
                    operation_id=call.operation_id,
                    form_no=NO_FORM_YET,
                    channel=Channel.PHONE,
                    visitor_kind=call.caller_kind,
                    visitor_name=call.caller_name,
                    begun_as=Transaction.EMERGENCY_REVOKE,
                )
                act.session.add(call_back_of(case.pk, call, actor.staff_id))
                act.about(reception_no=case.reception_no)
                act.record(visitor=call.caller_kind, channel=Channel.PHONE)
            return case_view(act.session, case, actor, self.hours, act.now)

    def execute_emergency(self, actor: Actor, reception_no: str, request: RevokeRequest) -> Revoked:
        """Revoke by phone at once, by one clerk; a supervisor confirms it until the end of the day (202).

        Raises `ApprovalNeeded` where the settings do not allow it: then it is asked for and executed like 201. Other
        refusals as in `Approving.ask`.
        """
        with self.next_list() as crl:
            return _published(self._executed_at_once(actor, reception_no, request, crl), crl)

    def _executed_at_once(
        self, actor: Actor, reception_no: str, request: RevokeRequest, crl: NextList
    ) -> Revoked:
        key_id = self.signer.facts().key_id
        with self.desk.acting(
            actor,
            Permission.REVOKE,
            EventTag.CERTIFICATE_REVOKED,
            watch_clock=True,
            reception_no=reception_no,
        ) as act:
            case = the_case(act.session, reception_no, act.scope)
            waiting = lock_issuing_reception(act, case, request.serial)
            user = the_user(act.session, case)
            act.about(user_id=user.user_id, transaction=case.transaction)
            if not self.emergency_by_one_clerk or case.transaction != Transaction.EMERGENCY_REVOKE:
                raise ApprovalNeeded
            self.askable.require(act, case, user, actor, request)
            withdraw_live(act, case)
            taken = self._revoke(act, case, user, actor, request, key_id, waiting)
            emergency = emergencies.of_case_for_update(act.session, case.pk)
            if emergency is not None:
                emergency.approval_due_at = approval_due(act.now)
            act.session.flush()
            by, wanted = staff_queries.by_pk(act.session, actor.staff_pk), ConfirmEmergency()
            shown = shown_of(act.session, case, wanted, maker_of(by, actor), asked_at=act.now, now=act.now)
            store_request(act, case, by, wanted, shown)
            revoked = _stopped(act, case, taken.row, "", _another_stays(act, taken.row))
            act.while_stored(partial(crl.begin, taken))
        return revoked

    def follow_ups(self, actor: Actor) -> tuple[FollowUp, ...]:
        """Revocations by phone whose confirmation or paper is not in; overdue ones first."""
        with self.desk.acting(actor, Permission.INQUIRE, EventTag.FOLLOW_UPS_LISTED) as act:
            rows = emergencies.open_ones(act.session, act.scope)
            lines = [follow_up_of(act.session, row, act.now) for row in rows]
            act.record(count=len(lines))
        return tuple(sorted(lines, key=lambda line: not line.overdue))

    def paper_received(
        self, actor: Actor, reception_no: str, form_no: str, checks: frozenset[ReceptionCheck]
    ) -> FollowUp:
        """The sealed form of a revocation by phone has come in.

        Raises `BadInput`, `ChecksOpen` before form and seal are checked, `CaseNotOpen` when no paper is missing.
        """
        require_form_no(form_no)
        missing = tuple(check for check in (ReceptionCheck.FORM, ReceptionCheck.SEAL) if check not in checks)
        with self.desk.acting(
            actor, Permission.RECEIVE, EventTag.PAPER_RECEIVED, reception_no=reception_no
        ) as act:
            if missing:
                raise ChecksOpen(missing=missing)
            case = the_case(act.session, reception_no, act.scope, CaseState.DONE)
            emergency = emergencies.of_case_for_update(act.session, case.pk)
            item = next(
                (each for each in emergencies.open_ones(act.session, act.scope) if each.case.pk == case.pk),
                None,
            )
            if emergency is None or item is None or emergency.paper_received_at is not None:
                raise CaseNotOpen(reception_no=reception_no, state=case.state)
            case.form_no = form_no
            emergency.paper_received_at, emergency.paper_received_by = act.now, actor.staff_id
            act.record(form_no=form_no, user_id=item.user.user_id, serial=item.certificate.serial)
            return follow_up_of(act.session, item, act.now)

    def report_stick(
        self, actor: Actor, reception_no: str, serial: str, report: StickReport
    ) -> StickReported:
        """Take down that a stick was lost, not opened or damaged; needs no approval and always succeeds (R-85).

        In any open reception of its user, or in the one that waits to hand it over. The answer says what to ask a
        supervisor for next. Raises `NothingSelected` for a certificate that is not the user's, `CaseNotOpen`.
        """
        with self.desk.acting(
            actor, Permission.RECEIVE, EventTag.STICK_REPORTED, reception_no=reception_no
        ) as act:
            case = the_case(act.session, reception_no, act.scope, *REPORTABLE)
            user = the_user(act.session, case)
            act.about(user_id=user.user_id)
            return take_down(act, case, user, actor, serial, report, self.askable)

    def _revoke(
        self,
        act: Act,
        case: Case,
        user: User,
        actor: Actor,
        request: RevokeRequest,
        key_id: str,
        waiting: Case | None,
    ) -> Taken:
        taken = revoke_by_serial(act, case, request.serial, request.reason, key_id, actor.staff_pk, waiting)
        if case.transaction == Transaction.EMERGENCY_REVOKE:
            emergency = emergencies.of_case_for_update(act.session, case.pk)
            if emergency is not None:
                emergency.executed_at = act.now
                emergency.paper_due = paper_due(emergency.called_back_at)
        if request.then_reissue:
            _go_on_to_reissue(act, case, user)
        else:
            end_at_once(act.session, case, act.now)
        act.record(serial=request.serial, reason=request.reason, reissue=request.then_reissue)
        return taken

    def _give_up(self, act: Act, case: Case, request: GiveUpRequest, actor: Actor, key_id: str) -> Taken:
        serial = _serial_of(act, case)
        reason = consequence(request.outcome).reason or RevocationReason.UNDELIVERED
        taken = revoke_by_serial(act, case, serial, reason, key_id, actor.staff_pk, case, request.outcome)
        act.record(serial=serial, reason=reason)
        return taken


def _published(revoked: Revoked, crl: NextList) -> Revoked:
    """What was stored, with the second fact when it came about: the list that holds it is out."""
    with partly_stored():
        in_force = crl.publish()
    if in_force is None:
        return revoked
    return replace(revoked, published_crl_number=in_force.number, crl_published_at=in_force.published_at)


def _serial_of(act: Act, case: Case) -> str:
    row = issues.certificate_of_for_update(act.session, case.pk)
    if row is None:
        raise CaseNotOpen(reception_no=case.reception_no, state=case.state)
    return row.serial


def _go_on_to_reissue(act: Act, case: Case, user: User) -> None:
    """The second act of a change of PC: the same reception waits at step 3 for step 4 (E-75)."""
    kind = kind_of_issue(holdings_of(certificate_queries.held_by(act.session, user.pk)), act.now)
    try:
        with act.session.begin_nested():
            case.transaction, case.family = kind.transaction, TransactionFamily.ISSUE
            case.issue_kind = kind
            move(case, CaseState.TRANSACTION_CHOSEN, act.now)
            act.session.flush()
    except IntegrityError as error:
        if not is_unique_violation(error, ONE_OPEN_CASE):
            raise
        raise busy_elsewhere(act.session, user, kind.transaction) from None


def _revoked(look: View, case: Case) -> Revoked | None:
    given_up = certificate_queries.given_up_in(look.session, case.reception_no)
    row = given_up or certificate_queries.revoked_in(look.session, case.reception_no)
    if row is None or row.revoked_at is None:
        return None
    approved_by = _approver(look.session, case, _REVOCATIONS if given_up is None else _DELIVERIES)
    revoked = _stopped(look, case, row, approved_by, _another_stays(look, row))
    crl = latest.published_crl(look.session)
    if crl is None or (crl.published_number or 0) < revoked.crl_number:
        return revoked
    return replace(revoked, published_crl_number=crl.published_number, crl_published_at=crl.published_at)


def _another_stays(look: View | Act, row: Certificate) -> bool:
    return others_live(look.session, row.user_pk, row.serial, look.now) > 0


def _stopped(
    look: View | Act, case: Case, row: Certificate, approved_by: str, another_stays: bool
) -> Revoked:
    """The first fact: what is stopped in the registry; no list tells it yet."""
    goes_on = case.family == TransactionFamily.ISSUE and case.state == CaseState.TRANSACTION_CHOSEN
    return Revoked(
        reception_no=case.reception_no,
        serial=row.serial,
        user_id=look.session.get_one(User, row.user_pk).user_id,
        reason=RevocationReason(row.revocation_reason or RevocationReason.OTHER),
        revoked_at=row.revoked_at or look.now,
        approved_by=approved_by,
        crl_number=row.crl_number or 0,
        published_crl_number=None,
        crl_published_at=None,
        reissue=Transaction(case.transaction) if goes_on and case.transaction else None,
        another_stays=another_stays,
        follow_up=_follow_up(look, case) if case.channel == Channel.PHONE else None,
    )


def _approver(session: Session, case: Case, subjects: tuple[ApprovalSubject, ...]) -> str:
    for subject in subjects:
        row = approvals.executed_of_case(session, case.pk, subject)
        if row is not None and row.checker_pk is not None:
            return staff_queries.by_pk(session, row.checker_pk).staff_id
    return ""


def _follow_up(look: View | Act, case: Case) -> FollowUp | None:
    for item in emergencies.open_ones(look.session, look.scope):
        if item.case.pk == case.pk:
            return follow_up_of(look.session, item, look.now)
    return None

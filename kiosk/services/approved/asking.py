"""Whether a request makes sense: asked before it is shown, when it is made, and once more when it is executed."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import assert_never

from db.queries import certificates as certificate_queries
from db.queries import emergencies
from db.tables.case import Case
from db.tables.certificate import Certificate
from db.tables.user import User
from kiosk.errors import (
    AlreadyRevoked,
    BadInput,
    CaseNotOpen,
    ChecksOpen,
    KioskError,
    NothingSelected,
    RevocationNotNeeded,
)
from kiosk.rules.cases import CaseState
from kiosk.rules.certificates import EXISTING_STATES, CertificateState
from kiosk.rules.deliveries import GIVEN_UP_STATES
from kiosk.rules.next_actions import next_action
from kiosk.rules.operations import Transaction, TransactionFamily, kind_of_issue
from kiosk.rules.revocation import REASONS_ON_THE_FORM
from kiosk.rules.service_hours import ServiceHours
from kiosk.rules.texts import LONGEST_LINE, TextProblem, problem_in
from kiosk.rules.validity import CertificateStanding, jst_date, standing
from kiosk.services.acting import Actor
from kiosk.services.approved.views import (
    CallBackCheck,
    ConfirmEmergency,
    GiveUpRequest,
    IssueRequest,
    Request,
    RevokeRequest,
    UnblockRequest,
)
from kiosk.services.desk.cases import first_act, require_possible
from kiosk.services.desk.guard import Act
from kiosk.services.desk.refusals import refusal_for
from kiosk.services.desk.row_views import Viewer, holdings_of, situation_of
from kiosk.services.views import Channel, VisitorKind

_REVOCATIONS = (Transaction.REVOKE, Transaction.EMERGENCY_REVOKE)


@dataclass(frozen=True, kw_only=True)
class Askable:
    """What the counter needs to know about itself to judge a request."""

    hours: ServiceHours
    issuing_closed: Callable[[], KioskError | None]
    """Why no certificate can be issued here now: a change of PC would leave the customer without one."""

    def require(self, act: Act, case: Case, user: User, actor: Actor, request: Request) -> None:
        """Raise the refusal of a request that cannot be executed anyway.

        `CaseNotOpen` when the reception is about something else or elsewhere; `NothingSelected`, `AlreadyRevoked`,
        `RevocationNotNeeded`; `BadInput` naming the field; for a re-issue that is to follow the refusals of the door.
        """
        match request:
            case RevokeRequest():
                self._revocation(act, case, user, actor, request)
            case UnblockRequest():
                _require_at(case, CaseState.TRANSACTION_CHOSEN, Transaction.UNBLOCK)
                require_note(request.note)
                self._possible(act, case, user, actor)
            case IssueRequest():
                _require_at(case, CaseState.TRANSACTION_CHOSEN)
                if case.family != TransactionFamily.ISSUE:
                    raise CaseNotOpen(reception_no=case.reception_no, state=case.state)
                self._possible(act, case, user, actor)
            case GiveUpRequest():
                _require_at(case, CaseState.DELIVERED)
                if request.outcome not in GIVEN_UP_STATES:
                    raise BadInput(field="reason", problem=TextProblem.EMPTY)
            case ConfirmEmergency():
                _require_unconfirmed(act, case)
            case _:
                assert_never(request)

    def _revocation(self, act: Act, case: Case, user: User, actor: Actor, request: RevokeRequest) -> None:
        _require_at(case, CaseState.TRANSACTION_CHOSEN, *_REVOCATIONS)
        require_note(request.note)
        if request.reason not in REASONS_ON_THE_FORM:
            raise BadInput(field="reason", problem=TextProblem.EMPTY)
        row = certificate_queries.by_serial(act.session, request.serial, None)
        if row is None or row.user_pk != user.pk:
            raise NothingSelected
        require_revocable(act, row)
        self._possible(act, case, user, actor)  # also for a user who was moved to another branch meanwhile
        if (
            case.transaction == Transaction.EMERGENCY_REVOKE
            and emergencies.of_case(act.session, case.pk) is None
        ):
            raise ChecksOpen(missing=tuple(CallBackCheck))
        refusal = self.second_act_refusal(act, case, user, actor, row) if request.then_reissue else None
        if refusal is not None:
            raise refusal

    def _possible(self, act: Act, case: Case, user: User, actor: Actor) -> None:
        refusal = require_possible(act, case, user, actor, self.hours)
        if refusal is not None:
            raise refusal

    def second_act_refusal(
        self, act: Act, case: Case, user: User, actor: Actor, row: Certificate
    ) -> KioskError | None:
        """Why the re-issue of a change of PC would not be possible once this certificate is gone (E-75)."""
        closed = self.issuing_closed()
        if closed is not None:
            return closed
        situation = situation_of(
            act.session,
            user,
            certificate_queries.of_user(act.session, user.pk),
            Viewer(actor=actor, hours=self.hours),
            act.now,
            serving=case.reception_no,
            visitor_is_proxy=case.visitor_kind == VisitorKind.PROXY,
            by_phone=case.channel == Channel.PHONE,
        )
        rows = [each for each in certificate_queries.of_user(act.session, user.pk) if each.pk != row.pk]
        gone = holdings_of([row])[0]
        afterwards = replace(situation, holdings=(*holdings_of(rows), replace(gone, revoked=True)))
        if _open_issue_ends_with(act, row):
            families = situation.open_families - {TransactionFamily.ISSUE}
            afterwards = replace(afterwards, open_families=families)
        wanted = kind_of_issue(afterwards.holdings, act.now).transaction
        answer = next_action(afterwards, actor.role, wanted, act.now)
        return None if answer.reason is None else refusal_for(act, user, answer, answer.reason, self.hours)


def require_revocable(act: Act, row: Certificate) -> None:
    """Raise `AlreadyRevoked`, `RevocationNotNeeded`, or `NothingSelected` for what was never signed (E-76 to E-78)."""
    if row.state == CertificateState.REVOKED and row.revoked_at is not None:
        raise AlreadyRevoked(revoked_on=jst_date(row.revoked_at), reception_no=row.revoked_in or "")
    if row.state not in EXISTING_STATES:
        raise NothingSelected
    if standing(row.last_valid_date, False, act.now) is CertificateStanding.EXPIRED:
        raise RevocationNotNeeded(last_valid_date=row.last_valid_date)


def require_note(note: str) -> None:
    """Raise `BadInput` for a note that cannot be stored; none is needed."""
    problem = problem_in(note, LONGEST_LINE) if note else None
    if problem is not None:
        raise BadInput(field="note", problem=problem)


def _require_at(case: Case, state: CaseState, *transactions: Transaction) -> None:
    if case.state != state or (transactions and case.transaction not in transactions):
        raise CaseNotOpen(reception_no=case.reception_no, state=case.state)


def _require_unconfirmed(act: Act, case: Case) -> None:
    emergency = emergencies.of_case(act.session, case.pk)
    if (
        emergency is None
        or emergency.approval_due_at is None
        or emergencies.is_confirmed(act.session, case.pk)
    ):
        raise CaseNotOpen(reception_no=case.reception_no, state=case.state)


def _open_issue_ends_with(act: Act, row: Certificate) -> bool:
    """Whether the reception that issued this certificate is still open and ends when the certificate is revoked.

    A change of PC does not end then: its re-issue is owed, and goes on there (E-75).
    """
    issued_by = act.session.get_one(Case, row.case_pk)
    waits = issued_by.state in {CaseState.ISSUED, CaseState.DELIVERED}
    return waits and first_act(act.session, issued_by) is None

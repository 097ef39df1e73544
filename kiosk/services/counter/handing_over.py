"""Step 9 and what is left over: handing the medium over, and the list of what a person must settle (S700)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from db.queries import approvals, issues
from db.queries import cases as case_queries
from db.queries import certificates as certificate_queries
from db.queries import media as media_queries
from db.queries.branches import terminal_for_update, terminal_numbers
from db.queries.cases import UnfinishedCase
from db.queries.codes import live_until
from db.tables.approval import Approval
from db.tables.case import Case
from db.tables.organization import Organization
from kiosk.audit.events import EventTag
from kiosk.errors import CaseNotOpen, HandOverChecksOpen, TerminalStillThere
from kiosk.pki.signer import Signer
from kiosk.rules.approvals import ApprovalState, ApprovalSubject, state_at
from kiosk.rules.cases import CaseState
from kiosk.rules.deliveries import DeliveryState
from kiosk.rules.operations import Transaction
from kiosk.rules.parking import ParkReason
from kiosk.rules.presence import Presence, presence
from kiosk.rules.roles import Permission
from kiosk.services.acting import Actor
from kiosk.services.approved.revocations import give_up
from kiosk.services.desk.cases import first_act, move, record_medium, rule_of, the_case, the_user
from kiosk.services.desk.guard import Act, Desk
from kiosk.services.views import HandOverCheck, NextStep, Receipt, Undelivered


@dataclass(frozen=True, kw_only=True)
class HandingOver:
    """Hand over a verified medium; list and settle what is unfinished."""

    desk: Desk
    signer: Signer
    publish_crl: Callable[[], None]

    def hand_over(self, actor: Actor, reception_no: str, checks: frozenset[HandOverCheck]) -> Receipt:
        """Close a reception: medium number compared, receipt signed, guide given (E-85, R-81).

        Raises `HandOverChecksOpen`, or `CaseNotOpen` when nothing verified waits to be handed over.
        """
        with self.desk.acting(
            actor, Permission.HAND_OVER, EventTag.HANDED_OVER, reception_no=reception_no
        ) as act:
            case = the_case(act.session, reception_no, act.scope, CaseState.DELIVERED)
            user = the_user(act.session, case)
            act.about(user_id=user.user_id, medium_no=case.medium_no)
            missing = tuple(check for check in HandOverCheck if check not in checks)
            if missing:
                raise HandOverChecksOpen(missing=missing)
            row = issues.certificate_of_for_update(act.session, case.pk)
            delivery = issues.delivery_of_for_update(act.session, case.pk)
            if row is None or delivery is None or delivery.state != DeliveryState.VERIFIED:
                raise CaseNotOpen(reception_no=reception_no, state=case.state)
            delivery.state = DeliveryState.HANDED_OVER
            delivery.handed_over_at = act.now
            delivery.handed_over_by = actor.staff_id
            self._book_medium(act.session, case, actor, act.now)
            revoked = first_act(act.session, case)
            move(case, CaseState.DONE, act.now)
            act.record(serial=row.serial, file=delivery.file_name)
            return Receipt(
                reception_no=reception_no,
                user_id=user.user_id,
                organization_name=act.session.get_one(Organization, user.organization_pk).name,
                serial=row.serial,
                file_name=delivery.file_name,
                medium_no=case.medium_no or "",
                handed_over_at=act.now,
                operator=actor.name,
                simulated=delivery.simulated,
                revoked_serial=None if revoked is None else revoked.serial,
                revoked_at=None if revoked is None else revoked.revoked_at,
            )

    def unfinished(self, actor: Actor) -> tuple[Undelivered, ...]:
        """Every open reception of the branch with its one next step; the undelivered ones first."""
        with self.desk.acting(actor, Permission.HAND_OVER, EventTag.UNFINISHED_LISTED) as act:
            rows = case_queries.unfinished(act.session, act.scope)
            asked = approvals.newest_of_cases(act.session, [row.case.pk for row in rows])
            terminals = terminal_numbers(act.session, {row.case.terminal_pk for row in rows})
            revoked = certificate_queries.revoked_in_any(act.session, [row.case.reception_no for row in rows])
            codes = live_until(
                act.session, [row.case.pk for row in rows if row.case.parked_reason is not None], act.now
            )
            lines = [
                replace(
                    _line(
                        row,
                        terminals[row.case.terminal_pk],
                        asked.get(row.case.pk),
                        revoked.get(row.case.reception_no),
                        act.now,
                    ),
                    file_name="" if row.delivery is None else row.delivery.file_name,
                    parked=None if row.case.parked_reason is None else ParkReason(row.case.parked_reason),
                    code_until=codes.get(row.case.pk),
                )
                for row in rows
            ]
            act.record(count=len(lines))
        return tuple(sorted(lines, key=lambda line: (line.serial is None, line.since)))

    def give_up(self, actor: Actor, reception_no: str) -> None:
        """Revoke at once what was never verified on a stick, without approval (DOMAIN decision 1, E-85).

        Raises `CaseNotOpen` for a medium that was verified: that one can be handed over, or revoked with approval;
        `TerminalStillThere` while the terminal of the reception runs and is another one.
        """
        with self.desk.acting(
            actor, Permission.HAND_OVER, EventTag.DELIVERY_GIVEN_UP, reception_no=reception_no
        ) as act:
            case = the_case(act.session, reception_no, act.scope, CaseState.ISSUED)
            _require_not_at_work(act, case, actor)
            give_up(act, case, self.signer.facts().key_id, staff_pk=actor.staff_pk)
        self.publish_crl()

    def _book_medium(self, session: Session, case: Case, actor: Actor, now: datetime) -> None:
        if case.medium_no is None:
            return
        medium = media_queries.by_number_for_update(session, case.medium_no, case.branch_pk)
        if medium is not None:
            record_medium(session, medium, "handed_over", now, actor.staff_pk, case.reception_no)


def _require_not_at_work(act: Act, case: Case, actor: Actor) -> None:
    """Another terminal that is there may be writing the p12 at this moment."""
    if case.terminal_pk == actor.terminal.terminal_pk:
        return
    terminal = terminal_for_update(act.session, case.terminal_pk)
    if presence(terminal.seen_at, act.now) is Presence.HERE:
        raise TerminalStillThere(terminal_no=terminal.terminal_no, seen_at=terminal.seen_at)


def _line(
    row: UnfinishedCase,
    terminal_no: str,
    request: Approval | None,
    revoked_serial: str | None,
    now: datetime,
) -> Undelivered:
    state = CaseState(row.case.state)
    delivery = None if row.delivery is None else DeliveryState(row.delivery.state)
    approval = None if request is None else state_at(rule_of(request, row.case), now)
    return Undelivered(
        reception_no=row.case.reception_no,
        terminal_no=terminal_no,
        serial=None if row.certificate is None else row.certificate.serial,
        user_id="" if row.user is None else row.user.user_id,
        name=row.case.visitor_name if row.user is None else row.user.name,
        case_state=state,
        delivery=delivery,
        since=row.case.opened_at,
        next_step=_next_step(state, delivery, approval, request, revoked_serial),
        transaction=None if row.case.transaction is None else Transaction(row.case.transaction),
        begun_as=None if row.case.begun_as is None else Transaction(row.case.begun_as),
        approval=approval,
        revoked_serial=revoked_serial,
    )


def _next_step(
    state: CaseState,
    delivery: DeliveryState | None,
    approval: ApprovalState | None,
    request: Approval | None,
    revoked_serial: str | None,
) -> NextStep:
    if approval is ApprovalState.ASKED:
        return NextStep.WAIT_FOR_APPROVAL
    if (
        approval is ApprovalState.APPROVED
        and request is not None
        and request.subject != ApprovalSubject.ISSUE
    ):
        return NextStep.EXECUTE
    match state:
        case CaseState.DELIVERED if delivery is not DeliveryState.VERIFIED:
            return NextStep.REVOKE_WITH_APPROVAL
        case CaseState.DELIVERED:
            return NextStep.HAND_OVER
        case CaseState.ISSUED:
            return NextStep.GIVE_UP
        case CaseState.ISSUING | CaseState.NEEDS_ATTENTION:
            return NextStep.RESTART
    return NextStep.RESUME_OR_VOID if revoked_serial is None else NextStep.REISSUE

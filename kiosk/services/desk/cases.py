"""What the use cases of one reception share: finding it, locking it, moving it on."""

from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from db.queries import approvals, cases, certificates, issues, media, users
from db.tables.approval import Approval as ApprovalRow
from db.tables.case import Case
from db.tables.certificate import Certificate
from db.tables.medium import Medium, MediumMovement
from db.tables.user import User
from kiosk.errors import (
    CaseNotOpen,
    KioskError,
    OutOfHours,
    SecondActOpen,
)
from kiosk.rules import naming
from kiosk.rules.approvals import Approval, ApprovalState, ApprovalSubject, state_at
from kiosk.rules.cases import AT_ONCE, NOTHING_ELSE, CaseState, Moves, may_move
from kiosk.rules.next_actions import next_action
from kiosk.rules.operations import Transaction, TransactionFamily, family_of
from kiosk.rules.service_hours import ServiceHours, is_open
from kiosk.rules.validity import jst_date
from kiosk.services.acting import Actor
from kiosk.services.desk import row_views
from kiosk.services.desk.guard import Act
from kiosk.services.desk.refusals import refusal_for
from kiosk.services.desk.row_views import Viewer, situation_of
from kiosk.services.views import CaseView, Channel, VisitorKind


def the_case(session: Session, reception_no: str, scope: int | None, *states: CaseState) -> Case:
    """The reception, its row locked, in one of `states`.

    Raises `CaseNotOpen` when it is unknown in this branch or in another step.
    """
    return _in_states(cases.by_number_for_update(session, reception_no, scope), reception_no, states)


def the_case_to_read(session: Session, reception_no: str, scope: int | None, *states: CaseState) -> Case:
    """The same without a lock, for a transaction that only looks."""
    return _in_states(cases.by_number(session, reception_no, scope), reception_no, states)


def the_issue(session: Session, reception_no: str, scope: int | None, *states: CaseState) -> Case:
    """`the_case`, for steps 4 to 9: the reception of a revocation or an unblocking never gets there."""
    case = the_case(session, reception_no, scope, *states)
    if case.family != TransactionFamily.ISSUE:
        raise CaseNotOpen(reception_no=reception_no, state=case.state)
    return case


def the_user(session: Session, case: Case) -> User:
    """The user of a reception that has one, the row locked: users are locked after cases, everywhere."""
    user = None if case.user_pk is None else users.by_pk_for_update(session, case.user_pk)
    if user is None:
        raise CaseNotOpen(reception_no=case.reception_no, state=case.state)
    return user


def move(case: Case, to: CaseState, now: datetime, also: Moves = NOTHING_ELSE) -> None:
    """Bring the reception to another state; raises `CaseNotOpen` unless the rules or `also` allow it."""
    _require_move(case, to, also)
    case.state = to
    if to in (CaseState.DONE, CaseState.VOIDED):
        case.closed_at = now


def end_at_once(session: Session, case: Case, now: datetime) -> None:
    """End a reception whose transaction is one act; raises `CaseNotOpen` where it has more steps."""
    _require_move(case, CaseState.DONE, AT_ONCE)
    cases.store_end(session, case, CaseState.DONE, now)


def _require_move(case: Case, to: CaseState, also: Moves) -> None:
    if not may_move(CaseState(case.state), to, also):
        raise CaseNotOpen(reception_no=case.reception_no, state=case.state)


def new_case(
    act: Act,
    actor: Actor,
    *,
    operation_id: str,
    form_no: str,
    channel: Channel,
    visitor_kind: VisitorKind,
    visitor_name: str,
    begun_as: Transaction | None,
) -> Case:
    """A reception with the next number of the terminal; its row is flushed."""
    today = jst_date(act.now)
    number = cases.next_reception_number(act.session, actor.terminal.terminal_pk, today)
    case = Case(
        reception_no=naming.reception_no(today, actor.terminal.branch_no, actor.terminal.terminal_no, number),
        branch_pk=actor.terminal.branch_pk,
        terminal_pk=actor.terminal.terminal_pk,
        staff_pk=actor.staff_pk,
        business_date=today,
        state=CaseState.RECEPTION,
        opened_at=act.now,
        session=actor.session,
        operation_id=operation_id,
        form_no=form_no,
        channel=channel,
        visitor_kind=visitor_kind,
        visitor_name=visitor_name,
        begun_as=begun_as,
    )
    act.session.add(case)
    act.session.flush()  # for its primary key
    return case


def require_open(act: Act, hours: ServiceHours) -> None:
    """Raise `OutOfHours` outside the service hours."""
    if not is_open(hours, act.now):
        raise OutOfHours(opens=f"{hours.opens:%H:%M}", closes=f"{hours.closes:%H:%M}")


def first_act(session: Session, case: Case) -> Certificate | None:
    """The certificate that this reception has revoked before its re-issue, as in a change of PC (E-75)."""
    if case.family != TransactionFamily.ISSUE:
        return None
    return certificates.revoked_in(session, case.reception_no)


def require_free_choice(session: Session, case: Case, transaction: Transaction | None = None) -> None:
    """Raise `SecondActOpen` where a certificate is revoked already: user and kind are settled then, and no way back."""
    if first_act(session, case) is None:
        return
    if transaction is None or family_of(transaction) is not TransactionFamily.ISSUE:
        raise SecondActOpen


def back_to_step_3(case: Case, now: datetime, also: Moves = NOTHING_ELSE) -> None:
    """The reception waits for step 4 again; what was verified no longer counts (R-45, R-65, R-71)."""
    if case.state != CaseState.TRANSACTION_CHOSEN:
        move(case, CaseState.TRANSACTION_CHOSEN, now, also)
    case.verified_at = None


def transaction_of(case: Case) -> Transaction:
    """What the reception is about; raises `CaseNotOpen` before step 3."""
    if case.transaction is None:
        raise CaseNotOpen(reception_no=case.reception_no, state=case.state)
    return Transaction(case.transaction)


def require_possible(
    act: Act,
    case: Case,
    user: User,
    actor: Actor,
    hours: ServiceHours,
    transaction: Transaction | None = None,
) -> KioskError | None:
    """Why the reception's transaction is not possible at this moment; None when it is.

    Asked before the password, after it and again at the issue, because time passes in between (E-30).
    """
    wanted = transaction or transaction_of(case)
    situation = situation_of(
        act.session,
        user,
        certificates.held_by(act.session, user.pk),
        Viewer(actor=actor, hours=hours),
        act.now,
        serving=case.reception_no,
        visitor_is_proxy=case.visitor_kind == VisitorKind.PROXY,
        by_phone=case.channel == Channel.PHONE,
    )
    answer = next_action(situation, actor.role, wanted, act.now)
    return None if answer.reason is None else refusal_for(act, user, answer, answer.reason, hours)


def case_view(session: Session, case: Case, actor: Actor, hours: ServiceHours, now: datetime) -> CaseView:
    """A reception with the card of its user, if one is chosen."""
    user = None if case.user_pk is None else session.get_one(User, case.user_pk)
    viewer = Viewer(actor=actor, hours=hours)
    card = None if user is None else row_views.user_card(session, user, viewer, now, case=case)
    revoked = certificates.revoked_in(session, case.reception_no)
    return replace(
        row_views.case_view(case, card),
        approval=approval_state(session, case, now),
        revoked_serial=None if revoked is None else revoked.serial,
    )


def approval_state(session: Session, case: Case, now: datetime) -> ApprovalState | None:
    """How far the newest request of a reception is at `now`."""
    row = approvals.newest_of_case(session, case.pk)
    return None if row is None else state_at(rule_of(row, case), now)


def rule_of(row: ApprovalRow, case: Case) -> Approval:
    """What the rules of `kiosk.rules.approvals` decide on."""
    return Approval(
        subject=ApprovalSubject(row.subject),
        state=ApprovalState(row.state),
        branch_pk=case.branch_pk,
        maker_pk=row.maker_pk,
        maker_person=row.maker_person,
        digest=row.digest,
        asked_at=row.asked_at,
        decided_at=row.decided_at,
    )


def give_back_medium(session: Session, case: Case, now: datetime, staff_pk: int | None) -> None:
    """Take the medium out of the reception, as `let_go_of_medium`."""
    let_go_of_medium(session, case, now, staff_pk)
    case.medium_no = None


def let_go_of_medium(session: Session, case: Case, now: datetime, staff_pk: int | None) -> None:
    """The medium of a reception goes back into the stock of the branch.

    One that was tried is damaged instead: nobody knows what lies on it, so no other customer may get it.
    """
    if case.medium_no is None:
        return
    medium = media.by_number_for_update(session, case.medium_no, case.branch_pk)
    if medium is None or medium.state != "in_use":
        return
    delivery = issues.delivery_of_for_update(session, case.pk)
    untouched = delivery is None or delivery.tries == 0 or delivery.medium_no != medium.medium_no
    record_medium(session, medium, "in_stock" if untouched else "damaged", now, staff_pk, case.reception_no)


def take_medium_again(
    session: Session, case: Case, medium_no: str, now: datetime, staff_pk: int | None
) -> None:
    """A medium that was tried and put aside is the one that goes to the customer after all; the present one goes."""
    medium = media.by_number_for_update(session, medium_no, case.branch_pk)
    if medium is None or medium.state != "damaged":
        return
    let_go_of_medium(session, case, now, staff_pk)
    record_medium(session, medium, "in_use", now, staff_pk, case.reception_no)
    case.medium_no = medium.medium_no


def record_medium(
    session: Session,
    medium: Medium,
    state: str,
    now: datetime,
    staff_pk: int | None,
    reception_no: str | None,
) -> None:
    """Change the state of a numbered medium together with its line in the media ledger (DOMAIN 3.4)."""
    medium.state = state
    movement = MediumMovement(
        medium_pk=medium.pk, kind=state, at=now, staff_pk=staff_pk, reception_no=reception_no
    )
    session.add(movement)


def _in_states(case: Case | None, reception_no: str, states: tuple[CaseState, ...]) -> Case:
    if case is None:
        raise CaseNotOpen(reception_no=reception_no, state="unknown")
    if states and CaseState(case.state) not in states:
        raise CaseNotOpen(reception_no=reception_no, state=case.state)
    return case

"""What the use cases of one reception share: finding it, locking it, moving it on."""

from datetime import datetime

from sqlmodel import Session, col, select

from db.queries import cases, certificates, media, users
from db.tables.branch import Branch, Terminal
from db.tables.case import Case
from db.tables.medium import Medium, MediumMovement
from db.tables.user import User
from kiosk.errors import (
    CaseNotOpen,
    InitialRegistrationOpen,
    KioskError,
    LiveCertificate,
    NotPermitted,
    OtherBranch,
    OutOfHours,
    ProxyCannotReceive,
    TransactionNotPossible,
    UserBusyElsewhere,
)
from kiosk.rules.cases import CaseState, may_move
from kiosk.rules.next_actions import NextAction, Reason, next_action
from kiosk.rules.operations import Transaction, TransactionFamily, family_of
from kiosk.rules.roles import PERMISSION_OF
from kiosk.rules.service_hours import ServiceHours
from kiosk.services import _views
from kiosk.services._guard import Act
from kiosk.services._locks import standing_refusal
from kiosk.services._views import Viewer, lock_state_of, situation_of
from kiosk.services.acting import Actor
from kiosk.services.views import CaseView, VisitorKind


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


def move(case: Case, to: CaseState, now: datetime) -> None:
    """Bring the reception to another state; raises `CaseNotOpen` unless the table of `rules.cases` allows it."""
    if not may_move(CaseState(case.state), to):
        raise CaseNotOpen(reception_no=case.reception_no, state=case.state)
    case.state = to
    if to in (CaseState.DONE, CaseState.VOIDED):
        case.closed_at = now


def back_to_step_3(case: Case, now: datetime) -> None:
    """The reception waits for step 4 again; what was verified no longer counts (R-45, R-65, R-71)."""
    if case.state != CaseState.TRANSACTION_CHOSEN:
        move(case, CaseState.TRANSACTION_CHOSEN, now)
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
        certificates.of_user(act.session, user.pk),
        Viewer(actor=actor, hours=hours),
        act.now,
        serving=case.reception_no,
        visitor_is_proxy=case.visitor_kind == VisitorKind.PROXY,
    )
    answer = next_action(situation, actor.role, wanted, act.now)
    return None if answer.reason is None else _refusal(act, user, answer, answer.reason, hours)


def busy_elsewhere(session: Session, user: User, transaction: Transaction) -> UserBusyElsewhere:
    """Which terminal serves this user already (E-90)."""
    family = family_of(transaction)
    other = None if family is None else cases.open_case_of(session, user.pk, family)
    if other is None:
        return UserBusyElsewhere(terminal_no="", reception_no="")
    number = session.exec(select(Terminal.terminal_no).where(col(Terminal.pk) == other.terminal_pk)).one()
    return UserBusyElsewhere(terminal_no=number, reception_no=other.reception_no)


def case_view(session: Session, case: Case, actor: Actor, hours: ServiceHours, now: datetime) -> CaseView:
    """A reception with the card of its user, if one is chosen."""
    user = None if case.user_pk is None else session.get_one(User, case.user_pk)
    viewer = Viewer(actor=actor, hours=hours)
    card = None if user is None else _views.user_card(session, user, viewer, now, case=case)
    return _views.case_view(case, card)


def give_back_medium(session: Session, case: Case, now: datetime, staff_pk: int | None) -> None:
    """Return the reception's unused medium to the stock of the branch."""
    if case.medium_no is None:
        return
    medium = media.by_number_for_update(session, case.medium_no, case.branch_pk)
    if medium is not None and medium.state == "in_use":
        record_medium(session, medium, "in_stock", now, staff_pk, case.reception_no)
    case.medium_no = None


def record_medium(
    session: Session, medium: Medium, state: str, now: datetime, staff_pk: int | None, reception_no: str
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


def _refusal(act: Act, user: User, answer: NextAction, reason: Reason, hours: ServiceHours) -> KioskError:
    """The refusal that says what the reason means for the clerk."""
    match reason:
        case Reason.NOT_PERMITTED:
            return NotPermitted(permission=str(PERMISSION_OF[answer.transaction]))
        case Reason.OTHER_BRANCH:
            return OtherBranch(branch_name=act.session.get_one(Branch, user.branch_pk).name)
        case Reason.OUT_OF_HOURS:
            return OutOfHours(opens=f"{hours.opens:%H:%M}", closes=f"{hours.closes:%H:%M}")
        case Reason.ALREADY_OPEN:
            return busy_elsewhere(act.session, user, answer.transaction)
        case Reason.INITIAL_REGISTRATION_OPEN:
            return InitialRegistrationOpen()
        case Reason.LIVE_CERTIFICATE if answer.opens is not None:
            return LiveCertificate(renewable_from=answer.opens)
        case Reason.PROXY_CANNOT_RECEIVE:
            return ProxyCannotReceive()
        case Reason.LOCKED | Reason.MASTER_BLOCKED | Reason.GENERAL_BLOCKED:
            locked = standing_refusal(user.role, lock_state_of(user), act.now)
            return locked or TransactionNotPossible(reason=reason)
    return TransactionNotPossible(reason=reason)

"""Revocations by telephone: the call-back of a reception, and what still has to come in."""

from datetime import date, datetime
from typing import NamedTuple, TypeVar

from sqlalchemy import ColumnElement, and_, exists, func, or_
from sqlmodel import Session, col, select

from db.queries._scope import locked, within
from db.tables import Approval, Case, Certificate, Emergency, User

Day = TypeVar("Day", datetime | None, date | None)


class OpenEmergency(NamedTuple):
    """A revocation by phone whose confirmation or paper is not in yet."""

    emergency: Emergency
    case: Case
    user: User
    certificate: Certificate


class Due(NamedTuple):
    """The first dates of what is not complete; None where nothing of the kind is open."""

    approval: datetime | None
    paper: date | None
    """A day in Japan."""


def of_case(session: Session, case_pk: int) -> Emergency | None:
    """The call-back of a reception by phone."""
    return session.exec(select(Emergency).where(col(Emergency.case_pk) == case_pk)).one_or_none()


def of_case_for_update(session: Session, case_pk: int) -> Emergency | None:
    """The same, locked until the commit."""
    return session.exec(locked(select(Emergency).where(col(Emergency.case_pk) == case_pk))).one_or_none()


def open_ones(session: Session, branch_pk: int | None) -> tuple[OpenEmergency, ...]:
    """Executed by phone and not complete, those first whose paper is due first."""
    statement = (
        select(Emergency, Case, User, Certificate)
        .join(Case, col(Case.pk) == col(Emergency.case_pk))
        .join(User, col(User.pk) == col(Case.user_pk))
        .join(Certificate, col(Certificate.revoked_in) == col(Case.reception_no))
        .where(_open())
        .order_by(col(Emergency.paper_due), col(Emergency.pk))
    )
    return tuple(OpenEmergency(*row) for row in session.exec(within(statement, Case.branch_pk, branch_pk)))


def is_confirmed(session: Session, case_pk: int) -> bool:
    """Whether a supervisor has confirmed afterwards what was revoked by phone."""
    return (
        session.exec(select(func.count()).where(_confirmation(), col(Approval.case_pk) == case_pk)).one() > 0
    )


def open_count(session: Session, branch_pk: int | None) -> int:
    """How many revocations by phone are not complete."""
    return _count(session, branch_pk, _open())


def first_due(session: Session, branch_pk: int | None) -> Due:
    """Until when the first of them wants its confirmation, and the first its paper, past or to come."""
    return Due(
        approval=_first(session, branch_pk, Emergency.approval_due_at, ~_confirmed()),
        paper=_first(session, branch_pk, Emergency.paper_due, col(Emergency.paper_received_at).is_(None)),
    )


def overdue_count(session: Session, branch_pk: int | None, now: datetime, today: date) -> int:
    """How many of them are past a date at `now`; `today` is the day in Japan."""
    late_approval = and_(~_confirmed(), col(Emergency.approval_due_at) <= now)
    late_paper = and_(col(Emergency.paper_received_at).is_(None), col(Emergency.paper_due) < today)
    return _count(session, branch_pk, and_(_open(), or_(late_approval, late_paper)))


def _count(session: Session, branch_pk: int | None, condition: ColumnElement[bool]) -> int:
    statement = (
        select(func.count())
        .select_from(Emergency)
        .join(Case, col(Case.pk) == col(Emergency.case_pk))
        .where(condition)
    )
    return session.exec(within(statement, Case.branch_pk, branch_pk)).one()


def _first(session: Session, branch_pk: int | None, date_of: Day, condition: ColumnElement[bool]) -> Day:
    statement = (
        select(func.min(col(date_of)))
        .select_from(Emergency)
        .join(Case, col(Case.pk) == col(Emergency.case_pk))
        .where(col(Emergency.executed_at).is_not(None), condition)
    )
    return session.exec(within(statement, Case.branch_pk, branch_pk)).one()


def _open() -> ColumnElement[bool]:
    unconfirmed = and_(col(Emergency.approval_due_at).is_not(None), ~_confirmed())
    return and_(
        col(Emergency.executed_at).is_not(None),
        or_(col(Emergency.paper_received_at).is_(None), unconfirmed),
    )


def _confirmed() -> ColumnElement[bool]:
    return exists().where(_confirmation(), col(Approval.case_pk) == col(Emergency.case_pk))


def _confirmation() -> ColumnElement[bool]:
    return and_(col(Approval.subject) == "confirm_emergency", col(Approval.state) == "executed")

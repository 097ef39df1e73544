"""Requests for a second pair of eyes: of a reception, and those that wait for a supervisor."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, bindparam, func, or_
from sqlmodel import Session, col, select

from db.queries._made_once import store
from db.queries._scope import is_alone, locked, within
from db.tables import Approval, Case
from db.tables.approval import LIVE, LIVE_STATES

_OF_CASE: Final = select(Approval).where(col(Approval.case_pk) == bindparam("of_case"))
_LIVE: Final = locked(_OF_CASE.where(LIVE))
_NEWEST: Final = _OF_CASE.order_by(col(Approval.pk).desc()).limit(1)


def by_pk_for_update(session: Session, approval_pk: int, branch_pk: int | None) -> Approval | None:
    """The request of this row, if its reception belongs to the branch, locked until the commit."""
    statement = select(Approval.pk).join(Case, col(Case.pk) == col(Approval.case_pk))
    found = session.exec(
        within(statement.where(col(Approval.pk) == approval_pk), Case.branch_pk, branch_pk)
    ).one_or_none()
    if found is None:
        return None
    return session.exec(locked(select(Approval).where(col(Approval.pk) == found))).one()


def case_of(session: Session, approval_pk: int, branch_pk: int | None) -> str | None:
    """The number of the reception a request belongs to; to be locked before the request is."""
    statement = select(Case.reception_no).join(Approval, col(Approval.case_pk) == col(Case.pk))
    found = statement.where(col(Approval.pk) == approval_pk)
    return session.exec(within(found, Case.branch_pk, branch_pk)).one_or_none()


def live_of_case_for_update(
    session: Session, case_pk: int, newest: Approval | None = None
) -> Approval | None:
    """The request of a reception that is asked or approved, locked until the commit; there is at most one.

    `newest` is what `newest_of_case` gave in this transaction: where nobody else can have changed it, it is the answer.
    """
    if newest is not None and is_alone(session):
        return newest if newest.state in LIVE_STATES else None
    return session.exec(_LIVE, params={"of_case": case_pk}).one_or_none()


def newest_of_case(session: Session, case_pk: int) -> Approval | None:
    """The last request of a reception, whatever became of it."""
    return session.exec(_NEWEST, params={"of_case": case_pk}).one_or_none()


def store_execution(session: Session, row: Approval, state: str, at: datetime) -> None:
    """Store at once that a request is used up; the registry refuses it a second time."""
    store(session, row, state=state, executed_at=at)


def executed_of_case(session: Session, case_pk: int, subject: str) -> Approval | None:
    """The newest request of this subject that was executed in a reception."""
    statement = select(Approval).where(
        col(Approval.case_pk) == case_pk, col(Approval.subject) == subject, col(Approval.state) == "executed"
    )
    return session.exec(statement.order_by(col(Approval.pk).desc()).limit(1)).one_or_none()


def newest_of_cases(session: Session, case_pks: list[int]) -> dict[int, Approval]:
    """The last request of each of these receptions that has one."""
    statement = select(Approval).where(col(Approval.case_pk).in_(case_pks)).order_by(col(Approval.pk))
    return {row.case_pk: row for row in session.exec(statement)}


def waiting(
    session: Session, branch_pk: int | None, now: datetime, life: timedelta
) -> tuple[tuple[Approval, Case], ...]:
    """Requests of a branch that wait for their decision, each with its reception, oldest first."""
    statement = (
        select(Approval, Case).join(Case, col(Case.pk) == col(Approval.case_pk)).where(_waits(now, life))
    )
    oldest_first = statement.order_by(col(Approval.asked_at), col(Approval.pk))
    return tuple((row, case) for row, case in session.exec(within(oldest_first, Case.branch_pk, branch_pk)))


def waiting_count(session: Session, branch_pk: int | None, now: datetime, life: timedelta) -> int:
    """How many requests of a branch wait for their decision."""
    statement = (
        select(func.count())
        .select_from(Approval)
        .join(Case, col(Case.pk) == col(Approval.case_pk))
        .where(_waits(now, life))
    )
    return session.exec(within(statement, Case.branch_pk, branch_pk)).one()


def _waits(now: datetime, life: timedelta) -> ColumnElement[bool]:
    """Asked within the life of a request; a confirmation waits for ever."""
    return and_(
        col(Approval.state) == "asked",
        or_(col(Approval.subject) == "confirm_emergency", col(Approval.asked_at) > now - life),
    )

"""Numbered media of a branch."""

from sqlalchemy import func
from sqlmodel import Session, col, select

from db.queries._scope import locked, within
from db.tables import Medium


def by_number_for_update(session: Session, medium_no: str, branch_pk: int | None) -> Medium | None:
    """The medium of this number, if it belongs to the branch, locked until the commit."""
    statement = select(Medium).where(col(Medium.medium_no) == medium_no)
    return session.exec(locked(within(statement, Medium.branch_pk, branch_pk))).one_or_none()


def in_stock(session: Session, branch_pk: int | None) -> tuple[Medium, ...]:
    """Unused media, by number."""
    statement = select(Medium).where(col(Medium.state) == "in_stock").order_by(col(Medium.medium_no))
    return tuple(session.exec(within(statement, Medium.branch_pk, branch_pk)))


def stock_count(session: Session, branch_pk: int | None) -> int:
    """How many unused media there are."""
    statement = select(func.count()).select_from(Medium).where(col(Medium.state) == "in_stock")
    return session.exec(within(statement, Medium.branch_pk, branch_pk)).one()

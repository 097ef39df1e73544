"""Counts for the board of the day."""

from datetime import date

from sqlalchemy import func
from sqlmodel import Session, col, select

from db.queries._scope import within
from db.tables import Case, Certificate, Delivery, User
from db.tables.words import CASE_CLOSED, DELIVERY_UNDELIVERED


def unfinished_count(session: Session, branch_pk: int | None) -> int:
    """Receptions that are neither done nor voided."""
    statement = select(func.count()).select_from(Case).where(col(Case.state).not_in(CASE_CLOSED))
    return session.exec(within(statement, Case.branch_pk, branch_pk)).one()


def undelivered_count(session: Session, branch_pk: int | None) -> int:
    """Certificates that were issued at the branch and not handed over."""
    statement = (
        select(func.count())
        .select_from(Delivery)
        .join(Certificate, col(Certificate.pk) == col(Delivery.certificate_pk))
        .join(Case, col(Case.pk) == col(Certificate.case_pk))
        .where(
            col(Delivery.state).in_(DELIVERY_UNDELIVERED), col(Certificate.state).in_(("signed", "active"))
        )
    )
    return session.exec(within(statement, Case.branch_pk, branch_pk)).one()


def expiring_by_day(session: Session, branch_pk: int | None, first: date, last: date) -> dict[date, int]:
    """How many certificates of the branch's users have their last valid day on each day of this span, ends included.

    Only certificates in force; days without any are left out.
    """
    day = col(Certificate.last_valid_date)
    statement = (
        select(day, func.count())
        .join(User, col(User.pk) == col(Certificate.user_pk))
        .where(col(Certificate.state) == "active", day >= first, day <= last)
        .group_by(day)
        .order_by(day)
    )
    return dict(session.exec(within(statement, User.branch_pk, branch_pk)).all())

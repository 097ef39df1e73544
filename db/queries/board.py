"""Counts for the board of the day."""

from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from db.queries._scope import within
from db.tables import Case, Certificate, Delivery, Notice
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


def oldest_unsent(session: Session) -> datetime | None:
    """When the oldest letter that has not left was decided on."""
    waiting = col(Notice.state).in_(("queued", "sending"))
    return session.exec(select(func.min(col(Notice.created_at))).where(waiting)).one()

"""What happened to a user, newest first: the records behind the timeline of the card."""

from datetime import datetime

from sqlmodel import Session, col, select

from db.tables import Case, Certificate, Delivery, LockEvent


def lock_events(session: Session, user_pk: int, limit: int) -> tuple[LockEvent, ...]:
    """Wrong passwords, locks, blocks and their ends."""
    statement = select(LockEvent).where(col(LockEvent.user_pk) == user_pk)
    newest_first = statement.order_by(col(LockEvent.at).desc(), col(LockEvent.pk).desc())
    return tuple(session.exec(newest_first.limit(limit)))


def lock_events_in_order(session: Session, user_pk: int) -> tuple[LockEvent, ...]:
    """The whole lock history of a user, oldest first."""
    statement = select(LockEvent).where(col(LockEvent.user_pk) == user_pk)
    return tuple(session.exec(statement.order_by(col(LockEvent.at), col(LockEvent.pk))))


def unblocked_at(session: Session, user_pk: int) -> tuple[datetime, ...]:
    """When the user was unblocked."""
    statement = select(LockEvent.at).where(
        col(LockEvent.user_pk) == user_pk, col(LockEvent.kind) == "unblocked"
    )
    return tuple(session.exec(statement.order_by(col(LockEvent.at))))


def cases(session: Session, user_pk: int, limit: int) -> tuple[Case, ...]:
    """The receptions of the user."""
    statement = select(Case).where(col(Case.user_pk) == user_pk)
    newest_first = statement.order_by(col(Case.opened_at).desc(), col(Case.pk).desc())
    return tuple(session.exec(newest_first.limit(limit)))


def certificates(
    session: Session, user_pk: int, limit: int
) -> tuple[tuple[Certificate, Delivery | None], ...]:
    """The certificates of the user, each with its delivery when there is one."""
    statement = (
        select(Certificate, Delivery)
        .join(Delivery, col(Delivery.certificate_pk) == col(Certificate.pk), isouter=True)
        .where(col(Certificate.user_pk) == user_pk)
        .order_by(col(Certificate.reserved_at).desc(), col(Certificate.pk).desc())
        .limit(limit)
    )
    return tuple((certificate, delivery) for certificate, delivery in session.exec(statement))

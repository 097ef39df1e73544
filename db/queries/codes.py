"""Verification codes: the live one, and when codes were made."""

from datetime import datetime

from sqlmodel import Session, col, or_, select

from db.queries._scope import locked
from db.tables import VerificationCode


def live_of_case_for_update(session: Session, case_pk: int) -> VerificationCode | None:
    """The code of this reception that has not ended, locked until the commit; its time may be over."""
    statement = select(VerificationCode).where(
        col(VerificationCode.case_pk) == case_pk, col(VerificationCode.ended).is_(None)
    )
    return session.exec(locked(statement)).one_or_none()


def live_of_user_for_update(session: Session, user_pk: int) -> VerificationCode | None:
    """The code of this user that has not ended, whatever its reception, locked until the commit (E-53)."""
    statement = select(VerificationCode).where(
        col(VerificationCode.user_pk) == user_pk, col(VerificationCode.ended).is_(None)
    )
    return session.exec(locked(statement)).one_or_none()


def created_since(session: Session, user_pk: int, moment: datetime) -> tuple[datetime, ...]:
    """When codes of the user were made that left for the mailbox, from `moment` on, oldest first (I-8, E-58)."""
    created_at = col(VerificationCode.created_at)
    ended = col(VerificationCode.ended)
    statement = select(VerificationCode.created_at).where(
        col(VerificationCode.user_pk) == user_pk,
        created_at >= moment,
        or_(ended.is_(None), ended != "mail_failed"),
    )
    return tuple(session.exec(statement.order_by(created_at)))

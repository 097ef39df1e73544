"""Verification codes: the live one, and when codes were made."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import update
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


def live_until(session: Session, case_pks: Collection[int], now: datetime) -> dict[int, datetime]:
    """Until when a code of each of these receptions can be used, for those that have one."""
    statement = select(VerificationCode.case_pk, VerificationCode.expires_at).where(
        col(VerificationCode.case_pk).in_(case_pks),
        col(VerificationCode.ended).is_(None),
        col(VerificationCode.expires_at) > now,
    )
    return dict(session.exec(statement).all())


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


def end_expired(session: Session, before: datetime, now: datetime) -> int:
    """Mark every code as ended whose time was over `before` that moment; how many those were."""
    statement = (
        update(VerificationCode)
        .where(col(VerificationCode.ended).is_(None), col(VerificationCode.expires_at) <= before)
        .values(ended="expired", ended_at=now)
        .execution_options(synchronize_session=False)
    )
    return int(session.execute(statement).rowcount)  # type: ignore[attr-defined]  # an update counts its rows


def any_expired(session: Session, before: datetime) -> bool:
    """Whether there is one for `end_expired`; takes no lock."""
    statement = select(VerificationCode.pk).where(
        col(VerificationCode.ended).is_(None), col(VerificationCode.expires_at) <= before
    )
    return session.exec(statement.limit(1)).first() is not None

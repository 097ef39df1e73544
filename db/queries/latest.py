"""What was done last."""

from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from db.queries._made_once import columns_of, facts
from db.tables import CrlState, HighWater

HIGH_WATER: Final = columns_of(HighWater, "at")


def high_water(session: Session) -> datetime | None:
    """The latest moment that the journal knows (E-91); None before its first entry."""
    moment: datetime | None = facts(session, HIGH_WATER).scalar_one_or_none()
    return moment


def published_crl(session: Session) -> CrlState | None:
    """The CRL that was published last, whatever its key."""
    published_at = col(CrlState.published_at)
    statement = select(CrlState).where(published_at.is_not(None)).order_by(published_at.desc())
    return session.exec(statement.limit(1)).one_or_none()

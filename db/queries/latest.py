"""What was done last."""

from sqlmodel import Session, col, select

from db.tables import CrlState


def published_crl(session: Session) -> CrlState | None:
    """The CRL that was published last, whatever its key."""
    published_at = col(CrlState.published_at)
    statement = select(CrlState).where(published_at.is_not(None)).order_by(published_at.desc())
    return session.exec(statement.limit(1)).one_or_none()

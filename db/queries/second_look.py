"""Every stored certificate, page by page, for whoever looks at all of them."""

from collections.abc import Sequence

from sqlalchemy import func
from sqlmodel import Session, col, select

from db.tables import Certificate, User


def certificates_after(session: Session, pk: int, limit: int) -> Sequence[tuple[Certificate, str]]:
    """The next certificates in the order of their keys, in any state, each with its user's ID."""
    statement = select(Certificate, User.user_id).join(User).where(col(Certificate.pk) > pk)
    return session.exec(statement.order_by(col(Certificate.pk)).limit(limit)).all()


def shared_keys(session: Session, limit: int) -> frozenset[str]:
    """Hashes of public keys that stand in more than one certificate."""
    key = col(Certificate.key_sha256)
    statement = select(key).group_by(key).having(func.count() > 1).limit(limit)
    return frozenset(session.exec(statement))

"""The journal, read chain by chain."""

from sqlmodel import Session, col, select

from db.tables import Checkpoint, JournalEntry, JournalHead


def entries(session: Session, node: str, after: int, limit: int) -> tuple[JournalEntry, ...]:
    """Entries of one chain with numbers above `after`, in order, at most `limit`."""
    statement = (
        select(JournalEntry)
        .where(col(JournalEntry.node) == node, col(JournalEntry.seq) > after)
        .order_by(col(JournalEntry.seq))
        .limit(limit)
    )
    return tuple(session.exec(statement))


def heads(session: Session) -> tuple[JournalHead, ...]:
    """Where every chain ends, by node."""
    return tuple(session.exec(select(JournalHead).order_by(col(JournalHead.node))))


def nodes(session: Session) -> tuple[str, ...]:
    """Every node that has an entry, a head or a checkpoint, sorted."""
    found = {*session.exec(select(JournalEntry.node).distinct())}
    found |= {*session.exec(select(JournalHead.node)), *session.exec(select(Checkpoint.node).distinct())}
    return tuple(sorted(found))


def checkpoints(session: Session, node: str) -> tuple[Checkpoint, ...]:
    """The signed checkpoints of one chain, oldest first."""
    statement = select(Checkpoint).where(col(Checkpoint.node) == node).order_by(col(Checkpoint.seq))
    return tuple(session.exec(statement))


def newest_checkpoint(session: Session, node: str) -> Checkpoint | None:
    """The last signed checkpoint of one chain."""
    statement = select(Checkpoint).where(col(Checkpoint.node) == node).order_by(col(Checkpoint.seq).desc())
    return session.exec(statement.limit(1)).one_or_none()

"""The journal as an auditor reads it: newest first, narrowed down, a page at a time."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, or_
from sqlmodel import Session, col, select

from db.tables import JournalEntry


class Position(NamedTuple):
    """Where a page ended; the next one begins behind it."""

    at: datetime
    pk: int


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which entries; what is None does not matter."""

    since: datetime | None = None
    """Inclusive."""
    until: datetime | None = None
    """Exclusive."""
    branch_no: str | None = None
    """Entries that a terminal of this branch wrote, with or without an operator."""
    tag: str | None = None
    staff_id: str | None = None
    user_id: str | None = None
    reception_no: str | None = None


def newest_first(
    session: Session, wanted: Wanted, before: Position | None, limit: int
) -> tuple[JournalEntry, ...]:
    """At most `limit` entries that stand behind `before`."""
    at, pk = col(JournalEntry.at), col(JournalEntry.pk)
    statement = select(JournalEntry).order_by(at.desc(), pk.desc()).limit(limit)
    for column in ("tag", "staff_id", "user_id", "reception_no"):
        value = getattr(wanted, column)
        if value is not None:
            statement = statement.where(col(getattr(JournalEntry, column)) == value)
    if wanted.branch_no is not None:
        statement = statement.where(
            col(JournalEntry.node).startswith(f"{wanted.branch_no}/", autoescape=True)
        )
    if wanted.since is not None:
        statement = statement.where(at >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(at < wanted.until)
    if before is not None:
        statement = statement.where(or_(at < before.at, and_(at == before.at, pk < before.pk)))
    return tuple(session.exec(statement))

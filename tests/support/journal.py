"""The journal as a test reads it."""

import json
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from db.database import Database
from db.tables import JournalEntry


@dataclass(frozen=True)
class Line:
    """One entry: what it is about, and everything it holds."""

    tag: str
    outcome: str
    body: dict[str, Any]

    @property
    def facts(self) -> dict[str, Any]:
        """What it tells beyond its named fields."""
        facts: dict[str, Any] = self.body["facts"]
        return facts


def journal_of(database: Database, reception_no: str | None = None) -> list[Line]:
    """Every entry, or those of a reception, oldest first."""
    wanted = select(JournalEntry).order_by(col(JournalEntry.node), col(JournalEntry.seq))
    if reception_no is not None:
        wanted = wanted.where(col(JournalEntry.reception_no) == reception_no)
    with database.reading() as session:
        rows = session.exec(wanted).all()
    return [Line(row.tag, row.outcome, json.loads(row.body)) for row in rows]


def told(database: Database) -> list[tuple[str, str]]:
    """Tag and outcome of every entry, oldest first."""
    return [(line.tag, line.outcome) for line in journal_of(database)]

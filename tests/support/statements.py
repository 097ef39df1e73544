"""How much a use case asks of the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from db.database import Database


@contextmanager
def counted_statements(database: Database) -> Iterator[list[str]]:
    """Every statement that is sent in this block, in order; pragmas and transaction commands left out."""
    seen: list[str] = []

    def see(_: Any, __: Any, statement: str, *rest: Any) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN")):
            seen.append(statement)

    for engine in database.engines:
        event.listen(engine, "before_cursor_execute", see)
    try:
        yield seen
    finally:
        for engine in database.engines:
            event.remove(engine, "before_cursor_execute", see)

"""What is damaged in the database, and which guards of the records are gone."""

import sqlite3
from collections.abc import Iterator

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DatabaseError

from db.errors import is_busy

APPEND_ONLY = ("journal", "checkpoints", "lock_events")
_GUARDS = {
    "journal_no_gap",
    "approvals_moves",
    "approvals_no_delete",
    *(f"{table}_no_{change}" for table in APPEND_ONLY for change in ("update", "delete")),
}
_GUARDS_OF = {
    "sqlite": _GUARDS | {f"{table}_no_replace" for table in (*APPEND_ONLY, "approvals")},
    "postgresql": _GUARDS | {f"{table}_no_truncate" for table in (*APPEND_ONLY, "approvals")},
}
"""The triggers that the migrations make; they refuse to change records."""

_MADE_ANEW = "lookup_keys"
"""By far the largest table, and the only one that can be made again out of others."""


def integrity_problems(engine: Engine, *, thorough: bool) -> tuple[str, ...]:
    """Damaged pages and indexes, rows that point nowhere, and missing guards; empty when all is well."""
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            return (*_damaged_on_postgresql(connection), *_missing_guards(connection))
    found: list[str] = []
    try:
        found += _damaged_on_sqlite(engine, thorough=thorough)
        with engine.connect() as connection:
            found += _missing_guards(connection)
    except DatabaseError as error:
        if not isinstance(error.orig, sqlite3.DatabaseError) or is_busy(error):
            raise
        found.append(str(error.orig))  # too damaged even to be checked
    return tuple(found)


def _damaged_on_sqlite(engine: Engine, *, thorough: bool) -> Iterator[str]:
    """Table by table, each in a transaction of its own: a commit waits until nobody reads."""
    if thorough:
        with engine.connect() as connection:
            yield from _not_ok(connection, "PRAGMA integrity_check")
    with engine.connect() as connection:
        tables = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"))
        names = [name for name in tables.scalars() if name != _MADE_ANEW and not name.startswith("sqlite_")]
    for name in names:
        with engine.connect() as connection:
            yield from _not_ok(connection, f"PRAGMA quick_check({name})")
            for table, rowid, parent, _ in connection.exec_driver_sql(f"PRAGMA foreign_key_check({name})"):
                yield f"{table} row {rowid} points to a row of {parent} that is not there"


def _not_ok(connection: Connection, check: str) -> Iterator[str]:
    return (str(row[0]) for row in connection.exec_driver_sql(check) if row[0] != "ok")


def _damaged_on_postgresql(connection: Connection) -> Iterator[str]:
    invalid = connection.execute(
        text(
            "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT (indisvalid AND indisready) ORDER BY 1"
        )
    )
    yield from (f"index {name} is not valid" for name in invalid.scalars())
    failures = connection.execute(
        text("SELECT coalesce(checksum_failures, 0) FROM pg_stat_database WHERE datname = current_database()")
    ).scalar_one()
    if failures:
        yield f"{failures} pages failed their checksum"


def _missing_guards(connection: Connection) -> Iterator[str]:
    dialect = connection.dialect.name
    if dialect == "sqlite":
        triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    else:
        triggers = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
    there = set(connection.execute(text(triggers)).scalars())
    yield from (f"trigger {name} is missing" for name in sorted(_GUARDS_OF[dialect] - there))

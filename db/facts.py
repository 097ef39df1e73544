"""What the database says about itself."""

import sqlite3
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DatabaseError

from db.errors import is_busy

APPEND_ONLY = ("journal", "checkpoints", "lock_events")
GUARDS = frozenset({f"{table}_no_{change}" for table in APPEND_ONLY for change in ("update", "delete")})
GUARDS |= {"journal_no_gap"}
SQLITE_GUARDS = frozenset(f"{table}_no_replace" for table in APPEND_ONLY)
POSTGRESQL_GUARDS = frozenset(f"{table}_no_truncate" for table in APPEND_ONLY)
"""The triggers that the migrations make; they refuse to change records."""

_SYNCHRONOUS = {"0": "OFF", "1": "NORMAL", "2": "FULL", "3": "EXTRA"}
_SQLITE_PRAGMAS = ("journal_mode", "foreign_keys", "recursive_triggers", "trusted_schema", "busy_timeout")
_POSTGRESQL_SETTINGS = (
    "server_version",
    "fsync",
    "full_page_writes",
    "synchronous_commit",
    "data_checksums",
    "transaction_isolation",
    "lock_timeout",
    "statement_timeout",
    "idle_in_transaction_session_timeout",
    "TimeZone",
)


def clock_offset(engine: Engine) -> float:
    """Seconds by which the server's clock is ahead; measured against the middle of the round trip."""
    if engine.dialect.name == "sqlite":
        return 0.0
    with engine.connect() as connection:
        connection.execute(
            text("SELECT 1")
        )  # opens the connection and the transaction before the watch starts
        before = datetime.now(UTC)
        there: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        after = datetime.now(UTC)
    return (there - (before + (after - before) / 2)).total_seconds()


def settings_in_force(engine: Engine) -> dict[str, str]:
    """Name and value of the settings that durability and waiting depend on."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            return _sqlite_settings(connection)
        return {
            name: str(connection.execute(text(f"SHOW {name}")).scalar_one()) for name in _POSTGRESQL_SETTINGS
        }


def integrity_problems(engine: Engine, *, thorough: bool) -> tuple[str, ...]:
    """Damaged pages and indexes, rows that point nowhere, and guards of the records that are gone."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            return _sqlite_problems(connection, thorough=thorough)
        return _postgresql_problems(connection)


def _sqlite_settings(connection: Connection) -> dict[str, str]:
    settings = {"sqlite_version": str(connection.execute(text("SELECT sqlite_version()")).scalar_one())}
    for name in _SQLITE_PRAGMAS:
        settings[name] = str(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())
    settings["synchronous"] = _SYNCHRONOUS[str(connection.exec_driver_sql("PRAGMA synchronous").scalar_one())]
    return settings


def _sqlite_problems(connection: Connection, *, thorough: bool) -> tuple[str, ...]:
    check = "integrity_check" if thorough else "quick_check"
    found: list[str] = []
    try:
        found += [str(row[0]) for row in connection.exec_driver_sql(f"PRAGMA {check}") if row[0] != "ok"]
        for table, rowid, parent, _ in connection.exec_driver_sql("PRAGMA foreign_key_check"):
            found.append(f"{table} row {rowid} points to a row of {parent} that is not there")
        there = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
        found += _missing(GUARDS | SQLITE_GUARDS, set(there.scalars()))
    except DatabaseError as error:
        if not isinstance(error.orig, sqlite3.DatabaseError) or is_busy(error):
            raise
        found.append(str(error.orig))  # too damaged even to be checked
    return tuple(found)


def _postgresql_problems(connection: Connection) -> tuple[str, ...]:
    invalid = connection.execute(
        text(
            "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT (indisvalid AND indisready) ORDER BY 1"
        )
    )
    found = [f"index {name} is not valid" for name in invalid.scalars()]
    failures = connection.execute(
        text("SELECT coalesce(checksum_failures, 0) FROM pg_stat_database WHERE datname = current_database()")
    ).scalar_one()
    if failures:
        found.append(f"{failures} pages failed their checksum")
    there = connection.execute(
        text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')")
    )
    found += _missing(GUARDS | POSTGRESQL_GUARDS, set(there.scalars()))
    return tuple(found)


def _missing(wanted: frozenset[str], there: set[str]) -> list[str]:
    return [f"trigger {name} is missing" for name in sorted(wanted - there)]

"""Bring the registry to the newest schema, from code and under a lock.

A terminal whose registry is current never loads Alembic.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from db.database import Database

LOCK_WAIT_S = 60
"""How long an upgrade waits for another one; PostgreSQL's usual lock time limit would be too short."""

_ADVISORY_LOCK = 7_203_114_001
_ONE_AT_A_TIME = threading.Lock()
"""Alembic keeps its environment in module globals."""


class BrokenReferences(RuntimeError):
    """After the migration some rows point nowhere; nothing was changed."""


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the schema to `revision`, all of it or nothing; waits while another process does the same.

    Raises `BrokenReferences` when rows would point nowhere, and `alembic.util.CommandError` when the database is of
    a newer release.
    """
    if revision == "head" and is_current(database):
        return
    with _ONE_AT_A_TIME, _migrating(database) as connection:
        _run_alembic(connection, revision)


def is_current(database: Database) -> bool:
    """The schema is the one this release was written for."""
    with database.reading() as session:
        if not inspect(session.connection()).has_table("alembic_version"):
            return False
        found = session.connection().execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    return list(found) == [newest_revision()]


def is_empty(database: Database) -> bool:
    """No release has ever made its tables here: the registry is new, or it is gone."""
    with database.reading() as session:
        return not inspect(session.connection()).has_table("alembic_version")


def newest_revision() -> str:
    """The number of the last migration; their file names begin with it."""
    versions = Path(__file__).parent / "versions"
    return max(path.stem.partition("_")[0] for path in versions.glob("[0-9]*.py"))


def _run_alembic(connection: Connection, revision: str) -> None:
    from alembic import command  # noqa: PLC0415 - see the module
    from alembic.config import Config  # noqa: PLC0415 - see the module

    config = Config()
    config.set_main_option("script_location", "db:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


@contextmanager
def _migrating(database: Database) -> Iterator[Connection]:
    prepared = _sqlite if database.dialect == "sqlite" else _postgresql
    with database.engine.connect() as connection, prepared(connection):
        yield connection


@contextmanager
def _sqlite(connection: Connection) -> Iterator[None]:
    """Rebuilding a table with foreign keys on would delete the rows that point to it, so they are off meanwhile."""
    connection.detach()  # the settings of this connection must not return to the pool
    plain = connection.connection.dbapi_connection
    assert plain is not None  # noqa: S101 - a fresh connection has its driver's connection
    cursor = plain.cursor()
    cursor.execute("PRAGMA foreign_keys=OFF")
    cursor.execute(f"PRAGMA busy_timeout={LOCK_WAIT_S * 1000}")
    with connection.begin():
        yield
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise BrokenReferences(
                ", ".join(sorted({f"{table} to {parent}" for table, _, parent, _ in broken}))
            )


@contextmanager
def _postgresql(connection: Connection) -> Iterator[None]:
    with connection.begin():
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_WAIT_S}s'"))
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ADVISORY_LOCK})
        yield

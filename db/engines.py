"""Engines that keep what they promise: settings made on every connection and read back."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from sqlite3 import Connection as SqliteConnection

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.pool import ConnectionPoolEntry

BUSY_TIMEOUT_MS = 5_000
FIRST_SQLITE_WITH_SAFE_WAL = (3, 51, 3)

CONNECT_TIMEOUT_S = 3
NETWORK_TIMEOUT_MS = 4_000
STATEMENT_TIMEOUT_MS = 15_000
LOCK_TIMEOUT_MS = 2_000
IDLE_IN_TRANSACTION_TIMEOUT_MS = 30_000
POOL_TIMEOUT_S = 5


class SettingRefused(RuntimeError):
    """SQLite did not take a setting that durability or consistency depends on."""

    def __init__(self, name: str, wanted: str, found: str) -> None:
        super().__init__(f"PRAGMA {name}: wanted {wanted}, found {found}")


class WalNotSafe(RuntimeError):
    """This SQLite can damage a database in WAL mode (the WAL reset bug, fixed in 3.51.3)."""

    def __init__(self, found: str) -> None:
        super().__init__(
            f"SQLite {found} has the WAL reset bug; use the rollback journal or 3.51.3 and later"
        )


class NotADatabaseFile(ValueError):
    """The URL names no file on disk, or a database that is not supported."""


def sqlite_engines(url: URL, *, wal: bool) -> tuple[Engine, Engine]:
    """Two engines on a SQLite file, one that stores and one that only looks; the file is its owner's alone.

    Each keeps its own connections: to forbid one to write for a while, and to allow it again, makes SQLite prepare
    every statement anew.
    """
    if not url.database or ":memory:" in url.database:
        raise NotADatabaseFile("SQLite needs a file: in memory every thread would see a database of its own")
    if wal and sqlite3.sqlite_version_info < FIRST_SQLITE_WITH_SAFE_WAL:
        raise WalNotSafe(sqlite3.sqlite_version)
    pragmas = sqlite_pragmas(wal=wal)
    storing = _sqlite_engine(url, Path(url.database), pragmas, "BEGIN IMMEDIATE")
    looking = _sqlite_engine(
        url, Path(url.database), {**pragmas, "query_only": ("ON", "1")}, "BEGIN DEFERRED"
    )
    return storing, looking


def _sqlite_engine(url: URL, file: Path, pragmas: dict[str, tuple[str, str]], begin: str) -> Engine:
    """`begin`: IMMEDIATE takes the write lock before anything is read."""
    engine = create_engine(
        url.set(drivername="sqlite+pysqlite"),
        hide_parameters=True,
        pool_timeout=POOL_TIMEOUT_S,
        pool_use_lifo=True,  # what one connection stores, every other must read anew
    )
    event.listen(engine, "do_connect", _creating(file))
    event.listen(engine, "connect", _setting(pragmas))

    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "begin", start)
    return engine


def sqlite_pragmas(*, wal: bool) -> dict[str, tuple[str, str]]:
    """Name, value to set and value to read back of every setting of a SQLite connection."""
    return {
        "busy_timeout": (str(BUSY_TIMEOUT_MS), str(BUSY_TIMEOUT_MS)),
        "journal_mode": ("WAL", "wal") if wal else ("DELETE", "delete"),
        "synchronous": ("FULL", "2") if wal else ("EXTRA", "3"),
        "foreign_keys": ("ON", "1"),
        "recursive_triggers": ("ON", "1"),
        "trusted_schema": ("OFF", "0"),
    }


def postgresql_settings() -> dict[str, str]:
    """Name and value of every setting of a PostgreSQL connection; times in milliseconds."""
    return {
        "statement_timeout": str(STATEMENT_TIMEOUT_MS),
        "lock_timeout": str(LOCK_TIMEOUT_MS),
        "idle_in_transaction_session_timeout": str(IDLE_IN_TRANSACTION_TIMEOUT_MS),
        "TimeZone": "UTC",
    }


def postgresql_engine(url: URL) -> Engine:
    """An engine on PostgreSQL that notices a dead server within seconds and never waits long for a lock."""
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        hide_parameters=True,
        pool_pre_ping=True,
        pool_recycle=300,
        pool_timeout=POOL_TIMEOUT_S,
        isolation_level="READ COMMITTED",
        connect_args={
            "connect_timeout": CONNECT_TIMEOUT_S,
            "tcp_user_timeout": NETWORK_TIMEOUT_MS,
            "keepalives": 1,
            "keepalives_idle": 10,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            "application_name": "madoguchi",
            "client_encoding": "utf8",
            "options": " ".join(f"-c {name}={value}" for name, value in postgresql_settings().items()),
        },
    )
    event.listen(engine, "handle_error", _leave_out_values)
    return engine


def _creating(path: Path) -> Callable[..., None]:
    def create(*_: object) -> None:
        """Make the file first, because SQLite gives its journals the mode of the database."""
        if not path.exists():
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))

    return create


def _setting(pragmas: dict[str, tuple[str, str]]) -> Callable[[SqliteConnection, ConnectionPoolEntry], None]:
    def set_and_compare(connection: SqliteConnection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # the driver begins no transactions, the engine does
        for name, (value, expected) in pragmas.items():
            connection.execute(f"PRAGMA {name}={value}")
            found = str(connection.execute(f"PRAGMA {name}").fetchone()[0])
            if found != expected:
                raise SettingRefused(name, expected, found)

    return set_and_compare


def _leave_out_values(context: ExceptionContext) -> None:
    """PostgreSQL quotes the refused row in the detail of its errors; password hashes must not get into a log."""
    error = context.original_exception
    told = getattr(getattr(error, "diag", None), "message_primary", None)
    if told:
        error.args = (told,)
        if context.sqlalchemy_exception is not None:
            context.sqlalchemy_exception.args = (f"({type(error).__qualname__}) {told}",)

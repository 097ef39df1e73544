"""What an error of the database means, told the same way on both engines.

The driver of PostgreSQL is not imported: a terminal on SQLite never loads it. Its errors are those with a `sqlstate`.
"""

import sqlite3

from sqlalchemy import Index, Table, UniqueConstraint
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from db.tables import metadata

_LOST_CLASSES = ("08", "57P", "58")
"""Connection exceptions, operator intervention such as a shutdown, and system errors outside PostgreSQL."""
_BUSY_STATES = ("55P03", "40P01", "40001", "57014")
"""Lock not available, deadlock, serialisation failure, statement cancelled by its time limit."""
_UNIQUE_VIOLATION = "23505"

_SQLITE_LOST = (
    "SQLITE_CANTOPEN",
    "SQLITE_IOERR",
    "SQLITE_FULL",
    "SQLITE_CORRUPT",
    "SQLITE_NOTADB",
    "SQLITE_READONLY",
)
_SQLITE_BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED")


def is_connection_lost(error: BaseException) -> bool:
    """The database could not be reached, or its disk failed; what was being committed may or may not be stored."""
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    if isinstance(error.orig, sqlite3.Error):
        return _sqlite_name(error.orig).startswith(_SQLITE_LOST)
    state = _sqlstate(error)
    if state is None:  # the server never answered
        return isinstance(error, OperationalError | InterfaceError)
    return state.startswith(_LOST_CLASSES)


def is_busy(error: BaseException) -> bool:
    """Another process held what was needed for too long; nothing was changed and it may be tried again."""
    if isinstance(error, PoolTimeoutError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if isinstance(error.orig, sqlite3.Error):
        return _sqlite_name(error.orig).startswith(_SQLITE_BUSY)
    return _sqlstate(error) in _BUSY_STATES


def is_unique_violation(error: BaseException, constraint_name: str) -> bool:
    """A row was refused by exactly this unique constraint or index.

    Raises `KeyError` when the tables know no unique constraint of that name.
    """
    table, columns = _unique(constraint_name)
    if not isinstance(error, DBAPIError):
        return False
    if isinstance(error.orig, sqlite3.Error):
        named = ", ".join(f"{table.name}.{column}" for column in columns)
        return str(error.orig) == f"UNIQUE constraint failed: {named}"
    diagnosis = getattr(error.orig, "diag", None)
    broken: str | None = getattr(diagnosis, "constraint_name", None)
    return _sqlstate(error) == _UNIQUE_VIOLATION and broken == constraint_name


def _sqlstate(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)


def _sqlite_name(error: sqlite3.Error) -> str:
    return getattr(error, "sqlite_errorname", "")


def _unique(name: str) -> tuple[Table, tuple[str, ...]]:
    for table in metadata.tables.values():
        holders: list[UniqueConstraint | Index] = [index for index in table.indexes if index.unique]
        holders += [each for each in table.constraints if isinstance(each, UniqueConstraint)]
        for holder in holders:
            if holder.name == name:
                return table, tuple(column.name for column in holder.columns)
    raise KeyError(name)

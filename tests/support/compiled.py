"""SQL is compiled once in a run: every test has a fresh registry, and all registries of one engine speak alike.

SQLAlchemy keeps compiled statements for one open database; a test opens its own and runs most statements once, so that
compiling took a quarter of the time of a service test.
"""

import pytest
from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

STATEMENTS = 2_000


def pytest_configure(config: pytest.Config) -> None:
    """For all databases that are opened in this process; those of a program under test keep their own."""
    shared: LRUCache[object, object] = LRUCache(STATEMENTS)
    kept = property(lambda _engine: shared, lambda _engine, _own: None)
    Engine._compiled_cache = kept  # type: ignore[assignment]  # read like the one of its own
    for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        # A dialect is part of the name under which a statement is kept; two of one kind compile alike.
        dialect.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[method-assign]
        dialect.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]

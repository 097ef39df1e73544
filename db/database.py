"""The registry behind one door: SQLite for a single terminal, PostgreSQL for several.

`open_database` gives a `Database`; its `transaction()` writes and its `reading()` looks. Each gives a session that
lives in one thread until the end of its `with`, and rows stay readable afterwards.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from sqlalchemy import Engine
from sqlalchemy.engine import URL, make_url
from sqlmodel import Session

from db import facts, integrity
from db.engines import NotADatabaseFile, SettingRefused, WalNotSafe, postgresql_engine, sqlite_engines
from db.errors import is_busy, is_connection_lost, is_unique_violation

__all__ = [
    "Database",
    "NotADatabaseFile",
    "SettingRefused",
    "WalNotSafe",
    "is_busy",
    "is_connection_lost",
    "is_unique_violation",
    "open_database",
]


def open_database(url: str, *, wal: bool = False) -> "Database":
    """Open the registry named by `sqlite:////path/to/file` or `postgresql://user@host/name`; connects on first use.

    `wal` chooses SQLite's write-ahead log with full synchronisation. Raises `WalNotSafe` when this SQLite has the WAL
    reset bug, and `NotADatabaseFile` for a SQLite URL without a file or for another kind of database.
    """
    parsed = make_url(url)
    match parsed.get_backend_name():
        case "sqlite":
            return Database(*sqlite_engines(parsed, wal=wal), parsed)
        case "postgresql":
            engine = postgresql_engine(parsed)
            return Database(engine, engine.execution_options(postgresql_readonly=True), parsed)
        case other:
            raise NotADatabaseFile(f"{other} is not supported: use sqlite or postgresql")


class Database:
    """The registry: transactions, and facts about itself for the self-check."""

    def __init__(self, engine: Engine, looking: Engine, url: URL) -> None:
        self.engine = engine
        self.looking = looking
        """For whoever only looks; the database refuses a write through it."""
        self._url = url

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.dispose()

    def __repr__(self) -> str:
        return f"Database({self._url.render_as_string(hide_password=True)})"

    @property
    def engines(self) -> tuple[Engine, ...]:
        """Those that have connections of their own."""
        if self.looking.pool is self.engine.pool:
            return (self.engine,)
        return (self.engine, self.looking)

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.engine.dialect.name

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that may write; commits at the end of the block, rolls back when the block raises.

        On SQLite the one write lock is taken at once, so what was read cannot change before the commit. On PostgreSQL
        rows a decision depends on are read by the queries whose names end in `_for_update`. Nothing slow belongs in
        the block: no hash, signature, mail or stick.
        """
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only looks; the database refuses a write in it.

        Keep the block short: on SQLite a writer's commit waits until its readers are done.
        """
        with Session(self.looking, expire_on_commit=False, autoflush=False) as session, session.begin():
            yield session

    def dispose(self) -> None:
        """Close every connection that is not in use; the next use opens new ones."""
        for engine in self.engines:
            engine.dispose()

    def clock_offset(self) -> float:
        """How far the clock of the database server is ahead of this machine's, in seconds; 0 on SQLite."""
        return facts.clock_offset(self.engine)

    def settings_in_force(self) -> dict[str, str]:
        """What the database says about itself: version, journal mode, synchronisation, time limits."""
        return facts.settings_in_force(self.looking)

    def integrity_problems(self, *, thorough: bool = False) -> tuple[str, ...]:
        """What is damaged, in the words of the database; empty when all is well.

        On SQLite the check leaves out the search keys, which can be made anew, and goes table by table, so that no
        commit waits for long. `thorough` reads everything in one go and compares every index with its table: not
        while the counter is open.
        """
        return integrity.integrity_problems(self.looking, thorough=thorough)

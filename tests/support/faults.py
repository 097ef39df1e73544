"""Bad days of the registry: the errors come from the real drivers, not from the test."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import Connection, event, text
from sqlmodel import Session

from db.database import Database
from kiosk.audit.events import EventTag

_NOWHERE = "/nowhere/at/all"

_REFUSE = {
    "sqlite": (
        "CREATE TRIGGER full_journal BEFORE INSERT ON journal BEGIN SELECT RAISE(ABORT, 'no room'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no room'; END $$",
        "CREATE TRIGGER full_journal BEFORE INSERT ON journal FOR EACH ROW EXECUTE FUNCTION no_room()",
    ),
}
_REFUSE_ONE = {
    "sqlite": "CREATE TRIGGER no_more BEFORE INSERT ON journal WHEN NEW.tag = '{tag}'"
    " BEGIN SELECT RAISE(ABORT, 'the journal is full'); END",
    "postgresql": "CREATE FUNCTION no_more() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    " IF NEW.tag = '{tag}' THEN RAISE EXCEPTION 'the journal is full'; END IF; RETURN NEW; END $$;"
    " CREATE TRIGGER no_more BEFORE INSERT ON journal FOR EACH ROW EXECUTE FUNCTION no_more()",
}
_ALLOW = {
    "sqlite": ("DROP TRIGGER full_journal",),
    "postgresql": ("DROP TRIGGER full_journal ON journal", "DROP FUNCTION no_room"),
}


@contextmanager
def full_journal(database: Database) -> Iterator[None]:
    """The journal takes no entry for a while."""
    _run(database, _REFUSE[database.dialect])
    yield
    _run(database, _ALLOW[database.dialect])


def journal_refuses(database: Database, tag: EventTag) -> None:
    """Let every entry of one kind fail from now on, as a full disk would."""
    with database.transaction() as session:
        session.execute(text(_REFUSE_ONE[database.dialect].format(tag=tag).replace(":", "\\:")))


@contextmanager
def out_of_reach(database: Database) -> Iterator[None]:
    """No connection can be opened for a while."""

    def nowhere(*_: object) -> Any:
        if database.dialect == "sqlite":
            return sqlite3.connect(f"{_NOWHERE}/registry.db")
        return psycopg.connect(f"host={_NOWHERE} dbname=registry")

    database.dispose()
    for engine in database.engines:
        event.listen(engine, "do_connect", nowhere, insert=True)
    yield
    for engine in database.engines:
        event.remove(engine, "do_connect", nowhere)


def cut(session: Session) -> None:
    """The connection of this session breaks now."""
    _driver(session.connection()).close()


@contextmanager
def answer_lost_at_commit(database: Database) -> Iterator[None]:
    """Each commit of this block is stored, and the connection breaks before its answer arrives."""

    def lose(connection: Connection) -> None:
        _driver(connection).commit()
        _driver(connection).close()

    for engine in database.engines:
        event.listen(engine, "commit", lose)
    yield
    for engine in database.engines:
        event.remove(engine, "commit", lose)


@contextmanager
def commit_lost(database: Database) -> Iterator[None]:
    """The first commit of this block never arrives: the connection breaks before it, and nothing is stored."""
    ahead = [True]

    def lose(connection: Connection) -> None:
        if ahead:
            ahead.pop()
            _driver(connection).close()

    for engine in database.engines:
        event.listen(engine, "commit", lose)
    yield
    for engine in database.engines:
        event.remove(engine, "commit", lose)


def _driver(connection: Connection) -> Any:
    return connection.connection.dbapi_connection


def _run(database: Database, statements: tuple[str, ...]) -> None:
    with database.transaction() as session:
        for statement in statements:
            session.connection().exec_driver_sql(statement)

"""Transactions: nothing is lost between threads, reading writes nothing, and errors say what they mean."""

import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlmodel import Session

from db import engines
from db.database import (
    Database,
    NotADatabaseFile,
    WalNotSafe,
    is_busy,
    is_connection_lost,
    is_unique_violation,
    open_database,
)
from db.queries import users
from db.tables import Branch, User
from db.tables.case import ONE_OPEN_CASE
from tests.support.databases import on_postgresql, on_sqlite
from tests.support.rows import Rows

THREADS, TIMES = 8, 25


class Word(StrEnum):
    """A word as the rules spell it."""

    BLOCKED = "blocked"


def a_user(database: Database) -> int:
    """A stored user; its primary key."""
    with database.transaction() as session:
        return Rows(session).user().pk


@pytest.mark.usefixtures("patient")
@pytest.mark.rule("I-9")
def test_no_update_is_lost_between_eight_threads(database: Database) -> None:
    user_pk = a_user(database)
    start = threading.Barrier(THREADS)

    def count() -> None:
        start.wait()
        for _ in range(TIMES):
            with database.transaction() as session:
                user = users.by_pk_for_update(session, user_pk)
                assert user is not None
                user.charges += 1

    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(count) for _ in range(THREADS)]:
            done.result()
    with database.reading() as session:
        assert session.get_one(User, user_pk).charges == THREADS * TIMES


def test_a_locked_row_is_read_anew(database: Database) -> None:
    user_pk = a_user(database)
    with database.transaction() as session:
        if database.dialect == "postgresql":  # SQLite lets nobody write in between
            assert session.get_one(User, user_pk).charges == 0
            with database.transaction() as other:
                other.get_one(User, user_pk).charges = 5
        else:
            session.connection().exec_driver_sql("UPDATE customers SET charges = 5")
        user = users.by_pk_for_update(session, user_pk)
        assert user is not None
        assert user.charges == 5


def test_a_block_that_raises_stores_nothing(database: Database) -> None:
    def fail() -> None:
        with database.transaction() as session:
            Rows(session).branch()
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    with database.reading() as session:
        assert session.get(Branch, 1) is None


def test_rows_stay_readable_after_the_block(database: Database) -> None:
    with database.transaction() as session:
        branch = Rows(session).branch(name="本店")
    assert (branch.pk, branch.name) == (1, "本店")


@on_sqlite
def test_the_connection_that_stored_last_is_the_next_one_used(database: Database) -> None:
    """Every other one has to read again from the disk what was changed."""
    first, last = database.engine.raw_connection(), database.engine.raw_connection()
    used_last = last.dbapi_connection
    first.close()
    last.close()
    with database.transaction() as session:
        assert session.connection().connection.dbapi_connection is used_last


@on_sqlite
def test_a_look_leaves_the_connection_alone_that_stores(database: Database) -> None:
    """What SQLite has prepared there is thrown away with every change between storing and only looking."""
    changes: list[str] = []

    def see(_: Any, __: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("PRAGMA"):
            changes.append(statement)

    used = set()
    for engine in database.engines:
        event.listen(engine, "before_cursor_execute", see)
    for _ in range(2):
        with database.transaction() as session:
            used.add(session.connection().connection.dbapi_connection)
        with database.reading() as session:
            assert session.connection().connection.dbapi_connection not in used
    assert (len(used), changes) == (1, [])


def test_looking_refuses_to_write(database: Database) -> None:
    def write() -> None:
        with database.reading() as session:
            session.add(Branch(branch_no="001", name="本店"))
            session.flush()

    with pytest.raises(DBAPIError, match=r"read-?only"):
        write()
    a_user(database)  # the connection writes again afterwards


@pytest.mark.rule("I-22")
def test_moments_come_back_as_the_same_moment_in_utc(database: Database) -> None:
    japan = datetime(2026, 3, 2, 8, 30, 15, 123456, tzinfo=timezone(timedelta(hours=9)))
    with database.transaction() as session:
        user_pk = Rows(session).user(locked_until=japan).pk
    with database.reading() as session:
        stored = session.get_one(User, user_pk).locked_until
    assert stored == japan
    assert stored is not None
    assert stored.tzinfo is UTC


def test_a_moment_without_a_time_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="timezone"), database.transaction() as session:
        Rows(session).user(locked_until=datetime(2026, 3, 2, 8, 30))  # noqa: DTZ001 - what is refused


def test_a_word_of_the_rules_is_stored_as_its_text(database: Database) -> None:
    with database.transaction() as session:
        Rows(session).user(status=Word.BLOCKED)
    with database.reading() as session:
        assert session.connection().exec_driver_sql("SELECT status FROM customers").scalar_one() == "blocked"
        assert users.by_pk(session, 1, None) is not None


@pytest.mark.parametrize(
    "text_", ["髙﨑 𠮷太郎", "ﾛｳｷﾝ", "O'Brien; DROP TABLE customers", "é", "\u202e👩\u200d💻"]
)
def test_names_come_back_as_they_were_stored(database: Database, text_: str) -> None:
    with database.transaction() as session:
        user_pk = Rows(session).user(name=text_).pk
    with database.reading() as session:
        assert session.get_one(User, user_pk).name == text_


def test_a_refused_row_names_the_constraint(database: Database) -> None:
    def store_twice() -> None:
        with database.transaction() as session:
            rows = Rows(session)
            rows.user(user_id="tanaka")
            rows.user(user_id="tanaka")

    with pytest.raises(IntegrityError) as caught:
        store_twice()
    assert is_unique_violation(caught.value, "uq_customers_user_id")
    assert not is_unique_violation(caught.value, ONE_OPEN_CASE)
    assert not is_unique_violation(ValueError(), ONE_OPEN_CASE)
    assert not is_connection_lost(caught.value)
    assert not is_busy(caught.value)


def test_an_unknown_constraint_name_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(KeyError, match="no_such_index"):
        is_unique_violation(ValueError(), "no_such_index")


def test_a_check_is_no_unique_violation(database: Database) -> None:
    with pytest.raises(IntegrityError) as caught, database.transaction() as session:
        Rows(session).user(status="gone")
    assert not is_unique_violation(caught.value, "uq_customers_user_id")


def test_a_lock_held_elsewhere_is_told_apart_from_a_lost_connection(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "BUSY_TIMEOUT_MS", 100)
    monkeypatch.setattr(engines, "LOCK_TIMEOUT_MS", 100)
    with open_database(database_url) as database:
        user_pk = a_user(database)
        with database.transaction() as session:
            users.by_pk_for_update(session, user_pk)
            with pytest.raises(DBAPIError) as caught, database.transaction() as other:
                users.by_pk_for_update(other, user_pk)
    assert is_busy(caught.value)
    assert not is_connection_lost(caught.value)


@on_postgresql
@pytest.mark.rule("I-23")
def test_a_killed_connection_is_noticed_and_the_next_transaction_works(database: Database) -> None:
    user_pk = a_user(database)

    def kill_and_go_on(session: Session) -> None:
        backend = session.connection().exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        with database.transaction() as other:
            other.connection().exec_driver_sql(f"SELECT pg_terminate_backend({backend})")
        users.by_pk_for_update(session, user_pk)

    with pytest.raises(DBAPIError) as caught, database.transaction() as session:
        kill_and_go_on(session)
    assert is_connection_lost(caught.value)
    assert not is_busy(caught.value)
    with database.transaction() as session:
        assert users.by_pk_for_update(session, user_pk) is not None


@pytest.mark.rule("I-23")
def test_a_server_that_is_not_there_is_a_lost_connection(tmp_path: Path) -> None:
    with (
        open_database(f"postgresql://somebody@/registry?host={tmp_path}") as database,
        pytest.raises(DBAPIError) as caught,
        database.reading() as session,
    ):
        session.connection()
    assert is_connection_lost(caught.value)


def test_a_folder_in_place_of_the_file_is_a_lost_connection(tmp_path: Path) -> None:
    with (
        open_database(f"sqlite:///{tmp_path}") as database,
        pytest.raises(DBAPIError) as caught,
        database.reading() as session,
    ):
        session.connection()
    assert is_connection_lost(caught.value)


@on_sqlite
def test_a_damaged_file_is_found(database: Database) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        for _ in range(200):
            rows.user()
    path = Path(str(database.engine.url.database))
    database.dispose()
    content = bytearray(path.read_bytes())
    content[-4096 * 3 : -4096] = bytes(4096 * 2)
    path.write_bytes(content)
    assert database.integrity_problems()
    path.write_bytes(b"no database at all" * 1000)
    assert database.integrity_problems() == ("file is not a database",)


def test_the_clock_of_the_server_is_compared_with_this_one(database: Database) -> None:
    assert abs(database.clock_offset()) < 1


@pytest.mark.rule("I-3")
def test_the_settings_that_make_a_commit_durable_are_in_force(database: Database) -> None:
    settings = database.settings_in_force()
    if database.dialect == "sqlite":
        assert settings["journal_mode"] == "delete"
        assert settings["synchronous"] == "EXTRA"
        assert settings["foreign_keys"] == settings["recursive_triggers"] == "1"
    else:
        assert settings["synchronous_commit"] == "on"
        assert settings["lock_timeout"] == "2s"
        assert settings["transaction_isolation"] == "read committed"


def test_a_setting_that_sqlite_does_not_take_stops_the_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        engines, "sqlite_pragmas", lambda *, wal: {"synchronous": ("OFF", "3" if not wal else "2")}
    )
    with (
        open_database(f"sqlite:///{tmp_path / 'registry.db'}") as database,
        pytest.raises(engines.SettingRefused, match="synchronous"),
    ):
        database.settings_in_force()


def test_the_write_ahead_log_needs_a_library_without_the_reset_bug(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'registry.db'}"
    monkeypatch.setattr("sqlite3.sqlite_version_info", (3, 51, 2))
    with pytest.raises(WalNotSafe, match=r"3\.51\.3"):
        open_database(url, wal=True)
    monkeypatch.setattr("sqlite3.sqlite_version_info", (3, 51, 3))
    with open_database(url, wal=True) as database:
        assert database.settings_in_force()["journal_mode"] == "wal"
        assert database.settings_in_force()["synchronous"] == "FULL"


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://root@localhost/registry"])
def test_only_a_file_or_postgresql_is_a_registry(url: str) -> None:
    with pytest.raises(NotADatabaseFile):
        open_database(url)


@pytest.mark.rule("I-21")
def test_the_file_is_readable_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    with open_database(f"sqlite:///{path}") as database:
        database.settings_in_force()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.rule("I-21")
def test_a_password_in_the_url_is_never_shown() -> None:
    with open_database("postgresql://madoguchi:geheim@127.0.0.1:1/registry") as database:
        assert "geheim" not in repr(database)
        with pytest.raises(DBAPIError) as caught, database.reading() as session:
            session.connection()
    assert "geheim" not in str(caught.value)


def test_nothing_is_stored_when_the_commit_cannot_be_made(database: Database) -> None:
    """A deferred reference is the one refusal that comes with the commit itself."""
    if database.dialect == "postgresql":
        prepare = "CREATE TEMP TABLE late (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)"
        refuse = "INSERT INTO late VALUES (1), (1)"
    else:
        prepare = "PRAGMA defer_foreign_keys=ON"
        refuse = "INSERT INTO terminals (branch_pk, terminal_no) VALUES (99, '01')"

    def store() -> None:
        with database.transaction() as session:
            session.execute(text(prepare))
            Rows(session).branch()
            session.execute(text(refuse))

    with pytest.raises(IntegrityError):
        store()
    with database.reading() as session:
        assert session.get(Branch, 1) is None

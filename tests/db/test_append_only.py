"""Journal, checkpoints and lock history only grow: whoever uses the program cannot change what was recorded."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from db.database import Database
from db.integrity import APPEND_ONLY
from db.tables import Checkpoint, JournalEntry, LockEvent
from tests.support.databases import on_postgresql, on_sqlite, unguarded
from tests.support.rows import NOW, Rows

REFUSED = r"append-only"


@pytest.fixture(autouse=True)
def recorded(database: Database) -> None:
    """Three entries of a chain, a checkpoint and a lock event."""
    with database.transaction() as session:
        rows = Rows(session)
        for seq in (1, 2, 3):
            rows.journal_entry(seq=seq)
        rows.any(Checkpoint)
        rows.any(LockEvent)


def run(database: Database, statement: str) -> None:
    """Run one statement in a transaction of its own."""
    with database.transaction() as session:
        session.connection().exec_driver_sql(statement)


def contents(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the three tables."""
    with database.reading() as session:
        return {
            table: [tuple(row) for row in session.execute(text(f"SELECT * FROM {table} ORDER BY pk"))]  # noqa: S608 - fixed names
            for table in APPEND_ONLY
        }


@pytest.mark.rule("I-13")
@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("statement", ["UPDATE {} SET at = '2020-01-01'", "DELETE FROM {}"])
def test_a_record_is_neither_changed_nor_deleted(database: Database, table: str, statement: str) -> None:
    before = contents(database)
    with pytest.raises(DBAPIError, match=REFUSED):
        run(database, statement.format(table))
    assert contents(database) == before


@on_postgresql
@pytest.mark.rule("I-13")
@pytest.mark.parametrize("table", APPEND_ONLY)
def test_a_table_of_records_is_not_emptied(database: Database, table: str) -> None:
    with pytest.raises(DBAPIError, match=REFUSED):
        run(database, f"TRUNCATE {table} CASCADE")


@pytest.mark.rule("I-13")
@pytest.mark.parametrize("columns", ["seq", "pk"])
def test_an_entry_is_not_replaced_by_an_upsert(database: Database, columns: str) -> None:
    target = {"seq": "(node, seq)", "pk": "(pk)"}[columns]
    with pytest.raises(DBAPIError, match=r"append-only|no gap"):
        run(
            database,
            "INSERT INTO checkpoints (pk, node, seq, head, at, signature, key_id)"  # noqa: S608 - fixed names
            " SELECT pk, node, seq, head, '2020-01-01', signature, key_id FROM checkpoints WHERE true"
            f" ON CONFLICT {target} DO UPDATE SET at = excluded.at",
        )


@on_sqlite
@pytest.mark.rule("I-13")
@pytest.mark.parametrize("recursive", ["ON", "OFF"])
@pytest.mark.parametrize(
    "statement",
    [
        "REPLACE INTO journal SELECT * FROM journal WHERE seq = 2",
        (
            "INSERT OR REPLACE INTO journal (pk, node, seq, at, tag, outcome, body, previous_hash, hash)"
            " SELECT 1, node, 4, at, tag, outcome, body, previous_hash, hash FROM journal WHERE seq = 1"
        ),
        "REPLACE INTO checkpoints SELECT * FROM checkpoints",
        (
            "INSERT OR REPLACE INTO checkpoints (node, seq, head, at, signature, key_id)"
            " SELECT node, seq, zeroblob(32), at, signature, key_id FROM checkpoints"
        ),
        "REPLACE INTO lock_events SELECT * FROM lock_events",
        "UPDATE OR REPLACE journal SET seq = 2 WHERE seq = 3",
    ],
)
def test_replace_is_refused_whatever_the_connection_asked_for(
    database: Database, recursive: str, statement: str
) -> None:
    before = contents(database)

    def replace() -> None:
        with database.engine.connect() as connection:
            connection.detach()
            connection.exec_driver_sql(f"PRAGMA recursive_triggers={recursive}")
            connection.exec_driver_sql(statement)
            connection.commit()

    with pytest.raises(DBAPIError, match=r"append-only|no gap"):
        replace()
    assert contents(database) == before


@pytest.mark.rule("I-13")
@pytest.mark.parametrize("seq", [1, 3, 5, 100])
def test_the_journal_takes_only_the_next_number(database: Database, seq: int) -> None:
    with pytest.raises(DBAPIError, match=r"no gap|append-only"), database.transaction() as session:
        Rows(session).journal_entry(seq=seq)


@pytest.mark.rule("I-13")
def test_every_chain_counts_from_one(database: Database) -> None:
    with database.transaction() as session:
        Rows(session).journal_entry(node="012/02/counter", seq=1)
    with pytest.raises(DBAPIError, match="no gap"), database.transaction() as session:
        Rows(session).journal_entry(node="012/03/counter", seq=2)


def test_several_entries_in_one_statement_are_numbered_one_by_one(database: Database) -> None:
    with database.transaction() as session:
        session.add_all(
            JournalEntry(
                node="012/01/counter",
                seq=seq,
                at=NOW,
                tag="t",
                body=b"{}",
                previous_hash=bytes(32),
                hash=bytes(32),
            )
            for seq in (4, 5, 6)
        )
    assert len(contents(database)["journal"]) == 6


def test_a_guard_that_was_taken_away_is_reported(database: Database) -> None:
    assert database.integrity_problems() == ()
    with unguarded(database):
        problems = database.integrity_problems()
        run(database, "DELETE FROM journal WHERE seq = 3")
    assert "trigger journal_no_delete is missing" in problems
    assert "trigger journal_no_gap is missing" in problems
    assert database.integrity_problems() == ()

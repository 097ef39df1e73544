"""What an insider with the rights of the database's owner can do, and how it is told (I-13, I-25)."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, update
from sqlmodel import Session, col

from db.database import Database, open_database
from db.queries import journal
from db.tables import Checkpoint, JournalEntry, JournalHead
from kiosk.audit.chain import canonical, link
from kiosk.audit.checkpoints import SignedCheckpoint
from kiosk.audit.verifying import Finding, Tampering, verify
from tests.audit.signing import NODE, PUBLIC_KEY, checkpoint, write
from tests.support.clock import MONDAY_MORNING
from tests.support.databases import unguarded

OTHER = "012/02/screen"


@pytest.fixture
def kept(database: Database) -> list[SignedCheckpoint]:
    """Two chains: ten entries with checkpoints at 4 and 8, and one of three entries that nobody touches."""
    write(database, 4, user_id="koushin01")
    first = checkpoint(database)
    write(database, 4, user_id="shinki02")
    second = checkpoint(database)
    write(database, 2)
    write(database, 3, node=OTHER)
    return [first, second, checkpoint(database, node=OTHER)]


@pytest.fixture
def insider(database: Database, kept: list[SignedCheckpoint]) -> Iterator[Database]:
    """The registry without its triggers."""
    with unguarded(database):
        yield database


def findings(database: Database, kept: list[SignedCheckpoint]) -> list[tuple[str, int, int]]:
    """Kind and position; all of them in the chain that was touched."""
    found = verify(database, PUBLIC_KEY, kept)
    assert {finding.node for finding in found} <= {NODE}
    return [(finding.kind.value, finding.seq, finding.last) for finding in found]


def stored(session: Session, seq: int) -> JournalEntry:
    (entry,) = journal.entries(session, NODE, seq - 1, 1)
    return entry


def change(database: Database, place: int, /, **values: object) -> None:
    with database.transaction() as session:
        session.execute(
            update(JournalEntry)
            .where(col(JournalEntry.node) == NODE, col(JournalEntry.seq) == place)
            .values(values)
        )


def remove(database: Database, first: int, last: int) -> None:
    with database.transaction() as session:
        session.execute(
            delete(JournalEntry).where(
                col(JournalEntry.node) == NODE, col(JournalEntry.seq).between(first, last)
            )
        )


def mend_head(database: Database) -> None:
    """Let the head agree with the entries, as somebody does who covers his tracks."""
    with database.transaction() as session:
        last = journal.entries(session, NODE, 0, 1_000)[-1]
        session.execute(
            update(JournalHead).where(col(JournalHead.node) == NODE).values(seq=last.seq, hash=last.hash)
        )


def forged(body: bytes, **changed: object) -> bytes:
    told: dict[str, Any] = {**json.loads(body), **changed}
    return canonical(told)


def rewrite_from(database: Database, first: int, **changed: object) -> None:
    """Change one entry and make every hash after it fit again."""
    with database.transaction() as session:
        entries = journal.entries(session, NODE, first - 1, 1_000)
        previous = entries[0].previous_hash
        for entry in entries:
            if entry.seq == first:
                entry.body = forged(entry.body, **changed)
                for name, value in changed.items():
                    setattr(entry, name, value)
            entry.previous_hash, entry.hash = previous, link(previous, entry.body)
            previous = entry.hash
    mend_head(database)


@pytest.mark.rule("I-13")
def test_a_journal_as_it_was_written_has_no_findings(
    database: Database, kept: list[SignedCheckpoint]
) -> None:
    assert verify(database, PUBLIC_KEY, kept) == ()
    assert verify(database, PUBLIC_KEY, []) == ()


def test_an_empty_registry_has_no_findings(database: Database) -> None:
    assert verify(database, PUBLIC_KEY, []) == ()


# --- edited ----------------------------------------------------------------------------------------------------------


@pytest.mark.rule("I-13")
def test_an_edited_body_is_told_with_its_position(insider: Database, kept: list[SignedCheckpoint]) -> None:
    with insider.reading() as session:
        body = stored(session, 5).body
    change(insider, 5, body=forged(body, user_id="taro0001"), user_id="taro0001")

    assert findings(insider, kept) == [("edited", 5, 5)]


@pytest.mark.rule("I-13")
def test_an_edit_with_a_hash_that_fits_it_breaks_the_link_to_the_next(
    insider: Database, kept: list[SignedCheckpoint]
) -> None:
    with insider.reading() as session:
        entry = stored(session, 5)
    body = forged(entry.body, user_id="taro0001")
    change(insider, 5, body=body, user_id="taro0001", hash=link(entry.previous_hash, body))

    assert findings(insider, kept) == [("edited", 5, 5)]


@pytest.mark.rule("I-13")
def test_a_column_that_says_something_else_than_the_body_is_an_edit(
    insider: Database, kept: list[SignedCheckpoint]
) -> None:
    """Searches look at the columns, so what they say must be what was hashed."""
    lies: dict[str, object] = {
        "tag": "staff:sign_on:ok",
        "outcome": "failed",
        "staff_id": "op004",
        "branch_no": "013",
        "terminal_no": None,
        "reception_no": "20260302-012-01-0001",
        "user_id": None,
        "serial": "01",
        "at": MONDAY_MORNING + timedelta(days=1),
    }
    with insider.reading() as session:
        truth = stored(session, 6).model_dump()
    for column, lie in lies.items():
        change(insider, 6, **{column: lie})
        assert findings(insider, kept) == [("edited", 6, 6)], column
        change(insider, 6, **{column: truth[column]})
    assert findings(insider, kept) == []


@pytest.mark.rule("I-13")
def test_the_newest_entry_is_guarded_by_the_head(insider: Database, kept: list[SignedCheckpoint]) -> None:
    with insider.reading() as session:
        entry = stored(session, 10)
    body = forged(entry.body, staff_id="op004")
    change(insider, 10, body=body, staff_id="op004", hash=link(entry.previous_hash, body))

    assert findings(insider, kept) == [("edited", 10, 10)]


def test_bytes_that_are_no_entry_do_not_stop_the_verification(
    insider: Database, kept: list[SignedCheckpoint]
) -> None:
    with insider.reading() as session:
        previous = stored(session, 5).previous_hash
    for body in (b"x", b"\xff", b"[]", b"null", b"[" * 60_000, b'{"seq":5}'):
        change(insider, 5, body=body, hash=link(previous, body))

        assert findings(insider, kept) == [("edited", 5, 5)]


# --- gone ------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("I-13")
def test_entries_deleted_in_the_middle_are_told_as_a_range(
    insider: Database, kept: list[SignedCheckpoint]
) -> None:
    remove(insider, 5, 7)

    assert findings(insider, kept) == [("missing", 5, 7)]


@pytest.mark.rule("I-13")
def test_the_first_entries_count_as_the_middle(insider: Database, kept: list[SignedCheckpoint]) -> None:
    remove(insider, 1, 2)

    assert findings(insider, kept) == [("missing", 1, 2)]


@pytest.mark.rule("I-13")
def test_a_cut_tail_is_told_by_the_head(insider: Database, kept: list[SignedCheckpoint]) -> None:
    remove(insider, 9, 10)

    assert findings(insider, []) == [("cut", 9, 10)]


@pytest.mark.rule("I-13")
def test_a_cut_tail_with_a_mended_head_is_told_by_a_checkpoint(
    insider: Database, kept: list[SignedCheckpoint]
) -> None:
    remove(insider, 6, 10)
    mend_head(insider)

    assert findings(insider, []) == [("cut", 6, 8)]


@pytest.mark.rule("I-13", "I-25")
def test_a_tail_cut_with_all_its_traces_is_told_by_the_checkpoints_kept_outside(
    insider: Database, kept: list[SignedCheckpoint]
) -> None:
    remove(insider, 6, 10)
    mend_head(insider)
    with insider.transaction() as session:
        session.execute(delete(Checkpoint).where(col(Checkpoint.node) == NODE, col(Checkpoint.seq) > 5))

    assert findings(insider, []) == []
    assert findings(insider, kept) == [("rolled_back", 6, 8)]


@pytest.mark.rule("I-13")
def test_a_chain_that_is_gone_altogether_is_told(insider: Database, kept: list[SignedCheckpoint]) -> None:
    remove(insider, 1, 10)
    with insider.transaction() as session:
        session.execute(delete(JournalHead).where(col(JournalHead.node) == NODE))
        session.execute(delete(Checkpoint).where(col(Checkpoint.node) == NODE))

    assert findings(insider, kept) == [("rolled_back", 1, 8)]


@pytest.mark.rule("I-25")
def test_a_restored_backup_is_recognised_and_what_is_missing_is_listed(
    tmp_path: Path, sqlite_template: Path
) -> None:
    """The whole file as it was yesterday: everything in it fits."""
    path, backup = tmp_path / "registry.db", tmp_path / "backup.db"
    shutil.copyfile(sqlite_template, path)
    with open_database(f"sqlite:///{path}") as database:
        write(database, 5)
        kept = [checkpoint(database)]
        shutil.copyfile(path, backup)
        write(database, 7)
        kept.append(checkpoint(database))

    with open_database(f"sqlite:///{backup}") as restored:
        assert findings(restored, []) == []
        assert findings(restored, kept) == [("rolled_back", 6, 12)]
        write(restored, 20, user_id="shinki02")
        assert findings(restored, kept) == [("rewritten", 6, 12)]


# --- moved, added, written anew --------------------------------------------------------------------------------------


@pytest.mark.rule("I-13")
def test_two_entries_that_changed_places_are_told(insider: Database, kept: list[SignedCheckpoint]) -> None:
    change(insider, 5, seq=1_000)
    change(insider, 6, seq=5)
    change(insider, 1_000, seq=6)

    assert findings(insider, kept) == [("reordered", 5, 6)]


@pytest.mark.rule("I-13")
def test_a_deletion_hidden_by_new_numbers_is_told(insider: Database, kept: list[SignedCheckpoint]) -> None:
    remove(insider, 9, 9)
    change(insider, 10, seq=9)
    mend_head(insider)

    assert findings(insider, kept) == [("reordered", 9, 9)]


@pytest.mark.rule("I-13")
def test_an_entry_of_another_chain_is_out_of_place(insider: Database, kept: list[SignedCheckpoint]) -> None:
    with insider.reading() as session:
        (foreign,) = journal.entries(session, OTHER, 1, 1)
    change(insider, 2, body=foreign.body, hash=foreign.hash, previous_hash=foreign.previous_hash)

    assert ("reordered", 2, 2) in findings(insider, kept)


@pytest.mark.rule("I-13")
def test_an_entry_behind_the_head_was_not_written_by_the_program(
    insider: Database, kept: list[SignedCheckpoint]
) -> None:
    with insider.transaction() as session:
        last = stored(session, 10)
        body = forged(last.body, seq=11)
        values = last.model_dump(exclude={"pk"})
        session.add(
            JournalEntry(
                **{
                    **values,
                    "seq": 11,
                    "body": body,
                    "previous_hash": last.hash,
                    "hash": link(last.hash, body),
                }
            )
        )

    assert findings(insider, kept) == [("added", 11, 11)]


@pytest.mark.rule("I-13")
def test_a_history_written_anew_is_told_between_the_checkpoints_around_it(
    insider: Database, kept: list[SignedCheckpoint]
) -> None:
    rewrite_from(insider, 6, user_id="taro0001")

    assert findings(insider, kept) == [("rewritten", 5, 8)]


@pytest.mark.rule("I-13")
def test_a_history_written_anew_before_every_checkpoint_is_told(
    insider: Database, kept: list[SignedCheckpoint]
) -> None:
    rewrite_from(insider, 1, staff_id="op004")

    assert findings(insider, kept) == [("rewritten", 1, 4)]


@pytest.mark.rule("I-13")
def test_without_checkpoints_outside_a_rewritten_history_needs_forged_ones_inside(
    insider: Database, kept: list[SignedCheckpoint]
) -> None:
    """Whoever writes the chain anew can remove the checkpoints inside, but not make new ones."""
    rewrite_from(insider, 2, staff_id="op004")
    with insider.transaction() as session:
        for row in journal.checkpoints(session, NODE):
            row.head = stored(session, row.seq).hash
            row.signature = Ed25519PrivateKey.generate().sign(b"anything")

    assert findings(insider, []) == [("bad_signature", 4, 4), ("bad_signature", 8, 8)]
    assert findings(insider, kept) == [("rewritten", 1, 4), ("bad_signature", 4, 4), ("bad_signature", 8, 8)]


@pytest.mark.rule("I-13")
def test_a_forged_checkpoint_outside_is_told_and_believed_in_nothing_else(
    database: Database, kept: list[SignedCheckpoint]
) -> None:
    lie = replace(kept[1], seq=500)

    assert findings(database, [*kept, lie]) == [("bad_signature", 500, 500)]


def test_checkpoints_of_another_key_are_not_believed(
    database: Database, kept: list[SignedCheckpoint]
) -> None:
    other = Ed25519PrivateKey.generate().public_key().public_bytes_raw()

    found = verify(database, other, kept)

    assert {finding.kind for finding in found} == {Tampering.BAD_SIGNATURE}


# --- how it is done --------------------------------------------------------------------------------------------------


def test_the_newest_entries_can_be_verified_alone(insider: Database, kept: list[SignedCheckpoint]) -> None:
    change(insider, 2, staff_id="op004")

    assert verify(insider, PUBLIC_KEY, kept, newest=5) == ()
    assert verify(insider, PUBLIC_KEY, kept, newest=9) == (Finding(NODE, 2, 2, Tampering.EDITED),)
    change(insider, 7, staff_id="op004")
    assert verify(insider, PUBLIC_KEY, kept, newest=5) == (Finding(NODE, 7, 7, Tampering.EDITED),)


def test_the_journal_is_read_in_pages(
    database: Database, kept: list[SignedCheckpoint], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.audit.verifying.PAGE", 3)

    assert verify(database, PUBLIC_KEY, kept) == ()

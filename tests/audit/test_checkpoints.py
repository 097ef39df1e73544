"""Signed statements over the chain, and the file that keeps them."""

import os
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from db.database import Database
from db.queries import journal
from kiosk.audit import checkpoints
from kiosk.audit.checkpoints import EVERY, SignedCheckpoint, due
from kiosk.audit.keeping import CheckpointFile
from kiosk.errors import JournalNotWritable
from tests.audit.signing import KEY_ID, NODE, PUBLIC_KEY, attest, checkpoint, lengths, write
from tests.support.clock import MONDAY_MORNING

HOUR_AGO = MONDAY_MORNING - EVERY
JUST_NOW = MONDAY_MORNING - timedelta(minutes=59, seconds=59)


@pytest.fixture
def kept(tmp_path: Path) -> CheckpointFile:
    return CheckpointFile(tmp_path / "checkpoints.jsonl")


def public_key() -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(PUBLIC_KEY)


@pytest.mark.rule("I-13")
@pytest.mark.parametrize(
    ("entries_since", "last_at", "closing", "expected"),
    [
        (0, None, False, False),
        (0, HOUR_AGO, True, False),
        (1, None, False, True),
        (99, JUST_NOW, False, False),
        (100, JUST_NOW, False, True),
        (1, HOUR_AGO, False, True),
        (1, JUST_NOW, False, False),
        (1, JUST_NOW, True, True),
        (1, MONDAY_MORNING + timedelta(seconds=1), False, True),
    ],
)
def test_a_checkpoint_is_due_every_hundred_entries_every_hour_and_at_closing(
    entries_since: int, last_at: datetime | None, closing: bool, expected: bool
) -> None:
    asked = due(entries_since=entries_since, last_at=last_at, now=MONDAY_MORNING, closing=closing)

    assert asked is expected


def test_due_is_asked_of_the_chain(database: Database) -> None:
    assert not checkpoints.is_due(database, NODE, MONDAY_MORNING)
    write(database, 1)
    assert checkpoints.is_due(database, NODE, MONDAY_MORNING)
    checkpoint(database)
    write(database, 99)
    assert not checkpoints.is_due(database, NODE, MONDAY_MORNING)
    assert checkpoints.is_due(database, NODE, MONDAY_MORNING, closing=True)
    write(database, 1)
    assert checkpoints.is_due(database, NODE, MONDAY_MORNING)


@pytest.mark.rule("I-13")
def test_a_checkpoint_states_where_the_chain_ends(database: Database) -> None:
    write(database, 3)

    made = checkpoint(database)

    with database.reading() as session:
        (head,) = journal.heads(session)
        stored = journal.newest_checkpoint(session, NODE)
    assert stored is not None
    assert SignedCheckpoint.from_row(stored) == made
    assert (made.seq, made.head, made.at, made.key_id) == (3, head.hash, MONDAY_MORNING, KEY_ID)
    assert made.holds(public_key())


def test_without_new_entries_there_is_nothing_to_sign(database: Database) -> None:
    def must_not_sign(message: bytes) -> bytes:
        raise AssertionError(message)

    def make() -> object:
        return checkpoints.make(database, NODE, attest=must_not_sign, key_id=KEY_ID, now=MONDAY_MORNING)

    assert make() is None
    write(database, 1)
    checkpoint(database)
    assert make() is None


def test_the_signature_is_made_with_no_transaction_open(database: Database) -> None:
    """A signer that takes its time must not hold up the counter."""

    def slow(message: bytes) -> bytes:
        write(database, 1)
        return attest(message)

    write(database, 2)
    made = checkpoints.make(database, NODE, attest=slow, key_id=KEY_ID, now=MONDAY_MORNING)

    assert made is not None
    assert made.seq == 2


def test_two_that_sign_the_same_length_at_once_keep_one(database: Database) -> None:
    def overtaken(message: bytes) -> bytes:
        checkpoint(database)
        return attest(message)

    write(database, 2)

    assert checkpoints.make(database, NODE, attest=overtaken, key_id=KEY_ID, now=MONDAY_MORNING) is None
    with database.reading() as session:
        assert [row.seq for row in journal.checkpoints(session, NODE)] == [2]


@pytest.mark.rule("I-13")
def test_a_checkpoint_changed_in_any_field_no_longer_holds(database: Database) -> None:
    write(database, 2)
    made = checkpoint(database)

    for changed in (
        replace(made, node="012/02/screen"),
        replace(made, seq=1),
        replace(made, head=bytes(32)),
        replace(made, head=bytes(31)),
        replace(made, at=MONDAY_MORNING + timedelta(microseconds=1)),
        replace(made, key_id="other"),
        replace(made, signature=bytes(64)),
        replace(made, signature=b""),
    ):
        assert not changed.holds(public_key())
    assert not made.holds(Ed25519PrivateKey.generate().public_key())


@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
    st.integers(1, 2**63),
    st.binary(min_size=32, max_size=32),
    st.datetimes(timezones=st.just(UTC)),
)
def test_a_line_reads_back_as_what_it_was(node: str, seq: int, head: bytes, at: datetime) -> None:
    made = SignedCheckpoint(node=node, seq=seq, head=head, at=at, key_id="k", signature=bytes(64))

    assert made.line().count(b"\n") == 1
    assert SignedCheckpoint.from_line(made.line()) == made


@pytest.mark.parametrize(
    "line", [b"", b"\n", b"{", b"[]", b"7", b"{}", b'{"node":1}', b"\xff\xfe", b'"x"', b"[" * 50_000]
)
def test_what_is_no_checkpoint_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any of them: the reader passes such lines over
        SignedCheckpoint.from_line(line)


def test_the_file_keeps_what_was_appended_for_its_owner_only(
    database: Database, kept: CheckpointFile
) -> None:
    assert kept.read() == ()
    write(database, 1)
    first = checkpoint(database)
    kept.append(first)
    write(database, 1)
    second = checkpoint(database)
    kept.append(second)

    assert kept.read() == (first, second)
    assert stat.S_IMODE(kept.path.stat().st_mode) == 0o600


def test_a_torn_line_costs_only_itself(database: Database, kept: CheckpointFile) -> None:
    """A power cut may leave half a line; the next one begins on a line of its own."""
    write(database, 1)
    first = checkpoint(database)
    kept.append(first)
    with kept.path.open("ab") as file:
        file.write(first.line()[:40])
    write(database, 1)
    second = checkpoint(database)
    kept.append(second)

    assert kept.read() == (first, second)


def test_after_a_crash_the_file_is_brought_up_to_date(database: Database, kept: CheckpointFile) -> None:
    for node in (NODE, "012/02/screen"):
        write(database, 1, node=node)
    kept.append(checkpoint(database))
    checkpoint(database, node="012/02/screen")
    write(database, 1)
    checkpoint(database)

    assert kept.catch_up(database) == 2
    assert kept.catch_up(database) == 0
    assert sorted(lengths(kept.read())) == [1, 1, 2]


def test_a_file_that_cannot_be_written_says_so(database: Database, tmp_path: Path) -> None:
    write(database, 1)
    made = checkpoint(database)
    elsewhere = tmp_path / "link"
    elsewhere.symlink_to(tmp_path / "target")

    for path in (tmp_path / "no such folder" / "file", tmp_path, elsewhere):
        with pytest.raises(JournalNotWritable):
            CheckpointFile(path).append(made)
    assert not (tmp_path / "target").exists()


def test_nothing_to_keep_touches_nothing(kept: CheckpointFile) -> None:
    kept.append()

    assert not os.path.lexists(kept.path)

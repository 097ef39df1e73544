"""I-14, I-15: the list of one revocation is made from the one before it, and is the one that the rows would give."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import select

from db.database import Database
from db.queries import crl as crl_queries
from db.tables import Certificate, CrlState
from kiosk.errors import JournalNotWritable, OutcomeUnknown
from kiosk.pki.crl import entry_der
from kiosk.pki.crl_reading import read_crl, revoked_in
from kiosk.pki.local_signer import LocalSigner
from kiosk.rules.naming import serial_text
from kiosk.services.crl import publishing
from kiosk.services.crl.entries import Entries, InForce, Taken
from kiosk.services.crl.publishing import Publishing
from kiosk.services.desk.guard import Desk
from tests.support.builders import a_desk
from tests.support.clock import SteppedClock
from tests.support.counters import PROFILE, Counter
from tests.support.journal import journal_of
from tests.support.killing import killed_at
from tests.support.lists import a_revoked, a_revoked_of, list_in

LINES = (
    "kiosk.services.crl.publishing",
    "kiosk.services.crl._beside",
    "kiosk.services.crl.drafts",
    "kiosk.pki.ca_files",
    "kiosk.pki.new_files",
)
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)

moments = st.integers(0, 5).map(lambda days: NOW + timedelta(days=days))
revocations = st.lists(
    st.tuples(st.integers(1, 2**159 - 1), moments, st.sampled_from([0, 1, 4])), unique_by=lambda one: one[0]
)


@pytest.fixture
def desk(database: Database, clock: SteppedClock) -> Desk:
    """The counter's registry and clock."""
    return a_desk(database, clock)


@pytest.fixture
def key_id(counter: Counter) -> str:
    """The CA key whose lists are published."""
    return counter.signer.facts().key_id


def published_after(publishing: Publishing, taken: Taken) -> InForce | None:
    """The list of a revocation that is stored already; its note may still be on its way."""
    with publishing.next_list() as made:
        made.begin(taken)
        return made.publish()


def entries_in_folder(folder: Path) -> bytes:
    return read_crl((folder / "crl.der").read_bytes()).entries


def entries_of_rows(database: Database) -> bytes:
    with database.reading() as session:
        return crl_queries.entries(session, NOW - timedelta(days=400)).joined


def serial_of(taken: Taken) -> int:
    return revoked_in(taken.entry).serial


@settings(deadline=None)
@given(revocations)
def test_entries_put_in_one_by_one_stand_in_the_order_of_the_registry(
    revoked: list[tuple[int, datetime, int]],
) -> None:
    entries = Entries(listed_from=NOW, size=0, by_expiry={})
    rows = []
    for serial, not_after, reason in revoked:
        entry = entry_der(serial, NOW, reason)
        rows.append((not_after, entry))
        entries = entries.with_one(entry, not_after)
    assert entries.joined() == b"".join(entry for _, entry in sorted(rows))
    assert entries.size == len(rows)


@pytest.mark.rule("I-14", "I-15")
def test_the_list_of_one_revocation_is_to_the_octet_the_one_of_the_rows(
    counter: Counter, database: Database, desk: Desk, key_id: str
) -> None:
    counter.publishing.publish()
    days = random.Random(14)  # noqa: S311  # any order will do
    for _ in range(12):
        issued_at = counter.clock.now() - timedelta(days=days.randint(0, 5))
        taken = a_revoked_of(desk, key_id, issued_at)
        in_force = published_after(counter.publishing, taken)
        assert in_force is not None
        assert in_force.number == taken.number == list_in(counter.crl).number
        assert entries_in_folder(counter.crl) == entries_of_rows(database)
        counter.clock.step(seconds=1)
    counter.publishing.settle()
    assert journal_of(database)[-1].facts["entries"] == 12


@pytest.mark.rule("I-14", "I-15")
def test_one_more_entry_is_not_looked_for_among_the_rows(
    counter: Counter, desk: Desk, key_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter.publishing.publish()
    taken = a_revoked_of(desk, key_id, counter.clock.now())
    monkeypatch.delattr(crl_queries, "entries")
    assert published_after(counter.publishing, taken) is not None
    assert list_in(counter.crl).serials == {serial_of(taken)}


@pytest.mark.rule("I-14", "I-15", "E-90")
def test_nobody_who_was_revoked_elsewhere_in_between_is_left_out(
    counter: Counter, database: Database, desk: Desk, key_id: str
) -> None:
    """On another terminal, before or after this one took its number, with a list or without one."""
    other = replace(counter.publishing, desk=a_desk(database, counter.clock))
    counter.publishing.publish()
    serials = set()
    for late in (False, True):
        for publish in (False, True):
            mine = [] if not late else [a_revoked_of(desk, key_id, counter.clock.now())]
            theirs = a_revoked_of(desk, key_id, counter.clock.now())
            if publish:
                published_after(other, theirs)
            mine = mine or [a_revoked_of(desk, key_id, counter.clock.now())]
            serials |= {serial_of(theirs), serial_of(mine[0])}
            in_force = published_after(counter.publishing, mine[0])
            assert in_force is not None
            assert in_force.number == list_in(counter.crl).number
            counter.publishing.publish_due()
            assert list_in(counter.crl).serials == serials
            assert entries_in_folder(counter.crl) == entries_of_rows(database)


@pytest.mark.rule("I-14", "I-25")
def test_a_registry_that_was_put_back_meanwhile_is_read_again(
    counter: Counter, database: Database, desk: Desk, key_id: str
) -> None:
    """The numbers fit, and what the registry calls its last list is not the one that this program made."""
    counter.publishing.publish()
    unseen = a_revoked(desk, key_id)
    with database.transaction() as session:
        state = session.exec(select(CrlState)).one()
        state.number -= 1
        state.tail = b"another list of this number"
    taken = a_revoked_of(desk, key_id, counter.clock.now())
    assert published_after(counter.publishing, taken) is not None
    assert list_in(counter.crl).serials == {unseen, serial_of(taken)}


@pytest.mark.rule("I-14")
def test_a_list_in_the_folder_that_is_not_the_last_one_is_looked_at_again(
    counter: Counter, database: Database, desk: Desk, key_id: str
) -> None:
    first = counter.publishing.publish()
    before = {name: (counter.crl / name).read_bytes() for name in ("crl.der", "crl.pem")}
    counter.publishing.publish()
    for name, content in before.items():
        (counter.crl / name).write_bytes(content)
    assert list_in(counter.crl).number == first
    taken = a_revoked_of(desk, key_id, counter.clock.now())
    in_force = published_after(counter.publishing, taken)
    assert in_force is not None
    assert in_force.number > taken.number
    assert list_in(counter.crl).serials == {serial_of(taken)}


@pytest.mark.rule("I-14", "I-15")
@pytest.mark.timeout(600)  # a process for each line
@pytest.mark.parametrize("module", LINES)
def test_a_kill_at_any_line_of_one_more_entry_leaves_a_whole_list_and_the_next_round_names_everybody(
    counter: Counter, database: Database, desk: Desk, key_id: str, module: str
) -> None:
    serials: set[int] = set()
    line = 0
    going_on = True
    while going_on:
        line += 1
        number = counter.publishing.publish()
        published = list_in(counter.crl)
        assert published.number == number
        assert published.serials == serials
        taken = a_revoked_of(desk, key_id, counter.clock.now())
        serials.add(serial_of(taken))
        database.dispose()
        going_on = killed_at(line, {module}, publishing_of(counter, taken))
        database.dispose()
        assert list_in_its_own_words(counter.crl) >= number
    assert list_in(counter.crl).serials == serials
    assert line > 5


def list_in_its_own_words(folder: Path) -> int:
    """The number of a whole list; the two forms may differ when somebody was killed in between."""
    return read_crl((folder / "crl.der").read_bytes()).number


def publishing_of(counter: Counter, taken: Taken) -> "_Publish":
    return _Publish(counter.publishing, taken)


class _Publish:
    """For the child: the list of one revocation, which must come about unless it is killed."""

    def __init__(self, publishing: Publishing, taken: Taken) -> None:
        self.publishing, self.taken = publishing, taken

    def __call__(self) -> None:
        assert published_after(self.publishing, self.taken) is not None


def state_of(database: Database) -> CrlState:
    with database.reading() as session:
        return session.exec(select(CrlState)).one()


def lists_told(database: Database) -> list[tuple[str, object]]:
    """Every list in the journal, and every one that failed."""
    return [(entry.tag, entry.facts.get("number")) for entry in journal_of(database) if ":crl:" in entry.tag]


@pytest.mark.rule("I-14", "I-15")
def test_the_registry_notes_the_list_of_a_revocation_once_it_is_out(
    counter: Counter, database: Database, desk: Desk, key_id: str
) -> None:
    counter.publishing.publish()
    in_force = published_after(counter.publishing, a_revoked_of(desk, key_id, counter.clock.now()))
    assert in_force is not None
    assert list_in(counter.crl).number == in_force.number
    counter.publishing.settle()
    state = state_of(database)
    assert (state.published_number, state.published_at) == (in_force.number, in_force.published_at)
    assert lists_told(database)[-1] == ("ca:crl:published", in_force.number)
    assert not counter.publishing.publish_due()


@pytest.mark.rule("I-14", "I-15")
def test_a_list_that_is_only_not_noted_yet_is_not_made_again(
    counter: Counter, desk: Desk, key_id: str
) -> None:
    counter.publishing.publish()
    in_force = published_after(counter.publishing, a_revoked_of(desk, key_id, counter.clock.now()))
    assert in_force is not None
    assert not counter.publishing.publish_due()
    assert list_in(counter.crl).number == in_force.number


@pytest.mark.rule("I-14", "I-15")
def test_presses_that_follow_at_once_wait_for_the_note_of_the_one_before(
    counter: Counter, database: Database, desk: Desk, key_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = counter.publishing.publish()
    monkeypatch.delattr(crl_queries, "entries")  # each is the one before and one entry more
    serials = set()
    for _ in range(5):
        taken = a_revoked_of(desk, key_id, counter.clock.now())
        serials.add(serial_of(taken))
        assert published_after(counter.publishing, taken) is not None
    counter.publishing.settle()
    assert list_in(counter.crl).serials == serials
    assert state_of(database).published_number == list_in(counter.crl).number == first + 5
    assert [number for _, number in lists_told(database)][-6:] == list(range(first, first + 6))


@pytest.mark.rule("I-12", "I-14", "I-15", "E-93")
@pytest.mark.parametrize("failure", [JournalNotWritable(), OutcomeUnknown(), ZeroDivisionError()], ids=repr)
def test_a_note_that_fails_is_told_and_the_next_list_names_everybody(
    counter: Counter,
    database: Database,
    desk: Desk,
    key_id: str,
    monkeypatch: pytest.MonkeyPatch,
    failure: Exception,
) -> None:
    """The list is out all the same, as after a crash between the folder and the registry."""

    def fails(*_: object) -> None:
        raise failure

    number = counter.publishing.publish()
    taken = a_revoked_of(desk, key_id, counter.clock.now())
    with monkeypatch.context() as broken:
        broken.setattr(publishing, "keep_list", fails)
        assert published_after(counter.publishing, taken) is not None
        counter.publishing.settle()
    assert list_in(counter.crl).number == number + 1
    assert state_of(database).published_number == number
    assert lists_told(database)[-1][0] == "ca:crl:failed"
    assert counter.publishing.publish_due()
    assert list_in(counter.crl).number == state_of(database).published_number == number + 2
    assert list_in(counter.crl).serials == {serial_of(taken)}


@pytest.mark.rule("I-14")
def test_without_a_thread_the_note_is_stored_at_once(
    counter: Counter, database: Database, desk: Desk, key_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_more_threads(_: Thread) -> None:
        raise RuntimeError("can't start new thread")

    number = counter.publishing.publish()
    taken = a_revoked_of(desk, key_id, counter.clock.now())
    without_one = replace(counter.publishing)  # the other has its thread by now
    with monkeypatch.context() as crowded:
        crowded.setattr(Thread, "start", no_more_threads)
        assert published_after(without_one, taken) is not None
    state = state_of(database)
    assert state.published_number == list_in(counter.crl).number > number


@pytest.mark.rule("E-93", "I-25")
def test_a_list_with_entries_that_only_the_folder_knew_is_given_back_as_well(
    counter: Counter, database: Database, desk: Desk, key_id: str
) -> None:
    lost = a_revoked(desk, key_id)
    counter.publishing.publish()
    with database.transaction() as session:
        row = session.exec(select(Certificate).where(Certificate.serial == serial_text(lost))).one()
        row.state, row.slot, row.revoked_at, row.revocation_reason, row.crl_entry = (
            "active",
            0,
            None,
            None,
            None,
        )
    number = counter.publishing.publish()
    assert list_in(counter.crl).serials == {lost}
    whole = (counter.crl / "crl.der").read_bytes()
    for file in counter.crl.iterdir():
        file.unlink()
    locked = replace(counter.publishing, signer=LocalSigner(counter.signer._folder, PROFILE))
    assert locked.publish_due()
    assert list_in(counter.crl).number == number
    assert (counter.crl / "crl.der").read_bytes() == whole


@pytest.mark.rule("E-93")
def test_a_list_that_cannot_be_made_again_is_followed_by_the_next(
    counter: Counter, database: Database, desk: Desk, key_id: str
) -> None:
    serial = a_revoked(desk, key_id)
    number = counter.publishing.publish()
    with database.transaction() as session:
        session.exec(select(CrlState)).one().tail = b"no tail"
    for file in counter.crl.iterdir():
        file.unlink()
    assert counter.publishing.publish_due()
    assert list_in(counter.crl).number == number + 1
    assert list_in(counter.crl).serials == {serial}

"""Writing the journal, on both databases."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from db.database import Database
from db.queries import journal
from db.tables import Branch, HighWater, JournalEntry
from kiosk.audit.chain import GENESIS, link
from kiosk.audit.entry import NotForTheJournal
from kiosk.audit.events import EventTag
from kiosk.audit.trail import Outcome, Trail, Who
from kiosk.errors import ClockWrong, JournalNotWritable
from kiosk.secret import Secret
from tests.support.clock import MONDAY_MORNING

NODE = "012/01/screen"
CLERK = Who(staff_id="op001", role="clerk", branch_no="012", terminal_no="01")


@pytest.fixture
def trail() -> Trail:
    return Trail(NODE)


def entries(database: Database, node: str = NODE) -> tuple[JournalEntry, ...]:
    with database.reading() as session:
        return journal.entries(session, node, 0, 10_000)


def high_water(database: Database) -> HighWater | None:
    with database.reading() as session:
        return session.get(HighWater, 1)


@pytest.mark.rule("I-13")
def test_entries_are_numbered_from_one_and_each_names_the_one_before(
    database: Database, trail: Trail
) -> None:
    for number in range(1, 4):
        with database.transaction() as session:
            assert trail.record(session, EventTag.USERS_SEARCHED, now=MONDAY_MORNING, who=CLERK) == number

    previous = GENESIS
    for entry in entries(database):
        assert entry.previous_hash == previous
        assert entry.hash == link(previous, entry.body)
        previous = entry.hash


def test_what_is_searched_for_stands_in_columns_and_in_the_body(database: Database, trail: Trail) -> None:
    with database.transaction() as session:
        trail.record(
            session,
            EventTag.PASSWORD_WRONG,
            now=MONDAY_MORNING,
            who=CLERK,
            outcome=Outcome.REFUSED,
            reception_no="20260302-012-01-0001",
            user_id="koushin01",
            serial="01AB",
            code="EA05",
            tries_left=4,
        )

    (entry,) = entries(database)
    told = json.loads(entry.body)

    assert (entry.tag, entry.outcome, entry.at) == ("auth:password:wrong", "refused", MONDAY_MORNING)
    assert (entry.staff_id, entry.branch_no, entry.terminal_no) == ("op001", "012", "01")
    assert (entry.reception_no, entry.user_id, entry.serial) == ("20260302-012-01-0001", "koushin01", "01AB")
    assert (told["code"], told["facts"], told["seq"], told["node"]) == ("EA05", {"tries_left": 4}, 1, NODE)


@pytest.mark.rule("I-12")
def test_entry_and_change_are_stored_together_or_not_at_all(database: Database, trail: Trail) -> None:
    def open_a_branch() -> None:
        with database.transaction() as session:
            session.add(Branch(branch_no="012", name="本店", phone="03-0000-0000"))
            trail.record(session, EventTag.STAFF_ADDED, now=MONDAY_MORNING, who=CLERK)
            raise LookupError

    with pytest.raises(LookupError):
        open_a_branch()

    assert entries(database) == ()
    assert branches(database) == 0
    assert high_water(database) is None
    with database.transaction() as session:
        assert trail.record(session, EventTag.STAFF_ADDED, now=MONDAY_MORNING, who=CLERK) == 1


@pytest.mark.rule("I-12")
def test_when_the_entry_cannot_be_written_nothing_happens(database: Database, trail: Trail) -> None:
    break_the_journal(database)

    def open_a_branch() -> None:
        with database.transaction() as session:
            session.add(Branch(branch_no="012", name="本店", phone="03-0000-0000"))
            trail.record(session, EventTag.STAFF_ADDED, now=MONDAY_MORNING, who=CLERK)

    with pytest.raises(JournalNotWritable):
        open_a_branch()
    assert branches(database) == 0
    assert entries(database) == ()


@pytest.mark.rule("I-12")
def test_a_refusal_leaves_its_entry(database: Database, trail: Trail) -> None:
    """The try is counted and told in a transaction that commits; the refusal is raised after it."""

    def refuse() -> None:
        with database.transaction() as session:
            trail.record(
                session, EventTag.PASSWORD_WRONG, now=MONDAY_MORNING, who=CLERK, outcome=Outcome.REFUSED
            )
        raise LookupError

    with pytest.raises(LookupError):
        refuse()
    assert [entry.outcome for entry in entries(database)] == ["refused"]


def test_a_row_of_the_caller_that_is_refused_is_not_blamed_on_the_journal(
    database: Database, trail: Trail
) -> None:
    def open_twice() -> None:
        with database.transaction() as session:
            for _ in range(2):
                session.add(Branch(branch_no="012", name="本店", phone="03-0000-0000"))
            trail.record(session, EventTag.STAFF_ADDED, now=MONDAY_MORNING, who=CLERK)

    with pytest.raises(DBAPIError):
        open_twice()


@pytest.mark.rule("I-13")
def test_writers_of_one_chain_leave_no_gap_and_no_fork(database: Database, trail: Trail) -> None:
    threads, each = 4, 8
    start = Barrier(threads)

    def write(_: int) -> list[int]:
        start.wait()
        numbers = []
        for _ in range(each):
            with database.transaction() as session:
                numbers.append(trail.record(session, EventTag.USERS_SEARCHED, now=MONDAY_MORNING, who=CLERK))
        return numbers

    with ThreadPoolExecutor(threads) as pool:
        numbers = [number for written in pool.map(write, range(threads)) for number in written]

    assert sorted(numbers) == list(range(1, threads * each + 1))
    stored = entries(database)
    assert [entry.seq for entry in stored] == sorted(numbers)
    assert [entry.previous_hash for entry in stored[1:]] == [entry.hash for entry in stored[:-1]]


def test_each_writing_process_has_a_chain_of_its_own(database: Database, trail: Trail) -> None:
    other = Trail("012/02/screen")
    for _ in range(2):
        with database.transaction() as session:
            trail.record(session, EventTag.USERS_SEARCHED, now=MONDAY_MORNING, who=CLERK)
            other.record(session, EventTag.MAIL_SENT, now=MONDAY_MORNING, who=None)

    assert [entry.seq for entry in entries(database)] == [1, 2]
    assert [entry.seq for entry in entries(database, other.node)] == [1, 2]


def test_writers_of_different_chains_do_not_get_into_each_others_way(database: Database) -> None:
    nodes, each = ("012/01/screen", "012/02/screen", "012/02/mailer"), 6
    start = Barrier(len(nodes))

    def write(node: str) -> None:
        start.wait()
        for second in range(each):
            now = MONDAY_MORNING + timedelta(seconds=second)
            with database.transaction() as session:
                Trail(node).record(session, EventTag.MAIL_SENT, now=now, who=None)

    with ThreadPoolExecutor(len(nodes)) as pool:
        list(pool.map(write, nodes))

    assert [len(entries(database, node)) for node in nodes] == [each] * len(nodes)


def test_two_entries_of_one_transaction_follow_each_other(database: Database, trail: Trail) -> None:
    with database.transaction() as session:
        assert trail.record(session, EventTag.CODE_OK, now=MONDAY_MORNING, who=CLERK) == 1
        assert trail.record(session, EventTag.NOTICE_QUEUED, now=MONDAY_MORNING, who=CLERK) == 2


@pytest.mark.rule("E-91", "I-22")
def test_the_high_water_mark_goes_forward_only(database: Database, trail: Trail) -> None:
    later, earlier = MONDAY_MORNING + timedelta(hours=1), MONDAY_MORNING - timedelta(hours=1)
    for now in (MONDAY_MORNING, later, earlier):
        with database.transaction() as session:
            trail.record(session, EventTag.USERS_SEARCHED, now=now, who=CLERK)

    mark = high_water(database)
    assert mark is not None
    assert mark.at == later


@pytest.mark.rule("E-91", "I-22")
def test_an_act_that_needs_the_right_time_is_refused_when_the_clock_was_set_back(
    database: Database, trail: Trail
) -> None:
    with database.transaction() as session:
        trail.record(session, EventTag.USERS_SEARCHED, now=MONDAY_MORNING, who=CLERK, strict=True)

    def sign(seconds_back: float) -> None:
        now = MONDAY_MORNING - timedelta(seconds=seconds_back)
        with database.transaction() as session:
            trail.record(session, EventTag.ISSUE_SIGNING, now=now, who=CLERK, strict=True)

    with pytest.raises(ClockWrong):
        sign(seconds_back=300)
    sign(seconds_back=1)
    assert [entry.tag for entry in entries(database)] == ["user:search:done", "certificate:issue:signing"]


@pytest.mark.rule("I-21")
def test_a_secret_never_gets_into_an_entry(database: Database, trail: Trail) -> None:
    """Handed over by mistake under any name, it stops the act."""
    canary = "Kanaria#2026"
    attempts: list[dict[str, object]] = [
        {"note": Secret(canary)},
        {"password": canary},
        {"mail": f"{canary}@example.jp"},
        {"bundle": canary.encode()},
        {"user_id": Secret(canary)},
    ]
    for attempt in attempts:
        with pytest.raises(NotForTheJournal) as refused, database.transaction() as session:
            trail.record(session, EventTag.PASSWORD_WRONG, now=MONDAY_MORNING, who=CLERK, **attempt)  # type: ignore[arg-type]
        assert canary not in str(refused.value)

    assert entries(database) == ()


def test_a_chain_whose_tail_was_cut_takes_no_further_entry(database: Database, trail: Trail) -> None:
    """Writing on would hide the cut."""
    for _ in range(3):
        with database.transaction() as session:
            trail.record(session, EventTag.USERS_SEARCHED, now=MONDAY_MORNING, who=CLERK)
    with database.transaction() as session:
        session.execute(text("UPDATE journal_heads SET seq = 7"))

    with pytest.raises(JournalNotWritable), database.transaction() as session:
        trail.record(session, EventTag.USERS_SEARCHED, now=MONDAY_MORNING, who=CLERK)


def branches(database: Database) -> int:
    with database.reading() as session:
        return session.exec(select(func.count(col(Branch.pk)))).one()


def break_the_journal(database: Database) -> None:
    """As a full disk would, but for the journal only."""
    with database.transaction() as session:
        if database.dialect == "sqlite":
            session.execute(
                text(
                    "CREATE TRIGGER broken BEFORE INSERT ON journal BEGIN SELECT RAISE(ABORT, 'broken'); END"
                )
            )
        else:
            session.execute(
                text(
                    "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql"
                    " AS $$ BEGIN RAISE EXCEPTION 'broken'; END $$"
                )
            )
            session.execute(
                text("CREATE TRIGGER broken BEFORE INSERT ON journal FOR EACH ROW EXECUTE FUNCTION broken()")
            )

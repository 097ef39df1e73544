"""The first and the last entry of a run."""

import json

import pytest
from sqlmodel import col, select

from db.database import Database
from db.tables import JournalEntry, SettingInForce
from kiosk.audit.events import EventTag
from kiosk.errors import NotSetUp
from kiosk.services.desk.guard import Desk
from kiosk.services.upkeep.starting import Starting, this_terminal
from tests.support.builders import a_terminal
from tests.support.clock import SteppedClock


def starting(desk: Desk, database: Database, terminal_no: str = "01", **settings: str) -> Starting:
    return Starting(desk=desk, terminal=a_terminal(database, "012", terminal_no), settings=settings)


def entries(database: Database, tag: EventTag) -> list[dict[str, object]]:
    with database.reading() as session:
        rows = session.exec(
            select(JournalEntry.body).where(col(JournalEntry.tag) == tag).order_by(col(JournalEntry.seq))
        )
        return [json.loads(body) for body in rows]


def test_start_and_end_are_in_the_journal(desk: Desk, database: Database) -> None:
    one = starting(desk, database, language='"ja"')
    one.begin()
    one.end()
    assert len(entries(database, EventTag.PROGRAM_STARTED)) == 1
    assert len(entries(database, EventTag.PROGRAM_STOPPED)) == 1


def test_a_changed_setting_is_named_with_its_moment_and_an_unchanged_one_is_not(
    desk: Desk, database: Database, clock: SteppedClock
) -> None:
    first = clock.now()
    starting(desk, database, language='"ja"', wal="false").begin()
    later = clock.step(days=1)
    starting(desk, database, language='"en"', wal="false").begin()
    starting(desk, database, language='"en"', wal="false").begin()
    with database.reading() as session:
        stored = {row.key: (row.value, row.at) for row in session.exec(select(SettingInForce))}
    assert stored == {"012-01 language": ('"en"', later), "012-01 wal": ("false", first)}
    loaded = entries(database, EventTag.SETTINGS_LOADED)
    named = [entry["facts"]["changed"] for entry in loaded if "count" in entry["facts"]]  # type: ignore[index,operator]
    assert named == ["language wal", "language"]


@pytest.mark.rule("I-12")
def test_the_journal_tells_what_a_changed_setting_was_and_what_it_is(desk: Desk, database: Database) -> None:
    starting(desk, database, approval="false", sender='"a@example.jp"', gone="1").begin()
    starting(desk, database, approval="true", sender='"b@example.jp"').begin()
    told = {
        entry["facts"]["changed"]: (entry["before"], entry["after"])  # type: ignore[index]
        for entry in entries(database, EventTag.SETTINGS_LOADED)
        if "count" not in entry["facts"]  # type: ignore[operator]
    }
    assert told == {"approval": ("false", "true"), "sender": (None, None), "gone": ("1", None)}


def test_each_terminal_keeps_its_own(desk: Desk, database: Database) -> None:
    starting(desk, database, language='"ja"').begin()
    starting(desk, database, "02", language='"en"').begin()
    starting(desk, database, "02").begin()
    with database.reading() as session:
        assert [row.key for row in session.exec(select(SettingInForce))] == ["012-01 language"]


def test_a_terminal_that_the_registry_does_not_know_is_not_set_up(desk: Desk, database: Database) -> None:
    known = a_terminal(database, "012", "01")
    assert this_terminal(desk, "012", "01") == known
    for branch_no, terminal_no in (("012", "02"), ("034", "01")):
        with pytest.raises(NotSetUp) as refused:
            this_terminal(desk, branch_no, terminal_no)
        assert refused.value.missing == f"{branch_no}-{terminal_no}"

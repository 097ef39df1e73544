"""Names of users that were looked for, and what the journal keeps of it."""

import pytest

from db.database import Database
from kiosk.audit.events import EventTag
from kiosk.errors import JournalNotWritable
from kiosk.services.acting import Actor
from kiosk.services.counter.customers import Customers
from kiosk.services.desk.guard import Desk
from tests.support.builders import a_user, an_actor
from tests.support.clock import SteppedClock
from tests.support.faults import full_journal
from tests.support.journal import journal_of
from tests.support.service_hours import ALWAYS_OPEN


@pytest.fixture
def customers(desk: Desk) -> Customers:
    return Customers(desk=desk, hours=ALWAYS_OPEN)


@pytest.fixture
def clerk(database: Database) -> Actor:
    return an_actor(database)


def test_a_committed_search_is_journaled_without_what_was_typed(
    customers: Customers, clerk: Actor, database: Database
) -> None:
    a_user(database, user_id="koushin01")
    customers.search(clerk, "koushin", journal=True)

    (line,) = journal_of(database)
    assert (line.tag, line.facts["found"], line.facts["typing"]) == (EventTag.USERS_SEARCHED, 1, None)
    assert "koushin" not in str(line.body)


@pytest.mark.rule("I-12")
def test_names_that_are_seen_while_typing_leave_a_trace_once_a_minute(
    customers: Customers, clerk: Actor, database: Database, clock: SteppedClock
) -> None:
    a_user(database, user_id="koushin01")
    for typed in ("zzz", "k", "ko", "kou"):
        customers.search(clerk, typed)
    (line,) = journal_of(database)
    assert (line.tag, line.facts) == (EventTag.USERS_SEARCHED, {"found": 1, "typing": True})
    assert line.body["staff_id"] == clerk.staff_id

    clock.step(seconds=59)
    customers.search(an_actor(database), "ko")
    customers.search(clerk, "ko")
    clock.step(seconds=1)
    customers.search(clerk, "ko")
    assert len(journal_of(database)) == 3


@pytest.mark.rule("I-12")
def test_names_stay_unseen_until_the_journal_has_taken_their_trace(
    customers: Customers, clerk: Actor, database: Database
) -> None:
    a_user(database, user_id="koushin01")
    with full_journal(database):
        for typed in ("k", "ko"):
            with pytest.raises(JournalNotWritable):
                customers.search(clerk, typed)

    assert len(customers.search(clerk, "kou")) == 1
    assert len(journal_of(database)) == 1

"""A lock whose try got no verdict is told later; one whose try is only being compared is not."""

from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace

import pytest
from sqlmodel import select

from db.database import Database
from db.tables import Notice
from kiosk.secret import Secret
from kiosk.services.desk.guard import Desk
from kiosk.services.desk.locks import catch_up_lock_letters
from tests.support.builders import PASSWORD, a_desk, a_user, changed
from tests.support.clock import SteppedClock
from tests.support.counters import Counter
from tests.support.journal import journal_of
from tests.support.slow import slow_hasher


class _Killed(BaseException):
    """Ends the try where it is, as kill -9 would."""


def _dies() -> None:
    raise _Killed


@pytest.mark.rule("R-51", "E-33", "I-9")
@pytest.mark.parametrize("locks", [0, 2])
def test_a_try_that_is_being_compared_at_this_moment_is_not_told_as_a_lock(
    counter: Counter, database: Database, locks: int
) -> None:
    """Its sixth try is right: the lock that was stored beforehand will be undone."""
    user = a_user(database, consecutive_failures=5, lock_count=locks, charges=5)
    number = counter.opens_case(user).reception_no
    elsewhere = a_desk(database, counter.clock)

    slow = slow_hasher(lambda: catch_up_lock_letters(elsewhere))
    replace(counter.authenticating, hasher=slow).submit_password(
        counter.actor, number, user.user_id, Secret(PASSWORD)
    )

    counter.clock.step(hours=1)
    assert catch_up_lock_letters(elsewhere) == 0
    with database.reading() as session:
        assert {row.kind for row in session.exec(select(Notice))} == {"code"}
    assert [line for line in journal_of(database) if line.facts.get("cause") == "interrupted"] == []


@pytest.mark.rule("R-51", "E-33")
@pytest.mark.parametrize(("locks", "kind"), [(0, "locked"), (2, "blocked")])
def test_a_try_that_was_counted_shortly_before_a_run_and_died_is_told_by_the_next(
    counter: Counter, database: Database, locks: int, kind: str
) -> None:
    user = a_user(database, consecutive_failures=5, lock_count=locks, charges=5)
    number = counter.opens_case(user).reception_no
    authenticating = replace(counter.authenticating, hasher=slow_hasher(_dies))
    with pytest.raises(_Killed):
        authenticating.submit_password(counter.actor, number, user.user_id, Secret(PASSWORD))
    elsewhere = a_desk(database, counter.clock)

    counter.clock.step(seconds=59)
    assert catch_up_lock_letters(elsewhere) == 0
    counter.clock.step(hours=1)
    assert catch_up_lock_letters(elsewhere) == 1

    with database.reading() as session:
        assert [row.kind for row in session.exec(select(Notice))] == [kind]


@pytest.mark.rule("R-51", "E-36")
def test_whoever_is_unblocked_at_this_moment_is_told_of_no_lock(desk: Desk, clock: SteppedClock) -> None:
    user = a_user(desk.database, status="blocked", lock_count=3, charges=18)
    asked = iter(range(9))

    def unblocked_after_the_look() -> datetime:
        if next(asked) == 1:
            changed(desk.database, user, status="active", lock_count=0)
        return clock.now()

    slow = replace(desk, clock=SimpleNamespace(now=unblocked_after_the_look))
    assert catch_up_lock_letters(slow) == 0
    with desk.database.reading() as session:
        assert session.exec(select(Notice)).all() == []

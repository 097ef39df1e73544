"""I-17: what was approved is executed at most once, however many press at the same time."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlmodel import select

from db.database import Database, open_database
from db.tables import Notice
from kiosk.services.approved.views import ApprovalView
from tests.support.approvals import (
    a_revocation,
    a_supervisor,
    an_unblocking,
    approves,
)
from tests.support.builders import a_certificate, a_user
from tests.support.clock import SteppedClock
from tests.support.counters import Counter, build_counter
from tests.support.journal import journal_of
from tests.support.processes import at_once

Act = Callable[[Counter, str], object]


def own_counter(counter: Counter, folder: Path, clock: SteppedClock) -> Counter:
    """The same terminal in a process of its own, with its own connections."""
    database = open_database(counter.database.engine.url.render_as_string(hide_password=False))
    return build_counter(database, folder, clock, counter.actor)


def executes(counter: Counter, folder: Path, clock: SteppedClock, act: Act, number: str) -> str:
    """One press of 実行; "done" unless it is refused."""
    act(own_counter(counter, folder, clock), number)
    return "done"


def revoke(counter: Counter, number: str) -> object:
    """Execute the approved revocation."""
    return counter.revoking.execute(counter.actor, number)


def unblock(counter: Counter, number: str) -> object:
    """Execute the approved unblocking."""
    return counter.unblocking.execute(counter.actor, number)


@pytest.mark.usefixtures("patient")
@pytest.mark.rule("I-17")
@pytest.mark.parametrize("act", [revoke, unblock])
def test_of_four_presses_at_once_one_executes(
    counter: Counter, database: Database, clock: SteppedClock, tmp_path: Path, act: Act
) -> None:
    asked = a_request(counter, act)
    approves(counter, asked, a_supervisor(database))
    presses = [
        partial(executes, counter, tmp_path / str(number), clock, act, asked.shown.reception_no)
        for number in range(4)
    ]
    results = at_once(presses)
    assert results.count("done") == 1
    assert set(results) == {"done", "ApprovalNeeded"}
    assert times_done(database, asked.shown.reception_no, act) == 1
    with database.reading() as session:
        assert len(session.exec(select(Notice)).all()) == 1


def a_request(counter: Counter, act: Act) -> ApprovalView:
    """For another user each time, whose certificate is not of today: its reception number is not either."""
    if act is unblock:
        reception, wanted = an_unblocking(counter)
        return counter.approving.ask(counter.actor, reception.number, wanted)
    user = a_user(counter.database)
    serial = a_certificate(counter.database, user, issued_at=counter.clock.now() - timedelta(days=100)).serial
    reception, request = a_revocation(counter, user, serial=serial)
    return counter.approving.ask(counter.actor, reception.number, request)


def times_done(database: Database, number: str, act: Act) -> int:
    """How often the journal says that this reception did it."""
    done = ("certificate:state:revoked" if act is revoke else "user:block:lifted", "done")
    lines = [line for line in journal_of(database) if line.body["reception_no"] == number]
    return [(line.tag, line.outcome) for line in lines].count(done)

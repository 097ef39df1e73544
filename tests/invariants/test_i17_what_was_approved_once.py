"""I-17, I-15: what was approved is executed at most once, and whatever breaks, the counter can see how far it came."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from cryptography import x509
from sqlmodel import col, select

from db.database import Database, open_database
from db.tables import Approval, Certificate, Notice, Staff, User
from kiosk.services.approval_views import ApprovalView
from kiosk.services.views import NextStep
from tests.support.approvals import (
    a_blocked_user,
    a_revocation,
    a_supervisor,
    an_unblocking,
    approves,
)
from tests.support.builders import a_certificate, a_user
from tests.support.clock import SteppedClock
from tests.support.counters import Counter, build_counter
from tests.support.journal import journal_of
from tests.support.killing import killed_at
from tests.support.processes import at_once

Act = Callable[[Counter, str], object]

ACTS = ("kiosk.services.approving", "kiosk.services._approvals")
REVOKING = (*ACTS, "kiosk.services.revoking", "kiosk.services._revoking", "kiosk.services.publishing")
UNBLOCKING = (*ACTS, "kiosk.services.unblocking")
STARTS = 3
STRIDE = {"sqlite": STARTS, "postgresql": 5 * STARTS}
"""The three starts together cover every line on SQLite, and every fifth on PostgreSQL, where a try costs more."""


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
    reception, request = a_revocation(counter) if act is revoke else an_unblocking(counter)
    asked = counter.approving.ask(counter.actor, reception.number, request)
    approves(counter, asked, a_supervisor(database))
    presses = [
        partial(executes, counter, tmp_path / str(number), clock, act, reception.number)
        for number in range(4)
    ]
    results = at_once(presses)
    assert results.count("done") == 1
    assert set(results) == {"done", "ApprovalNeeded"}
    once = "certificate:state:revoked" if act is revoke else "user:block:lifted"
    assert [line.outcome for line in journal_of(database) if line.tag == once].count("done") == 1
    with database.reading() as session:
        assert len(session.exec(select(Notice)).all()) == 1


def approve_and_execute(
    counter: Counter, folder: Path, clock: SteppedClock, act: Act, asked: ApprovalView, boss: Staff
) -> None:
    """The dialog and the press after it, by a program that may be killed."""
    own = own_counter(counter, folder, clock)
    approves(own, asked, boss)
    act(own, asked.shown.reception_no)


def require_visible(counter: Counter, number: str, state: str, done: bool) -> None:
    """What a person who starts the program anew sees of it."""
    lines = {line.reception_no: line for line in counter.handing_over.unfinished(counter.actor)}
    if done:
        assert (state, number in lines) == ("executed", False)
    else:
        expected = {"asked": NextStep.WAIT_FOR_APPROVAL, "approved": NextStep.EXECUTE}
        assert lines[number].next_step is expected[state]


def finish(counter: Counter, act: Act, asked: ApprovalView, boss: Staff, state: str) -> None:
    """Go on where the program was killed."""
    if state == "asked":
        approves(counter, asked, boss)
    if state != "executed":
        act(counter, asked.shown.reception_no)


def times_done(database: Database, number: str, tag: str) -> int:
    """How often the journal says that this reception did it."""
    return [
        (line.tag, line.outcome) for line in journal_of(database) if line.body["reception_no"] == number
    ].count((tag, "done"))


@pytest.mark.timeout(900)
@pytest.mark.rule("I-15", "I-16", "I-17", "I-2")
@pytest.mark.parametrize("first", range(1, STARTS + 1))
def test_a_kill_at_any_line_of_a_revocation_neither_loses_nor_repeats_it(
    counter: Counter, database: Database, clock: SteppedClock, tmp_path: Path, first: int
) -> None:
    boss = a_supervisor(database)
    found: set[str] = set()
    line, reached = first, True
    while reached:
        user = a_user(database)
        serial = a_certificate(database, user, issued_at=clock.now() - timedelta(days=100)).serial
        reception, request = a_revocation(counter, user, serial=serial)
        asked = counter.approving.ask(counter.actor, reception.number, request)
        reached = killed_at(
            line, REVOKING, partial(approve_and_execute, counter, tmp_path, clock, revoke, asked, boss)
        )
        state, revoked = told_by_the_registry(database, asked, request.serial)
        found.add(state)
        assert revoked == (state == "executed")
        require_visible(counter, reception.number, state, revoked)
        finish(counter, revoke, asked, boss, state)
        counter.publishing.publish_due()
        crl = x509.load_pem_x509_crl((counter.crl / "crl.pem").read_bytes())
        assert crl.get_revoked_certificate_by_serial_number(int(request.serial, 16)) is not None
        assert times_done(database, reception.number, "certificate:state:revoked") == 1
        clock.step(seconds=1)
        line += STRIDE[database.dialect]
    assert found == {"asked", "approved", "executed"}


@pytest.mark.timeout(900)
@pytest.mark.rule("I-10", "I-16", "I-17", "E-36")
@pytest.mark.parametrize("first", range(1, STARTS + 1))
def test_a_kill_at_any_line_of_an_unblocking_neither_loses_nor_repeats_it(
    counter: Counter, database: Database, clock: SteppedClock, tmp_path: Path, first: int
) -> None:
    boss = a_supervisor(database)
    found: set[str] = set()
    line, reached = first, True
    while reached:
        user = a_blocked_user(database)
        reception, request = an_unblocking(counter, user)
        asked = counter.approving.ask(counter.actor, reception.number, request)
        reached = killed_at(
            line, UNBLOCKING, partial(approve_and_execute, counter, tmp_path, clock, unblock, asked, boss)
        )
        with database.reading() as session:
            state = session.get_one(Approval, asked.approval_pk).state
            lifted = session.get_one(User, user.pk).status == "active"
            letters = len(session.exec(select(Notice).where(col(Notice.user_pk) == user.pk)).all())
        found.add(state)
        assert (lifted, letters) == (state == "executed", int(state == "executed"))
        require_visible(counter, reception.number, state, lifted)
        finish(counter, unblock, asked, boss, state)
        assert times_done(database, reception.number, "user:block:lifted") == 1
        clock.step(seconds=1)
        line += STRIDE[database.dialect]
    assert found == {"asked", "approved", "executed"}


def told_by_the_registry(database: Database, asked: ApprovalView, serial: str) -> tuple[str, bool]:
    """How far the request is, and whether the certificate is revoked."""
    with database.reading() as session:
        state = session.get_one(Approval, asked.approval_pk).state
        row = session.exec(select(Certificate).where(col(Certificate.serial) == serial)).one()
        return state, row.state == "revoked"

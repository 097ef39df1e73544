"""I-17, I-15: after kill -9 at any line from the request to the act, what was approved is done or still to do."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

import pytest

from db.database import Database
from db.tables import Approval, Staff, User
from kiosk.errors import ApprovalNeeded
from kiosk.rules.users import UserStatus
from kiosk.services.approved.views import ApprovalView
from kiosk.services.views import NextStep
from tests.support.approvals import (
    Reception,
    a_revocation,
    a_supervisor,
    an_unblocking,
    approves,
    serial_of,
)
from tests.support.builders import a_certificate, a_user
from tests.support.counters import Counter
from tests.support.everything import everything_in
from tests.support.journal import journal_of
from tests.support.killing import killed_at
from tests.support.lists import list_in


@dataclass(frozen=True)
class Act:
    """What is approved and executed, and how the registry and the web system tell that it was done."""

    ask: Callable[[Counter], tuple[Reception, ApprovalView]]
    execute: Callable[[Counter, str], object]
    is_done: Callable[[Counter, Reception], bool]
    is_over: Callable[[Counter, Reception], bool]
    """Once the program has had a round of its own as well."""
    entry: str
    modules: tuple[str, ...]
    """Where it is killed. The lines of publishing have their own test (I-14)."""


def ask_for_a_revocation(counter: Counter) -> tuple[Reception, ApprovalView]:
    """Of another user each time, whose certificate is not of today: its reception number is not either."""
    user = a_user(counter.database)
    a_certificate(counter.database, user, issued_at=counter.clock.now() - timedelta(days=100))
    reception, request = a_revocation(counter, user)
    return reception, counter.approving.ask(counter.actor, reception.number, request)


def ask_for_an_unblocking(counter: Counter) -> tuple[Reception, ApprovalView]:
    """Of another user each time."""
    reception, request = an_unblocking(counter)
    return reception, counter.approving.ask(counter.actor, reception.number, request)


def is_revoked(counter: Counter, reception: Reception) -> bool:
    return counter.revoking.result(counter.actor, reception.number) is not None


def is_listed(counter: Counter, reception: Reception) -> bool:
    told = counter.revoking.result(counter.actor, reception.number)
    listed = int(serial_of(counter, reception.user), 16) in list_in(counter.crl).serials
    return listed and told is not None and told.published_crl_number is not None


def is_unblocked(counter: Counter, reception: Reception) -> bool:
    with counter.database.reading() as session:
        return session.get_one(User, reception.user.pk).status == UserStatus.ACTIVE


def is_told(counter: Counter, reception: Reception) -> bool:
    return counter.unblocking.result(counter.actor, reception.number) is not None


REVOKE = Act(
    ask=ask_for_a_revocation,
    execute=lambda counter, number: counter.revoking.execute(counter.actor, number),
    is_done=is_revoked,
    is_over=is_listed,
    entry="certificate:state:revoked",
    modules=(
        "kiosk.services.approved.approving",
        "kiosk.services.approved.requests",
        "kiosk.services.staff.proving",
        "kiosk.services.approved.revoking",
        "kiosk.services.approved.revocations",
        "kiosk.services.crl.drafts",
        "kiosk.services.crl._beside",
    ),
)
UNBLOCK = Act(
    ask=ask_for_an_unblocking,
    execute=lambda counter, number: counter.unblocking.execute(counter.actor, number),
    is_done=is_unblocked,
    is_over=is_told,
    entry="user:block:lifted",
    modules=("kiosk.services.approved.requests", "kiosk.services.approved.unblocking"),
)
DESK = ("kiosk.services.desk.guard",)
"""What every act stands on: who may, one transaction, its entries in the journal, its commit."""


@pytest.mark.timeout(1200)  # a process for each line
@pytest.mark.rule("I-2", "I-10", "I-15", "I-16", "I-17", "E-36")
@pytest.mark.parametrize("act", [REVOKE, UNBLOCK], ids=["revoke", "unblock"])
def test_a_kill_at_any_line_from_the_approval_to_the_act_loses_nothing_and_does_nothing_twice(
    counter: Counter, database: Database, act: Act
) -> None:
    """Asked, approved and executed all occur, each is visible, and each can be gone on with to one single act.

    A kill that left every row and every file as it was left what the one before it left: the next kill follows on the
    same reception, and what can be done with it is tried once for all of them.
    """
    boss = a_supervisor(database)
    asked, decided = (killed_everywhere(counter, act, boss, approved=approved) for approved in (False, True))
    assert asked.left | decided.left == {"asked", "approved", "executed"}
    assert asked.lines + decided.lines > 100


@pytest.mark.timeout(1200)  # a process for each line
@pytest.mark.rule("I-2", "I-12", "I-15", "I-17")
def test_a_kill_at_any_line_of_the_desk_that_stores_a_revocation_stores_all_of_it_or_nothing(
    counter: Counter, database: Database
) -> None:
    """The transaction beneath the use case, from its first look at the clock to what follows its commit."""
    boss = a_supervisor(database)
    kills = killed_everywhere(counter, replace(REVOKE, modules=DESK), boss, approved=True)
    assert kills.left == {"approved", "executed"}
    assert kills.lines > 100


@dataclass(frozen=True)
class Kills:
    """What was killed, and how it went on."""

    left: set[str]
    """The states of the request that were found afterwards."""
    lines: int


def killed_everywhere(counter: Counter, act: Act, boss: Staff, *, approved: bool) -> Kills:
    """Kill the press at each line in turn, and go on from whatever that leaves."""
    left: set[str] = set()
    standing: Standing | None = None
    line, reached, went_on_from_nothing = 1, True, False
    while reached:
        standing = standing or Standing.of(counter, act, boss, approved=approved)
        press = partial(press_once, counter, act, standing.asked, boss, approved=approved)
        counter.database.dispose()  # the child makes connections of its own
        reached = killed_at(line, act.modules, press)
        counter.database.dispose()
        line += 1
        untouched = standing.everything == everything_in(counter.database, counter.crl)
        if untouched and went_on_from_nothing:
            continue
        went_on_from_nothing |= untouched
        left.add(require_one_act(counter, act, standing, boss))
        standing = None
    return Kills(left, line - 1)


@dataclass(frozen=True)
class Standing:
    """A reception before a press, and all there is then."""

    reception: Reception
    asked: ApprovalView
    everything: str

    @classmethod
    def of(cls, counter: Counter, act: Act, boss: Staff, *, approved: bool) -> "Standing":
        """A new one, asked for or approved."""
        reception, asked = act.ask(counter)
        if approved:
            approves(counter, asked, boss)
        return cls(reception, asked, everything_in(counter.database, counter.crl))


def press_once(counter: Counter, act: Act, asked: ApprovalView, boss: Staff, *, approved: bool) -> None:
    """The dialog, or the press after it, by a program that may be killed."""
    if approved:
        act.execute(counter, asked.shown.reception_no)
    else:
        approves(counter, asked, boss)


def require_one_act(counter: Counter, act: Act, standing: Standing, boss: Staff) -> str:
    """Go on from what a kill left, in the state that is returned: the act is done in the end, and once."""
    reception, asked = standing.reception, standing.asked
    with counter.database.reading() as session:
        state = session.get_one(Approval, asked.approval_pk).state
    assert act.is_done(counter, reception) == (state == "executed")
    require_visible(counter, reception, state)
    go_on(counter, act, asked, boss, state)
    counter.publishing.publish_due()
    assert act.is_over(counter, reception)
    assert times_done(counter.database, reception, act) == 1
    with pytest.raises(ApprovalNeeded):
        act.execute(counter, reception.number)
    counter.clock.step(seconds=1)
    return state


def require_visible(counter: Counter, reception: Reception, state: str) -> None:
    """What a person who starts the program anew sees of it."""
    lines = {line.reception_no: line for line in counter.handing_over.unfinished(counter.actor)}
    if state == "executed":
        assert reception.number not in lines
    else:
        expected = {"asked": NextStep.WAIT_FOR_APPROVAL, "approved": NextStep.EXECUTE}
        assert lines[reception.number].next_step is expected[state]


def go_on(counter: Counter, act: Act, asked: ApprovalView, boss: Staff, state: str) -> None:
    """Where the program was killed."""
    if state == "asked":
        approves(counter, asked, boss)
    if state != "executed":
        act.execute(counter, asked.shown.reception_no)


def times_done(database: Database, reception: Reception, act: Act) -> int:
    """How often the journal says that this reception did it."""
    lines = journal_of(database, reception.number)
    return [(line.tag, line.outcome) for line in lines].count((act.entry, "done"))

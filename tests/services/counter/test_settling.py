"""A supervisor settles what a terminal left behind that does not come back, and never what one is at work on."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import pytest
from sqlmodel import col, select

from db.database import Database
from db.tables import Case, Certificate, Delivery
from kiosk.errors import CaseNotOpen, KioskError, NotPermitted, TerminalStillThere
from kiosk.pki.signer import AuthorityFacts
from kiosk.rules.presence import GONE_AFTER
from kiosk.rules.roles import StaffRole
from kiosk.services.acting import Actor
from kiosk.services.counter.settling import Settling
from kiosk.services.desk.guard import Desk
from kiosk.services.upkeep.staying import Staying
from tests.support.builders import a_branch, a_desk, a_terminal, a_user, an_actor, changed
from tests.support.counters import Counter
from tests.support.journal import told
from tests.support.lists import list_in

MINUTES = int(GONE_AFTER.total_seconds() // 60)


@pytest.fixture
def settling(counter: Counter, database: Database) -> Settling:
    return Settling(
        desk=a_desk(database, counter.clock),
        signer=counter.signer,
        publish_crl=counter.publishing.publish_after_revocation,
    )


@pytest.fixture
def supervisor(database: Database) -> Actor:
    """At terminal 02 of the same branch."""
    return an_actor(database, StaffRole.SUPERVISOR, a_terminal(database, terminal_no="02"))


def speaks(counter: Counter) -> None:
    """Terminal 01 says that it runs."""
    Staying(desk=counter.casework.desk, terminal_pk=counter.actor.terminal.terminal_pk).say()


def cut_off_before_the_signature(counter: Counter, database: Database) -> str:
    """The power fails at terminal 01 between the reservation and the signature; the reception number."""
    user = a_user(database)
    number = counter.opens_case(user).reception_no
    counter.authenticates(number, user)
    speaks(counter)
    with_power_cut(counter, lambda: counter.signs(number))
    return number


class PowerCut(BaseException):
    """Nothing of the program runs after it."""


def with_power_cut(counter: Counter, act: Callable[[], object]) -> None:
    def cut(handle: str) -> bytes:
        raise PowerCut(handle)

    sign = counter.signer.sign
    counter.signer.sign = cut  # type: ignore[method-assign]  # put back below
    try:
        act()
    except PowerCut:
        pass
    finally:
        counter.signer.sign = sign  # type: ignore[method-assign]  # as it was


def states(database: Database, reception_no: str) -> tuple[str, list[str]]:
    """Of the reception and of its certificates."""
    with database.reading() as session:
        case = session.exec(select(Case).where(col(Case.reception_no) == reception_no)).one()
        found = session.exec(select(Certificate.state).where(col(Certificate.case_pk) == case.pk))
        return case.state, list(found)


@pytest.mark.rule("E-85", "I-2")
def test_what_was_reserved_and_never_signed_is_voided(
    counter: Counter, settling: Settling, supervisor: Actor, database: Database
) -> None:
    number = cut_off_before_the_signature(counter, database)
    assert states(database, number) == ("issuing", ["reserved"])
    counter.clock.step(minutes=MINUTES)

    settled = settling.settle(supervisor, number)

    assert (settled.voided, settled.revoked, settled.terminal_no) == ((number,), (), "01")
    assert states(database, number) == ("voided", ["voided"])
    assert told(database)[-1] == ("recovery:terminal:settled", "done")


@pytest.mark.rule("E-84", "E-85", "I-15")
def test_what_was_signed_while_the_supervisor_was_looking_is_told_and_published_as_revoked(
    counter: Counter, settling: Settling, supervisor: Actor, database: Database
) -> None:
    """The terminal is silent and at work all the same: its signature is stored between the look and the lock."""
    speaks(counter)
    ready = counter.issues(a_user(database))
    counter.clock.step(minutes=MINUTES)
    with database.transaction() as session:
        case, row = session.exec(select(Case)).one(), session.exec(select(Certificate)).one()
        signed = {"state": row.state, "der": row.der, "issued_at": row.issued_at}
        case.state = "issuing"
        row.state, row.der, row.issued_at = "reserved", None, None
    facts = counter.signer.facts

    def signed_meanwhile() -> AuthorityFacts:
        patch.undo()
        changed(database, case, state="issued")
        changed(database, row, **signed)
        return facts()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counter.signer, "facts", signed_meanwhile)
        settled = settling.settle(supervisor, ready.reception_no)

    assert (settled.voided, settled.revoked) == ((), (ready.reception_no,))
    assert int(ready.serial, 16) in list_in(counter.crl).serials


@pytest.mark.rule("E-84", "E-85")
def test_what_was_signed_and_is_on_no_stick_is_revoked(
    counter: Counter, settling: Settling, supervisor: Actor, database: Database
) -> None:
    speaks(counter)
    ready = counter.issues(a_user(database))
    counter.clock.step(minutes=MINUTES)

    settled = settling.settle(supervisor, ready.reception_no)

    assert settled.revoked == (ready.reception_no,)
    assert states(database, ready.reception_no) == ("voided", ["revoked"])
    with database.reading() as session:
        assert session.exec(select(Delivery.state)).one() == "voided"


@dataclass
class ComesBack:
    """A clock that is read between two receptions, and by then the terminal is there again."""

    counter: Counter
    first_is_settled: Callable[[], bool]

    def now(self) -> datetime:
        if self.first_is_settled():
            speaks(self.counter)
        return self.counter.clock.now()


@pytest.mark.rule("E-85", "I-15")
def test_what_was_revoked_is_published_though_the_next_reception_is_refused(
    counter: Counter, settling: Settling, supervisor: Actor, database: Database
) -> None:
    first, second = (counter.issues(a_user(database)).reception_no for _ in range(2))
    speaks(counter)
    counter.clock.step(minutes=MINUTES)
    clock = ComesBack(counter, lambda: states(database, first)[0] == "voided")
    told_at: list[tuple[str, str]] = []
    broken_off = replace(
        settling,
        desk=replace(settling.desk, clock=clock),
        publish_crl=lambda: told_at.append((states(database, first)[0], states(database, second)[0])),
    )

    with pytest.raises(TerminalStillThere):
        broken_off.settle(supervisor, first)

    assert told_at == [("voided", "issued")]


@pytest.mark.rule("E-85")
def test_never_while_that_terminal_is_there(
    counter: Counter, settling: Settling, supervisor: Actor, database: Database
) -> None:
    number = cut_off_before_the_signature(counter, database)
    counter.clock.step(minutes=MINUTES - 1)
    with pytest.raises(TerminalStillThere):
        settling.settle(supervisor, number)

    speaks(counter)
    counter.clock.step(minutes=MINUTES - 1)
    with pytest.raises(TerminalStillThere):
        settling.settle(supervisor, number)
    assert states(database, number) == ("issuing", ["reserved"])
    assert told(database)[-1] == ("recovery:terminal:settled", "refused")


@pytest.mark.rule("E-85")
def test_nor_of_a_terminal_that_never_said_anything_nor_ones_own(
    counter: Counter, settling: Settling, supervisor: Actor, database: Database
) -> None:
    ready = counter.issues(a_user(database))
    counter.clock.step(minutes=MINUTES)
    with pytest.raises(TerminalStillThere):
        settling.settle(supervisor, ready.reception_no)

    speaks(counter)
    counter.clock.step(minutes=MINUTES)
    with pytest.raises(TerminalStillThere):
        settling.settle(an_actor(database, StaffRole.SUPERVISOR), ready.reception_no)


@pytest.mark.rule("I-1", "I-4", "E-85")
def test_a_terminal_that_was_only_cut_off_finds_its_reception_closed(
    counter: Counter, settling: Settling, supervisor: Actor, database: Database
) -> None:
    user = a_user(database)
    number = counter.opens_case(user).reception_no
    counter.authenticates(number, user)
    speaks(counter)
    sign = counter.signer.sign

    def signs_while_the_line_is_down(handle: str) -> bytes:
        counter.clock.step(minutes=MINUTES)
        settling.settle(supervisor, number)
        return sign(handle)

    counter.signer.sign = signs_while_the_line_is_down  # type: ignore[method-assign]  # the real one is called
    with pytest.raises(KioskError):
        counter.signs(number)

    assert states(database, number) == ("voided", ["voided"])
    assert list(counter.sticks.rglob("*.p12")) == []


@pytest.mark.rule("E-85")
def test_a_p12_that_waits_in_memory_does_not_reach_a_stick_any_more(
    counter: Counter, settling: Settling, supervisor: Actor, database: Database
) -> None:
    speaks(counter)
    ready = counter.issues(a_user(database))
    counter.clock.step(minutes=MINUTES)
    settling.settle(supervisor, ready.reception_no)

    with pytest.raises(KioskError):
        counter.delivers(ready)
    assert list(counter.sticks.rglob("*.p12")) == []


def test_only_a_supervisor_of_the_branch_settles(
    counter: Counter, settling: Settling, database: Database
) -> None:
    number = cut_off_before_the_signature(counter, database)
    counter.clock.step(minutes=MINUTES)
    second = a_terminal(database, terminal_no="02")
    for role in (StaffRole.CLERK, StaffRole.AUDITOR, StaffRole.ADMINISTRATOR):
        with pytest.raises(NotPermitted):
            settling.settle(an_actor(database, role, second), number)
    a_branch(database, "034")
    stranger = an_actor(database, StaffRole.SUPERVISOR, a_terminal(database, "034"))
    with pytest.raises(CaseNotOpen):
        settling.settle(stranger, number)


def test_nothing_left_is_said_so(
    counter: Counter, settling: Settling, supervisor: Actor, database: Database
) -> None:
    number = counter.opens_case(a_user(database)).reception_no
    with pytest.raises(CaseNotOpen):
        settling.settle(supervisor, number)


@pytest.mark.rule("E-84")
def test_a_clerk_gives_up_nothing_that_another_terminal_may_be_writing(
    counter: Counter, database: Database
) -> None:
    ready = counter.issues(a_user(database))
    speaks(counter)
    elsewhere = an_actor(database, terminal=a_terminal(database, terminal_no="02"))
    with pytest.raises(TerminalStillThere):
        counter.handing_over.give_up(elsewhere, ready.reception_no)

    counter.clock.step(minutes=MINUTES)
    counter.handing_over.give_up(elsewhere, ready.reception_no)
    assert states(database, ready.reception_no) == ("voided", ["revoked"])


def test_saying_that_one_is_there_leaves_no_entry(desk: Desk, database: Database) -> None:
    Staying(desk=desk, terminal_pk=a_terminal(database).terminal_pk).say()
    assert told(database) == []

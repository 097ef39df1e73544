"""A reception that was opened at one terminal and is gone on with at another belongs to that one from then on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlmodel import col, select

from db.database import Database
from db.tables import Case, Certificate
from kiosk.errors import TerminalStillThere
from kiosk.services.upkeep.staying import Staying
from kiosk.services.views import Ready
from tests.support.builders import a_terminal, a_user, an_actor
from tests.support.clock import SteppedClock
from tests.support.counters import Counter, build_counter


@pytest.fixture
def second(counter: Counter, database: Database, tmp_path: Path) -> Iterator[Counter]:
    """Terminal 02 of the same branch, which says that it runs."""
    actor = an_actor(database, terminal=a_terminal(database, terminal_no="02"))
    built = build_counter(database, tmp_path, counter.clock, actor)
    speaks(built)
    yield built
    built.signer.close()


def speaks(counter: Counter) -> None:
    Staying(desk=counter.casework.desk, terminal_pk=counter.actor.terminal.terminal_pk).say()


def issued_at_the_second(counter: Counter, second: Counter, database: Database) -> Ready:
    """Received at terminal 01; the customer came back and was served at terminal 02."""
    user = a_user(database)
    number = counter.opens_case(user).reception_no
    second.authenticates(number, user)
    return second.signs(number)


def states(database: Database, reception_no: str) -> tuple[str, str]:
    """Of the reception and of its certificate."""
    with database.reading() as session:
        case = session.exec(select(Case).where(col(Case.reception_no) == reception_no)).one()
        certificate = session.exec(select(Certificate).where(col(Certificate.case_pk) == case.pk)).one()
    return case.state, certificate.state


@pytest.mark.rule("E-85", "I-2")
def test_a_terminal_that_starts_again_leaves_alone_what_another_has_taken_up(
    counter: Counter, second: Counter, database: Database
) -> None:
    ready = issued_at_the_second(counter, second, database)

    assert counter.recovering.recover().revoked == ()

    second.delivers(ready)
    assert states(database, ready.reception_no) == ("delivered", "active")


@pytest.mark.rule("E-85")
def test_nor_does_it_end_the_code_that_the_customer_types_there(
    counter: Counter, second: Counter, database: Database
) -> None:
    user = a_user(database)
    number = counter.opens_case(user).reception_no
    second.authenticates(number, user)

    counter.recovering.recover()

    assert second.signs(number).reception_no == number


@dataclass
class BusyClock:
    """The other terminal is at work before each transaction of this one."""

    real: SteppedClock
    meanwhile: Callable[[], object]
    left: int = 1

    def now(self) -> datetime:
        if self.left:
            self.left -= 1
            self.meanwhile()
        return self.real.now()


@pytest.mark.rule("E-85", "E-90")
def test_what_another_terminal_takes_up_while_this_one_starts_is_left_to_it(
    counter: Counter, second: Counter, database: Database
) -> None:
    user = a_user(database)
    number = counter.opens_case(user).reception_no
    counter.authenticates(number, user)
    busy = BusyClock(counter.clock, lambda: second.authenticates(number, user))
    recovering = counter.recovering

    replace(recovering, desk=replace(recovering.desk, clock=busy)).recover()

    assert second.signs(number).reception_no == number


@pytest.mark.rule("E-85")
@pytest.mark.parametrize("state", ["code_ok", "issued"])
def test_what_another_terminal_ends_while_this_one_starts_does_not_keep_it_from_starting(
    counter: Counter, second: Counter, database: Database, state: str
) -> None:
    user = a_user(database)
    number = counter.opens_case(user).reception_no
    counter.authenticates(number, user)
    if state == "issued":
        counter.signs(number)

    def ends() -> None:
        if state == "issued":
            counter.recovering.recover()
        else:
            second.casework.void(second.actor, number, "お客様の都合")

    recovering = counter.recovering
    busy = BusyClock(counter.clock, ends)
    report = replace(recovering, desk=replace(recovering.desk, clock=busy)).recover()

    assert (report.voided, report.revoked) == ((), ())


@pytest.mark.rule("E-85", "I-2")
def test_the_terminal_that_took_it_up_settles_it_when_it_starts_again(
    counter: Counter, second: Counter, database: Database
) -> None:
    ready = issued_at_the_second(counter, second, database)

    assert second.recovering.recover().revoked == (ready.reception_no,)
    assert states(database, ready.reception_no) == ("voided", "revoked")


@pytest.mark.rule("E-84")
def test_the_terminal_that_received_it_gives_up_nothing_that_the_other_may_be_writing(
    counter: Counter, second: Counter, database: Database
) -> None:
    ready = issued_at_the_second(counter, second, database)
    with pytest.raises(TerminalStillThere) as refused:
        counter.handing_over.give_up(counter.actor, ready.reception_no)

    assert refused.value.terminal_no == "02"
    second.delivers(ready)


@pytest.mark.rule("E-85")
def test_the_list_names_the_terminal_that_has_it_now(
    counter: Counter, second: Counter, database: Database
) -> None:
    issued_at_the_second(counter, second, database)
    (line,) = counter.handing_over.unfinished(counter.actor)
    assert line.terminal_no == "02"

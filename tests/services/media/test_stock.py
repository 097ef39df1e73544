"""The media ledger: what there is, where each medium has been, what is noted by hand."""

import pytest

from db.database import Database
from kiosk.errors import BadInput, MediumNotInStock, MediumNotMovable, NotPermitted
from kiosk.rules.media_ledger import MediumState
from kiosk.rules.roles import StaffRole
from kiosk.services.acting import Actor
from kiosk.services.desk.guard import Desk
from kiosk.services.media.stock import NO_RUN, Stock
from tests.support.builders import a_branch, a_medium, a_terminal, a_user, an_actor
from tests.support.counters import Counter
from tests.support.journal import told


@pytest.fixture
def stock(desk: Desk) -> Stock:
    return Stock(desk=desk)


@pytest.fixture
def supervisor(database: Database) -> Actor:
    return an_actor(database, StaffRole.SUPERVISOR)


def numbers(stock: Stock, actor: Actor, state: MediumState | None = None) -> list[str]:
    return [row.medium_no for row in stock.media(actor, state).rows]


@pytest.mark.rule("E-87")
def test_a_delivery_is_taken_in_as_a_run_of_numbers(
    stock: Stock, supervisor: Actor, database: Database
) -> None:
    assert stock.take_in(supervisor, "M0098", "M0101") == 4

    assert numbers(stock, supervisor) == ["M0098", "M0099", "M0100", "M0101"]
    assert stock.counts(supervisor)[MediumState.IN_STOCK] == 4
    (line,) = stock.movements(supervisor, "M0100")
    assert (line.state, line.staff_id) == (MediumState.IN_STOCK, supervisor.staff_id)
    assert told(database) == [("stock:medium:taken_in", "done")]


def test_one_number_that_is_known_refuses_the_whole_delivery(
    stock: Stock, supervisor: Actor, database: Database
) -> None:
    a_medium(database, medium_no="M0100", branch_pk=a_branch(database, "034").pk)
    with pytest.raises(BadInput) as refusal:
        stock.take_in(supervisor, "M0098", "M0101")
    assert (refusal.value.field, refusal.value.problem) == ("first_no", "taken")
    assert numbers(stock, supervisor) == []


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [("", "", "first_no"), ("M 1", "", "first_no"), ("M1", "M あ", "last_no"), ("M2", "M1", "last_no")],
)
def test_what_is_no_number_and_no_run_is_refused_at_its_field(
    stock: Stock, supervisor: Actor, first: str, last: str, field: str
) -> None:
    with pytest.raises(BadInput) as refusal:
        stock.take_in(supervisor, first, last)
    assert refusal.value.field == field
    assert (refusal.value.problem == NO_RUN) == (last == "M1")


@pytest.mark.rule("E-94")
def test_a_supervisor_keeps_the_own_branch_and_an_administrator_all(
    stock: Stock, supervisor: Actor, database: Database
) -> None:
    a_terminal(database, "034")
    with pytest.raises(BadInput):
        stock.take_in(supervisor, "M0001", branch_no="034")
    administrator = an_actor(database, StaffRole.ADMINISTRATOR)
    stock.take_in(administrator, "M0001", branch_no="034")
    stock.take_in(administrator, "M0002")

    assert numbers(stock, supervisor) == ["M0002"]
    assert numbers(stock, administrator) == ["M0001", "M0002"]
    with pytest.raises(MediumNotInStock):
        stock.movements(supervisor, "M0001")
    with pytest.raises(MediumNotInStock):
        stock.note(supervisor, "M0001", MediumState.DAMAGED)


@pytest.mark.parametrize("role", [StaffRole.CLERK, StaffRole.AUDITOR])
def test_who_only_looks_changes_nothing(stock: Stock, database: Database, role: StaffRole) -> None:
    actor = an_actor(database, role)
    medium = a_medium(database)
    assert numbers(stock, actor) == [medium.medium_no]
    with pytest.raises(NotPermitted):
        stock.take_in(actor, "M0001")
    with pytest.raises(NotPermitted):
        stock.note(actor, medium.medium_no, MediumState.DAMAGED)


@pytest.mark.rule("E-87")
def test_a_medium_that_broke_is_never_used_again(stock: Stock, supervisor: Actor, database: Database) -> None:
    medium = a_medium(database)
    stock.note(supervisor, medium.medium_no, MediumState.DAMAGED)

    assert numbers(stock, supervisor, MediumState.DAMAGED) == [medium.medium_no]
    assert numbers(stock, supervisor, MediumState.IN_STOCK) == []
    assert told(database)[-1] == ("stock:medium:noted", "done")
    with pytest.raises(MediumNotMovable):
        stock.note(supervisor, medium.medium_no, MediumState.IN_STOCK)


@pytest.mark.rule("E-87", "E-88")
def test_the_ledger_tells_the_way_of_a_medium(counter: Counter, database: Database) -> None:
    stock = Stock(desk=counter.casework.desk)
    ready = counter.issues(a_user(database))
    (row,) = stock.media(counter.actor).rows
    assert (row.state, row.reception_no) == (MediumState.IN_USE, ready.reception_no)
    supervisor = an_actor(database, StaffRole.SUPERVISOR)
    with pytest.raises(MediumNotMovable):
        stock.note(supervisor, row.medium_no, MediumState.DAMAGED)

    counter.hands_over(ready)
    counter.clock.step(minutes=60)
    stock.note(supervisor, row.medium_no, MediumState.RETURNED)

    way = stock.movements(counter.actor, row.medium_no)
    assert [line.state for line in way] == ["in_use", "handed_over", "returned"]
    assert [line.reception_no for line in way] == [ready.reception_no, ready.reception_no, ""]


def test_pages_follow_each_other_by_number(stock: Stock, supervisor: Actor) -> None:
    stock.take_in(supervisor, "M0001", "M0005")
    first = stock.media(supervisor, limit=3)
    rest = stock.media(supervisor, behind=first.next_page or "", limit=3)
    assert [row.medium_no for row in first.rows + rest.rows] == [f"M{n:04}" for n in range(1, 6)]
    assert rest.next_page is None

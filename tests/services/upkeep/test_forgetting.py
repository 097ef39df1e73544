"""A password that a customer typed here does not outlive its reception, at whatever terminal that is ended (R-93)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from db.database import Database
from kiosk.errors import DatabaseUnavailable, WrongCredentials
from kiosk.rules.parking import ParkReason
from kiosk.secret import Secret
from kiosk.services.counter.parking import Parking
from kiosk.services.desk.held import LONGEST_HOLD, HeldPasswords
from kiosk.services.upkeep.forgetting import Forgetting
from tests.support.builders import PASSWORD, a_terminal, a_user, an_actor
from tests.support.clock import MONDAY_MORNING
from tests.support.counters import Counter, build_counter
from tests.support.faults import out_of_reach

TYPED = Secret(PASSWORD)


@pytest.fixture
def second(counter: Counter, database: Database, tmp_path: Path) -> Iterator[Counter]:
    """Terminal 02 of the same branch."""
    actor = an_actor(database, terminal=a_terminal(database, terminal_no="02"))
    built = build_counter(database, tmp_path, counter.clock, actor)
    yield built
    built.signer.close()


@pytest.fixture
def forgetting(counter: Counter) -> Forgetting:
    """What runs beside the screens of the first terminal."""
    return Forgetting(
        desk=counter.casework.desk,
        passwords=counter.passwords,
        vault=counter.post.vault,
        terminal_pk=counter.actor.terminal.terminal_pk,
    )


def is_held(counter: Counter, reception_no: str) -> bool:
    return reception_no in counter.passwords.waiting()


def knows_ahead(counter: Counter) -> bool:
    """Whether the signer still has what it was told after the code."""
    return counter.signer._expected is not None  # nothing public tells


@pytest.mark.rule("R-93", "E-90")
def test_what_was_typed_for_a_reception_that_was_voided_elsewhere_is_wiped(
    counter: Counter, second: Counter, database: Database, forgetting: Forgetting
) -> None:
    user = a_user(database)
    number = counter.opens_case(user).reception_no
    counter.authenticates(number, user)
    second.casework.void(second.actor, number, "お客様の都合")
    assert is_held(counter, number)
    assert knows_ahead(counter)

    forgetting.forget()

    assert not is_held(counter, number)
    assert not knows_ahead(counter)


@pytest.mark.rule("R-93", "E-59")
def test_and_of_one_that_was_put_aside_elsewhere(
    counter: Counter, second: Counter, database: Database, forgetting: Forgetting
) -> None:
    user = a_user(database)
    number = counter.opens_case(user).reception_no
    counter.authenticates(number, user)
    Parking(desk=second.casework.desk, passwords=second.passwords).park(
        second.actor, number, ParkReason.CUSTOMER
    )
    forgetting.forget()
    assert not is_held(counter, number)


@pytest.mark.rule("R-93", "E-90")
def test_and_of_one_whose_customer_typed_it_again_at_another_terminal(
    counter: Counter, second: Counter, database: Database, forgetting: Forgetting
) -> None:
    user = a_user(database)
    number = counter.opens_case(user).reception_no
    counter.authenticates(number, user)
    second.authenticating.submit_password(second.actor, number, user.user_id, Secret(PASSWORD))
    forgetting.forget()
    assert not is_held(counter, number)
    assert is_held(second, number)


@pytest.mark.rule("R-93")
def test_and_of_one_whose_next_password_was_wrong(
    counter: Counter, database: Database, forgetting: Forgetting
) -> None:
    user = a_user(database)
    number = counter.opens_case(user).reception_no
    counter.authenticates(number, user)
    with pytest.raises(WrongCredentials):
        counter.authenticating.submit_password(counter.actor, number, user.user_id, Secret("Chigau#2026"))
    forgetting.forget()
    assert not is_held(counter, number)


@pytest.mark.rule("R-93", "I-2")
def test_what_is_still_needed_stays_through_every_step_of_an_issue(
    counter: Counter, database: Database, forgetting: Forgetting
) -> None:
    user = a_user(database)
    number = counter.opens_case(user).reception_no
    counter.authenticating.submit_password(counter.actor, number, user.user_id, Secret(PASSWORD))
    forgetting.forget()
    counter.authenticating.submit_code(counter.actor, number, Secret(counter.post.codes[-1]))
    forgetting.forget()

    ready = counter.issuing.sign(
        counter.actor, number, "0" * 32, lambda _: forgetting.forget(), shown=counter.day()
    )

    assert counter.delivers(ready).reception_no == number
    assert not is_held(counter, number)
    assert not knows_ahead(counter)


@pytest.mark.rule("R-93")
def test_without_a_registry_what_is_too_old_is_wiped_all_the_same(
    counter: Counter, database: Database, forgetting: Forgetting
) -> None:
    counter.passwords.hold("20260302-012-01-0001", TYPED, counter.clock.now())
    counter.post.vault.put(1, Secret("012345"), counter.clock.now())
    counter.clock.step(seconds=LONGEST_HOLD.total_seconds() + 1)
    counter.passwords.hold("20260302-012-01-0002", TYPED, counter.clock.now())

    with out_of_reach(database), pytest.raises(DatabaseUnavailable):
        forgetting.forget()

    assert set(counter.passwords.waiting()) == {"20260302-012-01-0002"}
    assert counter.post.vault._held == {}  # nor here


@pytest.mark.rule("R-93")
def test_what_is_typed_again_while_the_registry_is_asked_stays() -> None:
    passwords = HeldPasswords()
    passwords.hold("0001", TYPED, MONDAY_MORNING)
    seen = passwords.waiting()
    passwords.hold("0001", TYPED, MONDAY_MORNING)
    passwords.wipe_these(seen)
    assert set(passwords.waiting()) == {"0001"}


@pytest.mark.rule("R-93")
@pytest.mark.parametrize("way", ["lock", "cancel", "void"])
def test_the_signer_keeps_no_password_that_the_terminal_has_forgotten(
    counter: Counter, database: Database, way: str
) -> None:
    user = a_user(database)
    number = counter.opens_case(user).reception_no
    counter.authenticates(number, user)
    assert knows_ahead(counter)
    match way:
        case "lock":
            counter.authenticating.forget_passwords()
        case "cancel":
            counter.authenticating.cancel_to_menu(counter.actor, number)
        case "void":
            counter.casework.void(counter.actor, number, "お客様の都合")
    assert not knows_ahead(counter)

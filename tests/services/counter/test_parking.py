"""保留: a reception waits by its number, without a password, and the code in the mailbox stays good (E-59)."""

from dataclasses import replace

import pytest

from db.database import Database
from db.tables import User
from kiosk.errors import CaseNotOpen, CodeExpired, NotPermitted, NotVerified, WrongCredentials
from kiosk.rules.cases import CaseState
from kiosk.rules.parking import ParkReason
from kiosk.rules.roles import StaffRole
from kiosk.secret import Secret
from kiosk.services.counter.parking import Parking
from tests.support.builders import PASSWORD, a_user, an_actor
from tests.support.counters import Counter
from tests.support.journal import told


@pytest.fixture
def parking(counter: Counter) -> Parking:
    return Parking(desk=counter.casework.desk, passwords=counter.passwords)


def goes_to_read_the_mail(counter: Counter, parking: Parking, user: User) -> str:
    """Step 4 done, the code in the mailbox, the customer on the way there; the reception number."""
    number = counter.opens_case(user).reception_no
    counter.authenticating.submit_password(counter.actor, number, user.user_id, Secret(PASSWORD))
    parking.park(counter.actor, number, ParkReason.MAILBOX)
    return number


@pytest.mark.rule("E-59", "E-53", "R-61")
def test_the_code_that_was_read_elsewhere_is_good_after_the_password(
    counter: Counter, parking: Parking, database: Database
) -> None:
    user = a_user(database)
    number = goes_to_read_the_mail(counter, parking, user)
    counter.clock.step(minutes=20)

    parking.take_up(counter.actor, number)
    sent = counter.authenticating.submit_password(counter.actor, number, user.user_id, Secret(PASSWORD))
    assert len(counter.post.codes) == 1
    assert (sent.valid_until - counter.clock.now()).total_seconds() == 600
    counter.authenticating.submit_code(counter.actor, number, Secret(counter.post.codes[0]))
    assert counter.signs(number).reception_no == number


@pytest.mark.rule("E-59")
def test_no_password_is_kept_while_a_reception_waits(
    counter: Counter, parking: Parking, database: Database
) -> None:
    user = a_user(database)
    number = counter.opens_case(user).reception_no
    counter.authenticates(number, user)
    parking.park(counter.actor, number, ParkReason.CUSTOMER)

    assert counter.passwords.of(number, counter.clock.now()) is None
    parking.take_up(counter.actor, number)
    with pytest.raises(NotVerified):
        counter.signs(number)


@pytest.mark.rule("E-59", "E-51")
def test_after_thirty_minutes_it_starts_again_with_a_new_code(
    counter: Counter, parking: Parking, database: Database
) -> None:
    user = a_user(database)
    number = goes_to_read_the_mail(counter, parking, user)
    counter.clock.step(minutes=30)

    parking.take_up(counter.actor, number)
    counter.authenticating.submit_password(counter.actor, number, user.user_id, Secret(PASSWORD))

    assert len(counter.post.codes) == 2
    counter.authenticating.submit_code(counter.actor, number, Secret(counter.post.codes[1]))


@pytest.mark.rule("E-59", "I-7", "E-54")
def test_another_sign_on_does_not_inherit_the_code(
    counter: Counter, parking: Parking, database: Database
) -> None:
    user = a_user(database)
    number = goes_to_read_the_mail(counter, parking, user)
    somebody_else = replace(counter.actor, session="another sign-on")

    counter.authenticating.submit_password(somebody_else, number, user.user_id, Secret(PASSWORD))

    assert len(counter.post.codes) == 2
    with pytest.raises(CodeExpired):
        counter.authenticating.submit_code(counter.actor, number, Secret(counter.post.codes[0]))


@pytest.mark.rule("E-59", "I-9")
def test_a_wrong_password_ends_the_code(counter: Counter, parking: Parking, database: Database) -> None:
    user = a_user(database)
    number = goes_to_read_the_mail(counter, parking, user)
    parking.take_up(counter.actor, number)
    with pytest.raises(WrongCredentials):
        counter.authenticating.submit_password(counter.actor, number, user.user_id, Secret("Falsch#2026"))

    counter.authenticating.submit_password(counter.actor, number, user.user_id, Secret(PASSWORD))

    assert len(counter.post.codes) == 2


@pytest.mark.rule("E-59", "I-8")
def test_without_parking_a_second_password_replaces_the_code(counter: Counter, database: Database) -> None:
    user = a_user(database)
    number = counter.opens_case(user).reception_no
    for _ in range(2):
        counter.authenticating.submit_password(counter.actor, number, user.user_id, Secret(PASSWORD))

    assert len(counter.post.codes) == 2


@pytest.mark.rule("E-59")
def test_the_list_of_unfinished_receptions_says_why_it_waits_and_for_how_long(
    counter: Counter, parking: Parking, database: Database
) -> None:
    number = goes_to_read_the_mail(counter, parking, a_user(database))
    (line,) = counter.handing_over.unfinished(counter.actor)
    assert (line.reception_no, line.parked) == (number, ParkReason.MAILBOX)
    assert line.code_until is not None

    parking.take_up(counter.actor, number)
    (line,) = counter.handing_over.unfinished(counter.actor)
    assert (line.parked, line.code_until) == (None, None)
    assert [entry for entry in told(database) if "parked" in entry[0] or "taken_up" in entry[0]] == [
        ("case:reception:parked", "done"),
        ("case:reception:taken_up", "done"),
    ]


@pytest.mark.rule("E-85")
def test_what_was_issued_cannot_be_put_aside_and_names_its_file(
    counter: Counter, parking: Parking, database: Database
) -> None:
    ready = counter.issues(a_user(database))
    with pytest.raises(CaseNotOpen):
        parking.park(counter.actor, ready.reception_no, ParkReason.CUSTOMER)

    (line,) = counter.handing_over.unfinished(counter.actor)
    assert (line.case_state, line.file_name) == (CaseState.ISSUED, ready.file_name)


def test_who_only_looks_may_not_park(counter: Counter, parking: Parking, database: Database) -> None:
    number = counter.opens_case(a_user(database)).reception_no
    with pytest.raises(NotPermitted):
        parking.park(an_actor(database, StaffRole.AUDITOR), number, ParkReason.PAPERS)

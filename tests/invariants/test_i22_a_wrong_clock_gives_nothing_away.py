"""I-22: a clock that jumps shortens no lock, lengthens no code, repeats no CRL number and sends no letter twice."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from db.database import Database
from db.tables import Notice
from kiosk.errors import ClockWrong, KioskError, StillLocked
from kiosk.pki.ca_files import published_crl
from kiosk.rules.lockout import TRIES_BEFORE_LOCK
from kiosk.secret import Secret
from tests.support.builders import PASSWORD, a_user
from tests.support.counters import Counter

RIGHT = Secret(PASSWORD)


@pytest.mark.rule("I-22", "R-48", "E-23")
@pytest.mark.parametrize("jump", [timedelta(hours=-2), timedelta(days=-400), timedelta(minutes=59)])
def test_a_jump_of_the_clock_ends_no_lock_early(
    counter: Counter, database: Database, jump: timedelta
) -> None:
    user = a_user(database)
    reception_no = counter.opens_case(user).reception_no
    for _ in range(TRIES_BEFORE_LOCK):
        with pytest.raises(KioskError):
            counter.authenticating.submit_password(
                counter.actor, reception_no, user.user_id, Secret("Chigau#2026")
            )
    locked_until = counter.clock.now() + timedelta(hours=1)
    counter.clock.jump(counter.clock.now() + jump)
    with pytest.raises(StillLocked) as refused:
        counter.authenticating.submit_password(counter.actor, reception_no, user.user_id, RIGHT)
    assert refused.value.until == locked_until


@pytest.mark.rule("I-22", "I-14")
def test_a_jump_of_the_clock_repeats_no_crl_number(counter: Counter) -> None:
    numbers = [counter.publishing.publish()]
    for hours in (-2, 3, -400):
        counter.clock.step(hours=hours)
        numbers.append(counter.publishing.publish())
        assert published_crl(counter.crl).number == numbers[-1]
    assert numbers == sorted(set(numbers))


@pytest.mark.rule("I-22", "I-15")
def test_a_revocation_while_the_clock_stands_back_is_listed_when_it_is_right_again(
    counter: Counter, database: Database
) -> None:
    ready = counter.issues(a_user(database))
    counter.publishing.publish()
    counter.clock.step(minutes=-30)
    counter.handing_over.give_up(counter.actor, ready.reception_no)
    counter.clock.step(minutes=31)
    counter.publishing.publish_due()
    assert int(ready.serial, 16) in published_crl(counter.crl).serials


@pytest.mark.rule("I-22", "E-91")
def test_a_clock_that_was_ahead_closes_the_issue_until_time_has_caught_up(
    counter: Counter, database: Database
) -> None:
    """Whatever was written while it stood ahead: nobody gets a certificate of a day that has been before."""
    user = a_user(database)
    counter.clock.step(hours=5)
    reception_no = counter.opens_case(user).reception_no
    counter.clock.step(hours=-5)
    counter.authenticates(reception_no, user)
    with pytest.raises(ClockWrong):
        counter.signs(reception_no)
    counter.clock.step(hours=5)
    counter.authenticates(reception_no, user)
    counter.signs(reception_no)


@pytest.mark.rule("I-22", "E-91")
def test_time_that_runs_back_between_code_and_issue_stops_the_issue(
    counter: Counter, database: Database
) -> None:
    user = a_user(database)
    reception_no = counter.opens_case(user).reception_no
    counter.authenticates(reception_no, user)
    counter.clock.step(seconds=-3)
    with pytest.raises(ClockWrong):
        counter.signs(reception_no)


@pytest.mark.rule("I-22", "I-18", "R-51")
def test_a_jump_of_the_clock_queues_no_second_letter_of_a_lock(counter: Counter, database: Database) -> None:
    user = a_user(database)
    reception_no = counter.opens_case(user).reception_no
    for _ in range(TRIES_BEFORE_LOCK):
        with pytest.raises(KioskError):
            counter.authenticating.submit_password(
                counter.actor, reception_no, user.user_id, Secret("Chigau#2026")
            )
    for jump in (-2, 5, -4):
        counter.clock.step(hours=jump)
        counter.recovering.recover()
    with database.reading() as session:
        kinds = session.exec(select(Notice.kind).where(col(Notice.user_pk) == user.pk)).all()
    assert kinds == ["locked"]

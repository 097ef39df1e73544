"""I-1: never two live certificates of one user, but the old and the new one in the last thirty days."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from sqlmodel import col, select

from db.database import Database
from db.tables import Certificate, User
from kiosk.errors import KioskError, LiveCertificate
from kiosk.rules.certificates import LIVE_STATES
from kiosk.rules.operations import Transaction
from kiosk.secret import Secret
from tests.support.builders import PASSWORD, a_certificate, a_terminal, a_user, an_actor
from tests.support.clock import MONDAY_MORNING, SteppedClock
from tests.support.counters import Counter, build_counter


def live(database: Database, user: User) -> int:
    """How many certificates of the user hold a place."""
    with database.reading() as session:
        rows = session.exec(select(Certificate).where(col(Certificate.user_pk) == user.pk)).all()
    return sum(row.state in LIVE_STATES for row in rows)


def all_at_once(acts: list[object]) -> list[object]:
    """Run every act in a thread of its own, let go together; what each gave or the refusal it met."""
    gate = Barrier(len(acts))

    def run(act: object) -> object:
        gate.wait()
        try:
            return act()  # type: ignore[operator]  # a list of callables
        except KioskError as refusal:
            return refusal

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.mark.rule("I-1", "E-90", "R-50")
def test_four_presses_of_one_reception_make_one_certificate(counter: Counter, database: Database) -> None:
    user = a_user(database)
    reception_no = counter.opens_case(user).reception_no
    counter.authenticates(reception_no, user)
    results = all_at_once([lambda: counter.signs(reception_no)] * 4)
    assert sum(not isinstance(result, KioskError) for result in results) == 1
    assert live(database, user) == 1


@pytest.mark.rule("I-1", "I-23")
def test_one_press_that_is_sent_twice_makes_one_certificate(counter: Counter, database: Database) -> None:
    user = a_user(database)
    reception_no = counter.opens_case(user).reception_no
    counter.authenticates(reception_no, user)
    operation = secrets.token_hex(16)
    results = all_at_once(
        [
            lambda: counter.issuing.sign(
                counter.actor, reception_no, operation, counter.stages.append, shown=counter.day()
            )
        ]
        * 2
    )
    assert sum(not isinstance(result, KioskError) for result in results) == 1
    assert live(database, user) == 1


@pytest.mark.rule("I-1", "E-90")
def test_two_terminals_cannot_both_open_an_issue_for_one_user(
    counter: Counter, database: Database, tmp_path: Path, clock: SteppedClock
) -> None:
    user = a_user(database)
    actor = an_actor(database, terminal=a_terminal(database, "012", "02"))
    other = build_counter(database, tmp_path / "other", clock, actor)
    results = all_at_once(
        [
            lambda: counter.opens_case(user, Transaction.FIRST_ISSUE),
            lambda: other.opens_case(user, Transaction.FIRST_ISSUE),
        ]
    )
    assert sum(not isinstance(result, KioskError) for result in results) == 1


@pytest.mark.rule("I-1", "E-70", "E-71", "E-72")
def test_a_renewal_overlaps_the_old_certificate_and_a_second_one_is_refused(
    counter: Counter, database: Database
) -> None:
    user = a_user(database)
    a_certificate(database, user, issued_at=MONDAY_MORNING - timedelta(days=350))
    counter.hands_over(counter.issues(user))
    assert live(database, user) == 2
    with pytest.raises(LiveCertificate):
        counter.opens_case(user, Transaction.RENEW)
    assert live(database, user) == 2


@pytest.mark.rule("I-1", "E-72")
def test_the_old_certificate_gives_up_its_place_when_it_has_expired(
    counter: Counter, database: Database
) -> None:
    """Three renewals in three years: each finds a free place."""
    user = a_user(database)
    for _ in range(3):
        counter.hands_over(counter.issues(user))
        counter.clock.step(days=350)
    with database.reading() as session:
        rows = session.exec(select(Certificate).where(col(Certificate.user_pk) == user.pk)).all()
    assert sorted(row.slot for row in rows if row.slot is not None) in ([0], [0, 1])


@pytest.mark.rule("I-1", "E-30", "R-50")
def test_a_certificate_that_appears_between_step_5_and_step_6_closes_the_door(
    counter: Counter, database: Database
) -> None:
    user = a_user(database)
    reception_no = counter.opens_case(user).reception_no
    counter.authenticates(reception_no, user)
    a_certificate(database, user)
    with pytest.raises(KioskError) as refused:
        counter.signs(reception_no)
    assert refused.value.code == "EC06"
    assert live(database, user) == 1


@pytest.mark.rule("E-08", "E-30")
def test_a_session_over_midnight_counts_the_day_of_the_press(counter: Counter, database: Database) -> None:
    user = a_user(database)
    counter.clock.jump(MONDAY_MORNING.replace(hour=14, minute=55))  # 23:55 in Japan
    reception_no = counter.opens_case(user).reception_no
    counter.authenticates(reception_no, user)
    counter.clock.step(minutes=6)
    ready = counter.signs(reception_no)
    assert ready.last_valid_date.isoformat() == "2027-03-03"


@pytest.mark.rule("R-93", "E-59")
def test_the_password_is_asked_again_after_it_was_wiped(counter: Counter, database: Database) -> None:
    user = a_user(database)
    reception_no = counter.opens_case(user).reception_no
    counter.authenticates(reception_no, user)
    counter.authenticating.forget_passwords()
    with pytest.raises(KioskError) as refused:
        counter.signs(reception_no)
    assert refused.value.code == "ES05"
    counter.authenticating.cancel_to_password(counter.actor, reception_no)
    counter.authenticating.submit_password(counter.actor, reception_no, user.user_id, Secret(PASSWORD))

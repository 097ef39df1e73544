"""I-8: one live code a user; three in an hour, ten in a day, however many programs ask."""

from pathlib import Path

import pytest
from sqlmodel import col, select

from db.database import Database, open_database
from db.tables import User, VerificationCode
from kiosk.errors import KioskError, TooManyCodes
from kiosk.rules.verification import CODES_PER_DAY, CODES_PER_HOUR
from kiosk.secret import Secret
from tests.support.builders import PASSWORD, a_user
from tests.support.counters import Counter, build_counter
from tests.support.processes import at_once


def asks(counter: Counter, reception_no: str, user: User) -> str:
    """What came of typing the right password: `sent` or the name of the refusal."""
    try:
        counter.authenticating.submit_password(counter.actor, reception_no, user.user_id, Secret(PASSWORD))
    except KioskError as refusal:
        return type(refusal).__name__
    return "sent"


def codes(database: Database, user: User) -> list[VerificationCode]:
    """Every code of the user, oldest first."""
    with database.reading() as session:
        statement = select(VerificationCode).where(col(VerificationCode.user_pk) == user.pk)
        return list(session.exec(statement.order_by(col(VerificationCode.pk))))


@pytest.mark.rule("I-8", "E-53")
def test_programs_that_ask_at_once_leave_one_live_code_and_no_more_than_three(
    counter: Counter, database: Database, database_url: str, tmp_path: Path
) -> None:
    user = a_user(database)
    reception_no = counter.opens_case(user).reception_no

    def asks_twice() -> list[str]:
        with open_database(database_url) as own_database:
            own = build_counter(own_database, tmp_path, counter.clock, counter.actor)
            return [asks(own, reception_no, user) for _ in range(2)]

    told = [result for results in at_once([asks_twice] * 4) for result in results]
    made = codes(database, user)
    assert told.count("sent") <= len(made) <= CODES_PER_HOUR
    assert sum(code.ended is None for code in made) <= 1
    assert "TooManyCodes" in told


@pytest.mark.rule("I-8")
def test_ten_codes_a_day_and_the_eleventh_waits_for_the_first_to_be_a_day_old(
    counter: Counter, database: Database
) -> None:
    user = a_user(database)
    reception_no = counter.opens_case(user).reception_no
    first = counter.clock.now()
    for _ in range(CODES_PER_DAY):
        assert asks(counter, reception_no, user) == "sent"
        counter.clock.step(minutes=61)
    with pytest.raises(TooManyCodes) as refused:
        counter.authenticating.submit_password(counter.actor, reception_no, user.user_id, Secret(PASSWORD))
    assert (refused.value.again_at - first).total_seconds() == 24 * 3600
    counter.clock.jump(refused.value.again_at)
    assert asks(counter, reception_no, user) == "sent"


@pytest.mark.rule("I-8", "I-22")
def test_a_clock_set_back_makes_no_room_for_more_codes(counter: Counter, database: Database) -> None:
    user = a_user(database)
    reception_no = counter.opens_case(user).reception_no
    for _ in range(CODES_PER_HOUR):
        assert asks(counter, reception_no, user) == "sent"
    counter.clock.step(hours=-2)
    assert asks(counter, reception_no, user) == "TooManyCodes"

"""I-7: a code is accepted once, in its own session, for its own reception, within its thirty minutes."""

from pathlib import Path

import pytest
from sqlmodel import col, select

from db.database import Database, open_database
from db.tables import User, VerificationCode
from kiosk.errors import CaseNotOpen, CodeExpired, KioskError, WrongCode
from kiosk.rules.cases import CaseState
from kiosk.rules.verification import CODE_TRIES
from kiosk.secret import Secret
from tests.support.builders import PASSWORD, a_user, an_actor
from tests.support.clock import SteppedClock
from tests.support.counters import Counter, build_counter
from tests.support.processes import at_once

TERMINALS = 4


def sends_a_code(counter: Counter, user: User) -> tuple[str, str]:
    """Reception number and code of a customer at step 5."""
    reception_no = counter.opens_case(user).reception_no
    counter.authenticating.submit_password(counter.actor, reception_no, user.user_id, Secret(PASSWORD))
    return reception_no, counter.post.codes[-1]


def tries_code(counter: Counter, reception_no: str, code: str) -> str:
    """What came of typing a code: `accepted` or the name of the refusal."""
    try:
        counter.authenticating.submit_code(counter.actor, reception_no, Secret(code))
    except KioskError as refusal:
        return type(refusal).__name__
    return "accepted"


def in_a_process(url: str, folder: Path, counter: Counter, reception_no: str, *codes: str) -> list[str]:
    """The same in a program that has its own connections."""
    with open_database(url) as database:
        own = build_counter(database, folder, counter.clock, counter.actor)
        return [tries_code(own, reception_no, code) for code in codes]


def ends_of_codes(database: Database, user: User) -> list[str | None]:
    """Why each code of the user is no longer good, oldest first."""
    with database.reading() as session:
        statement = select(VerificationCode).where(col(VerificationCode.user_pk) == user.pk)
        return [row.ended for row in session.exec(statement.order_by(col(VerificationCode.pk)))]


@pytest.mark.rule("I-7", "R-61")
def test_four_programs_at_once_use_a_code_once(
    counter: Counter, database: Database, database_url: str, tmp_path: Path
) -> None:
    user = a_user(database)
    reception_no, code = sends_a_code(counter, user)
    results = at_once([lambda: in_a_process(database_url, tmp_path, counter, reception_no, code)] * TERMINALS)
    assert sorted(result for results_of_one in results for result in results_of_one) == [
        "CaseNotOpen",
        "CaseNotOpen",
        "CaseNotOpen",
        "accepted",
    ]
    assert ends_of_codes(database, user) == ["used"]


@pytest.mark.rule("I-7", "E-55")
def test_four_programs_at_once_guess_six_times_and_no_more(
    counter: Counter, database: Database, database_url: str, tmp_path: Path
) -> None:
    user = a_user(database)
    reception_no, code = sends_a_code(counter, user)
    wrong = [f"{(int(code) + distance) % 10**6:06d}" for distance in range(1, 4)]
    results = at_once(
        [lambda: in_a_process(database_url, tmp_path, counter, reception_no, *wrong)] * TERMINALS
    )
    told = [result for results_of_one in results for result in results_of_one]
    assert (told.count("WrongCode"), told.count("CodeDead")) == (CODE_TRIES - 1, 1)
    assert tries_code(counter, reception_no, code) == "CaseNotOpen"
    assert ends_of_codes(database, user) == ["too_many"]


@pytest.mark.rule("I-7", "I-22", "E-51", "E-52")
@pytest.mark.parametrize(
    ("seconds", "result"),
    [
        (-1, "CodeExpired"),
        (0, "accepted"),
        (1_799.999, "accepted"),
        (1_800, "CodeExpired"),
        (86_400, "CodeExpired"),
    ],
)
def test_a_code_is_good_from_its_first_moment_to_the_last_of_thirty_minutes(
    counter: Counter, database: Database, seconds: float, result: str
) -> None:
    reception_no, code = sends_a_code(counter, a_user(database))
    counter.clock.step(seconds=seconds)
    assert tries_code(counter, reception_no, code) == result


@pytest.mark.rule("I-7", "I-22")
def test_a_clock_that_comes_back_does_not_revive_a_code(counter: Counter, database: Database) -> None:
    reception_no, code = sends_a_code(counter, a_user(database))
    counter.clock.step(minutes=31)
    assert tries_code(counter, reception_no, code) == "CodeExpired"
    counter.clock.step(minutes=-20)
    assert tries_code(counter, reception_no, code) == "CodeExpired"


@pytest.mark.rule("I-7")
def test_the_code_of_one_user_is_wrong_for_another(counter: Counter, database: Database) -> None:
    _, code = sends_a_code(counter, a_user(database))
    reception_no, own = sends_a_code(counter, a_user(database))
    if code != own:
        with pytest.raises(WrongCode):
            counter.authenticating.submit_code(counter.actor, reception_no, Secret(code))
    assert tries_code(counter, reception_no, own) == "accepted"


@pytest.mark.rule("I-7")
def test_a_code_is_not_accepted_in_another_sign_on(
    counter: Counter, database: Database, tmp_path: Path, clock: SteppedClock
) -> None:
    reception_no, code = sends_a_code(counter, a_user(database))
    colleague = build_counter(
        database, tmp_path / "other", clock, an_actor(database, terminal=counter.actor.terminal)
    )
    with pytest.raises(CodeExpired):
        colleague.authenticating.submit_code(colleague.actor, reception_no, Secret(code))
    assert counter.casework.case(counter.actor, reception_no).state is CaseState.PASSWORD_OK


@pytest.mark.rule("I-7", "E-54", "E-85")
def test_a_code_does_not_survive_a_restart(counter: Counter, database: Database) -> None:
    user = a_user(database)
    reception_no, code = sends_a_code(counter, user)
    counter.recovering.recover()
    with pytest.raises(CaseNotOpen):
        counter.authenticating.submit_code(counter.actor, reception_no, Secret(code))
    assert ends_of_codes(database, user) == ["session_over"]
    counter.authenticates(reception_no, user)
    assert counter.casework.case(counter.actor, reception_no).state is CaseState.CODE_OK

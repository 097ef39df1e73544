"""I-9: of any number of programs that guess at once, six passwords are compared; a kill never gives a try back."""

import os
from pathlib import Path
from typing import Final

import pytest
from sqlmodel import col, select

from db.database import Database, open_database
from db.queries.users import by_pk
from db.tables import Notice, User
from kiosk.errors import KioskError, StillLocked
from kiosk.rules.lockout import LOCKS_BEFORE_BLOCK, TRIES_BEFORE_LOCK
from kiosk.secret import Secret
from tests.support.builders import PASSWORD, a_user
from tests.support.counters import Counter, build_counter
from tests.support.killing import killed_at
from tests.support.processes import at_once

PROGRAMS: Final = 4
WRONG: Final = "Chigau#2026"
THE_HASH: Final = ("kiosk.services.staff.passwords",)
THE_TRY: Final = ("kiosk.services.counter.authenticating",)
COMPARED: Final = ("WrongCredentials", "LockedNow", "OutcomeUnknown")
"""A busy machine may let the verdict of a try wait too long for its row; that try was counted all the same."""
STRIDE: Final = {"sqlite": 4, "postgresql": 9}


def guesses(
    url: str, folder: Path, counter: Counter, reception_no: str, user: User, *tries: str
) -> list[str]:
    """What came of each password, in a program that has its own connections."""
    told = []
    with open_database(url) as database:
        own = build_counter(database, folder, counter.clock, counter.actor)
        for password in tries:
            try:
                own.authenticating.submit_password(own.actor, reception_no, user.user_id, Secret(password))
                told.append("right")
            except KioskError as refusal:
                told.append(type(refusal).__name__)
    return told


def stored(database: Database, user: User) -> User:
    """The user as the registry knows them."""
    with database.reading() as session:
        found = by_pk(session, user.pk, None)
    assert found is not None
    return found


def lock_letters(database: Database, user: User) -> list[str]:
    """The kinds of the letters about locks and blocks, oldest first."""
    with database.reading() as session:
        statement = select(Notice.kind).where(
            col(Notice.user_pk) == user.pk, col(Notice.kind).in_(["locked", "blocked"])
        )
        return list(session.exec(statement.order_by(col(Notice.pk))))


@pytest.mark.rule("I-9", "R-47", "E-20", "E-90")
def test_four_programs_guessing_at_once_compare_six_passwords(
    counter: Counter, database: Database, database_url: str, tmp_path: Path
) -> None:
    user = a_user(database)
    reception_no = counter.opens_case(user).reception_no
    program = [WRONG] * TRIES_BEFORE_LOCK
    results = at_once(
        [lambda: guesses(database_url, tmp_path, counter, reception_no, user, *program)] * PROGRAMS
    )
    told = [result for results_of_one in results for result in results_of_one]
    assert sum(result in COMPARED for result in told) == TRIES_BEFORE_LOCK
    assert set(told) <= {*COMPARED, "StillLocked", "DatabaseUnavailable"}
    assert stored(database, user).charges == TRIES_BEFORE_LOCK
    assert lock_letters(database, user) == ["locked"]


@pytest.mark.rule("I-9", "R-49", "E-26")
def test_programs_guessing_through_three_locks_meet_the_block_after_eighteen_passwords(
    counter: Counter, database: Database, database_url: str, tmp_path: Path
) -> None:
    user = a_user(database)
    reception_no = counter.opens_case(user).reception_no
    program = [WRONG] * TRIES_BEFORE_LOCK
    for _ in range(LOCKS_BEFORE_BLOCK):
        at_once([lambda: guesses(database_url, tmp_path, counter, reception_no, user, *program)] * PROGRAMS)
        counter.clock.step(minutes=60)
    found = stored(database, user)
    assert (found.status, found.charges) == ("blocked", LOCKS_BEFORE_BLOCK * TRIES_BEFORE_LOCK)
    assert lock_letters(database, user) == ["locked", "locked", "blocked"]


@pytest.mark.rule("I-9", "R-51", "E-33")
def test_six_kills_between_count_and_verdict_lock_and_the_letter_goes_out_after_the_start(
    counter: Counter, database: Database, database_url: str, tmp_path: Path
) -> None:
    """Even with the right password: nobody knows what the comparison would have said."""
    user = a_user(database)
    reception_no = counter.opens_case(user).reception_no
    for tries in range(1, TRIES_BEFORE_LOCK + 1):
        assert killed_at(
            1, THE_HASH, lambda: guesses(database_url, tmp_path, counter, reception_no, user, PASSWORD)
        )
        assert stored(database, user).charges == tries
    with pytest.raises(StillLocked):
        counter.authenticating.submit_password(counter.actor, reception_no, user.user_id, Secret(PASSWORD))
    assert lock_letters(database, user) == []

    counter.clock.step(minutes=1)
    counter.recovering.recover()
    counter.recovering.recover()
    assert lock_letters(database, user) == ["locked"]


@pytest.mark.rule("I-9")
def test_a_kill_at_any_line_of_a_wrong_try_never_gives_it_back(
    counter: Counter, database: Database, database_url: str, tmp_path: Path
) -> None:
    """The hash tells over a pipe that it compared; whenever it did, the try is in the registry."""
    line, reached = 1, True
    seen: set[tuple[bool, int]] = set()
    while reached:
        user = a_user(database)
        reception_no = counter.opens_case(user).reception_no
        reads, writes = os.pipe()

        def one_try(user: User = user, reception_no: str = reception_no, writes: int = writes) -> None:
            with open_database(database_url) as own_database:
                own = build_counter(own_database, tmp_path, counter.clock, counter.actor)
                matches = type(own.authenticating.hasher).matches

                def telling(hasher: object, password: Secret, stored_hash: str | None) -> bool:
                    os.write(writes, b"!")
                    return matches(own.authenticating.hasher, password, stored_hash)

                type(own.authenticating.hasher).matches = telling  # type: ignore[method-assign,assignment]
                try:
                    own.authenticating.submit_password(own.actor, reception_no, user.user_id, Secret(WRONG))
                except KioskError:
                    return

        reached = killed_at(line, THE_TRY, one_try)
        os.close(writes)
        compared = bool(os.read(reads, 1))
        os.close(reads)
        seen.add((compared, stored(database, user).charges))
        line += STRIDE[database.dialect]
    assert (True, 0) not in seen
    assert {(False, 0), (True, 1)} <= seen

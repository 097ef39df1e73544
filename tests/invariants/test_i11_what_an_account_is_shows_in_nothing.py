"""I-11: before the password is right, nothing tells an ID that exists from one that does not: not even the time."""

import time
from collections.abc import Callable
from dataclasses import replace
from statistics import median

import pytest

from db.database import Database
from kiosk.errors import KioskError, WrongCredentials
from kiosk.secret import Secret
from kiosk.services.staff.passwords import PasswordHasher
from screens.problems import explain
from tests.support.builders import HASHER, PASSWORD, a_user
from tests.support.counters import Counter

CUSTOMERS = 15
WRONG = Secret("Chigau#2026")
RIGHT = Secret(PASSWORD)
SLOW = PasswordHasher(key=HASHER.key, memory_kib=16 * 1024)
"""Slow enough that a hash which is left out would be seen."""


@pytest.fixture
def receptions(counter: Counter, database: Database) -> tuple[Counter, list[tuple[str, str]]]:
    """A counter with real hashes, and for each customer the reception number and the user ID."""
    stored = SLOW.hash_password(RIGHT)
    users = [a_user(database, password_hash=stored) for _ in range(CUSTOMERS)]
    counter = replace(counter, authenticating=replace(counter.authenticating, hasher=SLOW))
    return counter, [(counter.opens_case(user).reception_no, user.user_id) for user in users]


def refused(act: Callable[[], object]) -> tuple[KioskError, float]:
    """What it is refused with, and after how many seconds of the processor: what others do is not in them."""
    began = time.process_time()
    try:
        act()
    except KioskError as refusal:
        return refusal, time.process_time() - began
    raise AssertionError("nothing was refused")


@pytest.mark.rule("I-11", "E-31")
@pytest.mark.parametrize("password", [WRONG, RIGHT], ids=["wrong password", "right password"])
def test_an_id_that_is_not_the_customers_reads_and_lasts_like_a_wrong_password(
    receptions: tuple[Counter, list[tuple[str, str]]], password: Secret
) -> None:
    counter, visits = receptions

    def types(reception_no: str, user_id: str, typed: Secret) -> tuple[KioskError, float]:
        return refused(
            lambda: counter.authenticating.submit_password(counter.actor, reception_no, user_id, typed)
        )

    own, other = [], []
    for number, user_id in visits:  # in turn, so that a busy machine slows both
        own.append(types(number, user_id, WRONG))
        other.append(types(number, f"x{user_id[1:]}", password))

    assert {type(refusal) for refusal, _ in own + other} == {WrongCredentials}
    assert {explain(refusal).code for refusal, _ in own} == {explain(refusal).code for refusal, _ in other}
    assert median(seconds for _, seconds in other) == pytest.approx(
        median(seconds for _, seconds in own), rel=0.5
    )

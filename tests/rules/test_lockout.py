"""Locks, blocks and charging first, one edge at a time; `test_lockout_machine.py` walks through them all."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kiosk.rules.lockout import (
    Charged,
    LockEvent,
    LockStanding,
    LockState,
    Refused,
    after_right,
    charge,
    next_lock_blocks,
    standing,
    take_back,
    tries_left,
    unblock,
)
from kiosk.rules.users import UserStatus

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
HOUR = timedelta(minutes=60)
TICK = timedelta(microseconds=1)
FRESH = LockState(
    status=UserStatus.ACTIVE, consecutive_failures=0, lock_count=0, locked_until=None, charges=0
)
BLOCKED = replace(FRESH, status=UserStatus.BLOCKED, lock_count=3, charges=18)


def charged(state: LockState, now: datetime = NOW) -> Charged:
    answer = charge(state, now)
    assert isinstance(answer, Charged)
    return answer


def after_wrong(state: LockState, times: int, now: datetime = NOW) -> LockState:
    for _ in range(times):
        state = charged(state, now).state
    return state


@pytest.mark.rule("R-47", "E-20", "E-23", "I-9")
def test_the_sixth_wrong_password_locks_for_sixty_minutes() -> None:
    fifth = after_wrong(FRESH, 5)
    assert standing(fifth, NOW) is LockStanding.ACTIVE
    sixth = charged(fifth)
    assert sixth.event is LockEvent.LOCKED
    assert sixth.state.locked_until == NOW + HOUR
    assert standing(sixth.state, NOW) is LockStanding.LOCKED


@pytest.mark.rule("R-47", "E-20")
def test_the_first_five_lead_to_nothing() -> None:
    state = FRESH
    for failures in range(1, 6):
        answer = charged(state)
        state = answer.state
        assert answer.event is None
        assert state == replace(FRESH, consecutive_failures=failures, charges=failures)


@pytest.mark.rule("R-48", "E-23", "E-25")
def test_a_lock_ends_by_itself_on_the_stroke_and_six_tries_are_back() -> None:
    locked = after_wrong(FRESH, 6)
    assert standing(locked, NOW + HOUR - TICK) is LockStanding.LOCKED
    assert standing(locked, NOW + HOUR) is LockStanding.ACTIVE
    assert tries_left(locked, NOW + HOUR - TICK) == 0
    assert tries_left(locked, NOW + HOUR) == 6
    again = charged(locked, NOW + HOUR)
    assert again.state == LockState(
        status=UserStatus.ACTIVE, consecutive_failures=1, lock_count=1, locked_until=None, charges=7
    )


@pytest.mark.rule("E-24", "I-9")
def test_a_try_during_a_lock_is_refused_and_changes_nothing() -> None:
    locked = after_wrong(FRESH, 6)
    assert charge(locked, NOW + HOUR - TICK) == Refused(standing=LockStanding.LOCKED, until=NOW + HOUR)


@pytest.mark.rule("R-49", "E-26")
def test_the_third_lock_blocks_at_once() -> None:
    state, now = FRESH, NOW
    for _ in range(2):
        state = after_wrong(state, 6, now)
        now += HOUR
    seventeenth = after_wrong(state, 5, now)
    assert standing(seventeenth, now) is LockStanding.ACTIVE
    eighteenth = charged(seventeenth, now)
    assert eighteenth.event is LockEvent.BLOCKED
    assert eighteenth.state == LockState(
        status=UserStatus.BLOCKED, consecutive_failures=0, lock_count=3, locked_until=None, charges=18
    )


@pytest.mark.rule("R-49", "I-10")
def test_a_block_does_not_end_by_itself() -> None:
    next_century = NOW + timedelta(days=36_500)
    assert standing(BLOCKED, next_century) is LockStanding.BLOCKED
    assert charge(BLOCKED, next_century) == Refused(standing=LockStanding.BLOCKED, until=None)
    assert tries_left(BLOCKED, next_century) == 0


@pytest.mark.rule("R-49")
def test_a_block_outranks_a_lock_that_is_still_stored() -> None:
    both = replace(BLOCKED, locked_until=NOW + HOUR)
    assert standing(both, NOW) is LockStanding.BLOCKED


@pytest.mark.rule("E-35")
@pytest.mark.parametrize(("wrong", "left"), [(0, 6), (1, 5), (4, 2), (5, 1)])
def test_the_counter_knows_how_many_tries_are_left(wrong: int, left: int) -> None:
    assert tries_left(after_wrong(FRESH, wrong), NOW) == left


@pytest.mark.rule("E-26", "E-35")
@pytest.mark.parametrize(("locks", "blocks"), [(0, False), (1, False), (2, True), (3, True)])
def test_the_counter_knows_when_the_next_lock_blocks(locks: int, blocks: bool) -> None:
    assert next_lock_blocks(replace(FRESH, lock_count=locks)) is blocks


@pytest.mark.rule("E-21", "E-27", "E-29")
def test_a_right_password_clears_misses_and_locks_and_keeps_the_charges() -> None:
    state = after_wrong(after_wrong(FRESH, 6), 3, NOW + HOUR)
    right = charged(state, NOW + HOUR)
    assert after_right(right.state, right) == replace(FRESH, charges=10)


@pytest.mark.rule("E-20", "E-27", "I-9")
def test_a_right_password_at_the_sixth_try_takes_its_own_lock_back() -> None:
    sixth = charged(after_wrong(FRESH, 5))
    assert after_right(sixth.state, sixth) == replace(FRESH, charges=6)


@pytest.mark.rule("E-26", "E-27")
def test_a_right_password_at_the_eighteenth_try_takes_its_own_block_back() -> None:
    state = replace(FRESH, consecutive_failures=5, lock_count=2, charges=17)
    eighteenth = charged(state)
    assert eighteenth.event is LockEvent.BLOCKED
    assert after_right(eighteenth.state, eighteenth) == replace(FRESH, charges=18)


@pytest.mark.rule("E-28", "I-9")
def test_a_right_password_is_refused_when_another_try_has_locked() -> None:
    fifth = charged(after_wrong(FRESH, 4))
    locked_by_another = charged(fifth.state).state
    assert after_right(locked_by_another, fifth) is None


@pytest.mark.rule("E-28", "I-9", "I-10")
def test_a_right_password_is_refused_when_another_try_has_blocked() -> None:
    seventeenth = charged(replace(FRESH, consecutive_failures=4, lock_count=2, charges=16))
    blocked_by_another = charged(seventeenth.state).state
    assert after_right(blocked_by_another, seventeenth) is None


@pytest.mark.rule("I-10")
def test_a_right_password_does_not_lift_a_block_that_was_set_without_a_lock() -> None:
    right = charged(FRESH)
    blocked_elsewhere = replace(right.state, status=UserStatus.BLOCKED, charges=2)
    assert after_right(blocked_elsewhere, right) is None


@pytest.mark.rule("E-28")
def test_a_right_password_is_refused_even_when_the_lock_of_another_has_run_out_since() -> None:
    fifth = charged(after_wrong(FRESH, 4))
    locked = charged(fifth.state).state
    an_hour_later = charged(locked, NOW + HOUR).state
    assert an_hour_later.locked_until is None
    assert after_right(an_hour_later, fifth) is None


@pytest.mark.rule("E-21")
def test_a_right_password_passes_while_others_have_only_missed() -> None:
    first = charged(FRESH)
    missed_since = after_wrong(first.state, 3)
    assert after_right(missed_since, first) == replace(FRESH, charges=4)


@pytest.mark.rule("E-27")
def test_locks_from_before_the_try_do_not_refuse_it() -> None:
    state = after_wrong(FRESH, 6)
    right = charged(state, NOW + HOUR)
    missed_since = charged(right.state, NOW + HOUR).state
    assert after_right(missed_since, right) == replace(FRESH, charges=8)


@pytest.mark.rule("E-32", "I-9")
@pytest.mark.parametrize(
    "before",
    [
        FRESH,
        replace(FRESH, consecutive_failures=5, lock_count=1, charges=11),
        replace(FRESH, consecutive_failures=5, lock_count=2, charges=17),
        replace(FRESH, lock_count=1, locked_until=NOW, charges=6),
    ],
)
def test_a_try_that_could_not_be_compared_is_taken_back_even_from_a_lock(before: LockState) -> None:
    uncompared = charged(before)
    assert take_back(uncompared.state, uncompared) == replace(
        before, locked_until=None, charges=before.charges + 1
    )


@pytest.mark.rule("E-27", "I-9")
def test_a_try_taken_back_does_not_refuse_the_right_password_of_another() -> None:
    sixth = charged(after_wrong(FRESH, 5))
    uncompared = charged(sixth.state, NOW + HOUR)
    taken_back = take_back(uncompared.state, uncompared)
    assert taken_back is not None
    assert after_right(taken_back, sixth) == replace(FRESH, charges=7)


@pytest.mark.rule("I-9")
def test_a_try_is_not_taken_back_over_the_head_of_another() -> None:
    uncompared = charged(FRESH)
    assert take_back(charged(uncompared.state).state, uncompared) is None
    assert take_back(unblock(uncompared.state), uncompared) is None


@pytest.mark.rule("E-36", "R-54")
def test_unblocking_begins_anew_and_forgets_nothing_else() -> None:
    assert unblock(replace(BLOCKED, locked_until=NOW)) == replace(FRESH, charges=18)

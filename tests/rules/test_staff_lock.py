"""Wrong sign-ons of staff."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from kiosk.rules.staff_lock import (
    StaffCharged,
    StaffLockState,
    StaffRefused,
    after_right,
    charge,
    tries_left,
)

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
PAUSE = timedelta(minutes=5)
TICK = timedelta(microseconds=1)
FRESH = StaffLockState(failures=0, paused_until=None)


def charged(state: StaffLockState, now: datetime = NOW) -> StaffCharged:
    answer = charge(state, now)
    assert isinstance(answer, StaffCharged)
    return answer


def test_the_third_wrong_sign_on_pauses_for_five_minutes() -> None:
    first = charged(FRESH)
    second = charged(first.state)
    third = charged(second.state)
    assert [first.pauses, second.pauses, third.pauses] == [False, False, True]
    assert second.state == StaffLockState(failures=2, paused_until=None)
    assert third.state == StaffLockState(failures=0, paused_until=NOW + PAUSE)


def test_a_pause_ends_by_itself_and_three_tries_are_back() -> None:
    paused = StaffLockState(failures=0, paused_until=NOW + PAUSE)
    just_before = NOW + PAUSE - TICK
    assert charge(paused, just_before) == StaffRefused(until=NOW + PAUSE)
    assert tries_left(paused, just_before) == 0
    assert tries_left(paused, NOW + PAUSE) == 3
    assert charged(paused, NOW + PAUSE).state == StaffLockState(failures=1, paused_until=None)


def test_the_number_of_tries_left_goes_down() -> None:
    assert [tries_left(StaffLockState(failures=misses, paused_until=None), NOW) for misses in range(3)] == [
        3,
        2,
        1,
    ]


def test_a_right_password_clears_even_at_the_third_try() -> None:
    third = charged(StaffLockState(failures=2, paused_until=None))
    assert after_right(third.state, third) == FRESH


def test_a_right_password_clears_what_others_have_only_missed() -> None:
    first = charged(FRESH)
    assert after_right(charged(first.state).state, first) == FRESH


def test_a_right_password_is_refused_when_another_try_began_a_pause() -> None:
    second = charged(StaffLockState(failures=1, paused_until=None))
    paused_by_another = charged(second.state).state
    assert after_right(paused_by_another, second) is None


def test_there_is_no_block_for_staff() -> None:
    state, now = FRESH, NOW
    for _ in range(100):
        state = charged(state, now).state
        now += PAUSE
    assert tries_left(state, now) > 0


@given(st.lists(st.tuples(st.integers(0, 400), st.booleans()), max_size=40))
def test_no_more_than_three_passwords_are_compared_between_two_pauses(
    tries: list[tuple[int, bool]],
) -> None:
    state, now, in_a_row, paused_until = FRESH, NOW, 0, NOW
    for seconds, right in tries:
        now += timedelta(seconds=seconds)
        answer = charge(state, now)
        assert isinstance(answer, StaffRefused) == (now < paused_until)
        if isinstance(answer, StaffRefused):
            continue
        state, in_a_row = answer.state, in_a_row + 1
        assert in_a_row <= 3
        if right:
            cleared = after_right(state, answer)
            assert cleared == FRESH
            state, in_a_row = FRESH, 0
        elif in_a_row == 3:
            paused_until, in_a_row = now + PAUSE, 0

"""The code from the mail: once, for thirty minutes, six tries, three an hour."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from kiosk.rules.verification import (
    CODE_DIGITS,
    VERIFIED_MINUTES,
    CodeEnd,
    CodeState,
    after_right,
    charge,
    may_try,
    next_code_at,
    tries_left,
    valid_until,
)

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)
FRESH = CodeState(created_at=NOW, wrong_tries=0, ended=None)


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def after_wrong(state: CodeState, times: int) -> CodeState:
    for _ in range(times):
        state = charge(state)
    return state


@pytest.mark.rule("R-61", "E-51", "E-52", "I-7")
def test_a_code_is_good_for_thirty_minutes_and_not_on_the_stroke() -> None:
    assert valid_until(NOW) == at(30)
    assert may_try(FRESH, NOW) is None
    assert may_try(FRESH, at(30) - TICK) is None
    assert may_try(FRESH, at(30)) is CodeEnd.EXPIRED


@pytest.mark.rule("I-7", "I-22")
def test_a_clock_that_was_set_back_does_not_revive_a_code() -> None:
    assert may_try(FRESH, NOW - TICK) is CodeEnd.EXPIRED


@pytest.mark.rule("E-53", "E-54", "I-7")
@pytest.mark.parametrize("end", CodeEnd)
def test_a_code_that_has_ended_says_how(end: CodeEnd) -> None:
    assert may_try(replace(FRESH, ended=end), NOW) is end


@pytest.mark.rule("E-54")
@pytest.mark.parametrize("end", CodeEnd)
def test_a_code_that_has_ended_takes_no_further_try(end: CodeEnd) -> None:
    ended = replace(FRESH, wrong_tries=2, ended=end)
    assert charge(ended) == ended
    assert tries_left(ended) == 0


@pytest.mark.rule("E-55", "I-7")
def test_the_sixth_wrong_code_ends_it() -> None:
    fifth = after_wrong(FRESH, 5)
    assert fifth == replace(FRESH, wrong_tries=5)
    assert tries_left(fifth) == 1
    sixth = charge(fifth)
    assert sixth == replace(FRESH, wrong_tries=6, ended=CodeEnd.TOO_MANY)
    assert tries_left(sixth) == 0


@pytest.mark.rule("E-55")
def test_a_count_beyond_the_limit_still_ends_the_code() -> None:
    assert charge(replace(FRESH, wrong_tries=8)).ended is CodeEnd.TOO_MANY


@pytest.mark.rule("E-54", "I-7")
@pytest.mark.parametrize("missed", range(6))
def test_the_right_code_passes_at_any_of_the_six_tries(missed: int) -> None:
    tried = charge(after_wrong(FRESH, missed))
    assert after_right(tried, tried) == replace(FRESH, wrong_tries=missed, ended=CodeEnd.USED)


@pytest.mark.rule("E-54", "I-7")
@pytest.mark.parametrize("end", CodeEnd)
def test_the_right_code_is_refused_when_it_has_ended_meanwhile(end: CodeEnd) -> None:
    tried = charge(FRESH)
    assert after_right(replace(tried, ended=end), tried) is None


@pytest.mark.rule("E-55", "I-7")
def test_the_right_code_is_refused_when_another_try_was_the_sixth() -> None:
    fifth = charge(after_wrong(FRESH, 4))
    killed_by_another = charge(fifth)
    assert after_right(killed_by_another, fifth) is None


@pytest.mark.rule("I-7")
def test_the_right_code_passes_while_another_try_is_under_way() -> None:
    first = charge(FRESH)
    assert after_right(charge(first), first) == replace(FRESH, wrong_tries=1, ended=CodeEnd.USED)


@pytest.mark.rule("R-61")
def test_a_code_has_six_digits() -> None:
    assert CODE_DIGITS == 6


@pytest.mark.rule("E-57")
def test_a_confirmed_code_lets_issue_for_a_quarter_of_an_hour() -> None:
    assert VERIFIED_MINUTES == 15


@pytest.mark.rule("I-8")
@pytest.mark.parametrize(
    ("created", "now", "expected"),
    [
        ([], 0, None),
        ([0, 10], 20, None),
        ([0, 10, 20], 20, 60),
        ([20, 0, 10], 59, 60),
        ([0, 10, 20], 60, None),
        ([0, 10, 20, 60], 61, 70),
        ([0, 10, 20, 60], 70, None),
        ([60 * hour for hour in range(10)], 600, 24 * 60),
        ([60 * hour for hour in range(10)], 24 * 60, None),
        ([60 * hour for hour in range(7)] + [1400, 1410, 1420], 1425, 1460),
        ([60 * hour for hour in range(7)] + [1400, 1410, 1420], 1460, None),
        ([0] * 7 + [1400, 1401, 1402], 1403, 1460),
        ([1000] * 10, 1001, 2440),
    ],
)
def test_three_codes_an_hour_and_ten_a_day(created: list[int], now: int, expected: int | None) -> None:
    answer = next_code_at([at(minutes) for minutes in created], at(now))
    assert answer == (None if expected is None else at(expected))


@pytest.mark.rule("I-8")
@given(st.lists(st.integers(0, 3 * 24 * 60), max_size=200))
def test_however_a_user_asks_no_hour_holds_more_than_three_codes_and_no_day_more_than_ten(
    asked: list[int],
) -> None:
    made: list[datetime] = []
    for minutes in sorted(asked):
        waits_until = next_code_at(made, at(minutes))
        if waits_until is None:
            made.append(at(minutes))
        else:
            assert waits_until > at(minutes)
            assert next_code_at(made, waits_until) is None
            assert next_code_at(made, waits_until - TICK) is not None
    assert all(later - earlier >= timedelta(hours=1) for earlier, later in zip(made, made[3:], strict=False))
    assert all(later - earlier >= timedelta(days=1) for earlier, later in zip(made, made[10:], strict=False))
    assert all(earlier <= later for earlier, later in pairwise(made))


class OneUser(RuleBasedStateMachine):
    """Codes are asked for, mistyped, replaced and cancelled at several counters; the laws of I-7 and I-8 hold."""

    charged: Bundle[tuple[int, CodeState]] = Bundle("charged")

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.codes: list[CodeState] = []
        self.compared: list[int] = []
        self.accepted: list[int] = []

    @rule(seconds=st.sampled_from([1, 60, 599, 1_799, 1_800, 3_600, -3_600]))
    def clock_moves(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def a_code_is_asked_for(self) -> None:
        if next_code_at([code.created_at for code in self.codes], self.now) is not None:
            return
        self._end_the_live_one(CodeEnd.REPLACED)
        self.codes.append(CodeState(created_at=self.now, wrong_tries=0, ended=None))
        self.compared.append(0)

    @rule(end=st.sampled_from([CodeEnd.CANCELLED, CodeEnd.SESSION_OVER, CodeEnd.MAIL_FAILED]))
    def the_live_code_is_ended(self, end: CodeEnd) -> None:
        self._end_the_live_one(end)

    def _end_the_live_one(self, end: CodeEnd) -> None:
        if self.codes and self.codes[-1].ended is None:
            self.codes[-1] = replace(self.codes[-1], ended=end)

    @rule(target=charged, which=st.integers(0, 30))
    def a_try_is_charged(self, which: int) -> tuple[int, CodeState] | MultipleResults[tuple[int, CodeState]]:
        if not self.codes:
            return multiple()
        which = len(self.codes) - 1 - which % len(self.codes)
        code = self.codes[which]
        refusal = may_try(code, self.now)
        too_old_or_too_new = not timedelta(0) <= self.now - code.created_at < timedelta(minutes=30)
        assert (refusal is None) == (code.ended is None and not too_old_or_too_new)
        if refusal is not None:
            return multiple()
        self.codes[which] = charge(code)
        self.compared[which] += 1
        return which, self.codes[which]

    @rule(tried=consumes(charged))
    def the_try_was_right(self, tried: tuple[int, CodeState]) -> None:
        which, state = tried
        used = after_right(self.codes[which], state)
        if used is not None:
            self.codes[which] = used
            self.accepted.append(which)

    @rule(tried=consumes(charged))
    def the_try_was_wrong(self, tried: tuple[int, CodeState]) -> None:
        """Nothing more is stored."""

    @invariant()
    def accepted_at_most_once(self) -> None:
        assert len(self.accepted) == len(set(self.accepted))
        assert {which for which, code in enumerate(self.codes) if code.ended is CodeEnd.USED} == set(
            self.accepted
        )

    @invariant()
    def compared_at_most_six_times(self) -> None:
        assert all(tries <= 6 for tries in self.compared)

    @invariant()
    def only_the_newest_is_alive(self) -> None:
        assert all(code.ended is not None for code in self.codes[:-1])


@pytest.mark.rule("E-51", "E-53", "E-54", "E-55", "I-7", "I-8", "I-22")
def test_a_code_is_accepted_once_in_time_and_never_after_six_tries() -> None:
    run_state_machine_as_test(OneUser, settings=settings(max_examples=200, stateful_step_count=60))

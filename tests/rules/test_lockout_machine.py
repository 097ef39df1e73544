"""Any number of counters guess at one user; a model that only reads the manual says what must come of it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

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


class Manual:
    """R-47 to R-49 as the manual tells them: a list of what happened since the last clean slate."""

    def __init__(self) -> None:
        self.misses = 0
        self.lock_starts: list[datetime] = []

    def word(self, now: datetime) -> str:
        if len(self.lock_starts) == 3:
            return "blocked"
        if self.lock_starts and (now - self.lock_starts[-1]).total_seconds() < 3600:
            return "locked"
        return "active"

    def miss(self, now: datetime) -> str | None:
        self.misses += 1
        if self.misses < 6:
            return None
        self.misses = 0
        self.lock_starts.append(now)
        return self.word(now)

    def clean(self) -> None:
        self.misses = 0
        self.lock_starts.clear()


class OneCounter(RuleBasedStateMachine):
    """Tries come one after the other: lock, block and every count are exactly the manual's."""

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
        self.state = LockState(
            status=UserStatus.ACTIVE, consecutive_failures=0, lock_count=0, locked_until=None, charges=0
        )
        self.manual = Manual()

    @rule(seconds=st.sampled_from([1, 59, 3_599, 3_600, 86_400]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def wait_for_the_end_of_the_lock(self) -> None:
        if self.manual.lock_starts:
            self.now = max(self.now, self.manual.lock_starts[-1] + timedelta(hours=1))

    @rule(right=st.booleans(), repeat=st.integers(1, 6))
    def tries(self, right: bool, repeat: int) -> None:
        for _ in range(repeat):
            self._one_try(right)

    def _one_try(self, right: bool) -> None:
        word = self.manual.word(self.now)
        answer = charge(self.state, self.now)
        if word != "active":
            assert isinstance(answer, Refused)
            assert answer.standing == word
            return
        assert isinstance(answer, Charged)
        self.state = answer.state
        if right:
            cleared = after_right(self.state, answer)
            assert cleared is not None
            self.state = cleared
            self.manual.clean()
        else:
            assert answer.event == self.manual.miss(self.now)

    @precondition(lambda self: self.manual.word(self.now) == "active")
    @rule()
    def tries_while_nothing_can_be_compared(self) -> None:
        answer = charge(self.state, self.now)
        assert isinstance(answer, Charged)
        taken_back = take_back(answer.state, answer)
        assert taken_back is not None
        self.state = taken_back

    @precondition(lambda self: self.manual.word(self.now) == "blocked")
    @rule()
    def unblocked(self) -> None:
        self.state = unblock(self.state)
        self.manual.clean()

    @invariant()
    def counts_as_the_manual_does(self) -> None:
        word = self.manual.word(self.now)
        assert standing(self.state, self.now) == word
        assert self.state.lock_count == len(self.manual.lock_starts)
        assert tries_left(self.state, self.now) == (6 - self.manual.misses if word == "active" else 0)
        assert next_lock_blocks(self.state) == (len(self.manual.lock_starts) >= 2)
        if word == "locked":
            assert self.state.locked_until == self.manual.lock_starts[-1] + timedelta(hours=1)


class ManyCounters(RuleBasedStateMachine):
    """Tries overlap and some never get their verdict: no more than six are compared between two locks (I-9)."""

    compared: Bundle[Charged] = Bundle("compared")

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
        self.state = LockState(
            status=UserStatus.ACTIVE, consecutive_failures=0, lock_count=0, locked_until=None, charges=0
        )
        self.compared_since_clean_or_lock = 0
        self.locks_since_clean = 0
        self.last_locking_charge = 0
        self.blocked_by_charge: int | None = None

    @rule(target=compared)
    def a_try_is_charged(self) -> Charged | MultipleResults[Charged]:
        answer = charge(self.state, self.now)
        if isinstance(answer, Refused):
            assert standing(self.state, self.now) is not LockStanding.ACTIVE
            return multiple()
        assert answer.state.charges == self.state.charges + 1
        self.state = answer.state
        self.compared_since_clean_or_lock += 1
        assert self.compared_since_clean_or_lock <= 6
        if answer.event is not None:
            assert self.compared_since_clean_or_lock == 6
            self.compared_since_clean_or_lock = 0
            self.locks_since_clean += 1
            self.last_locking_charge = answer.state.charges
            assert (answer.event is LockEvent.BLOCKED) == (self.locks_since_clean == 3)
        return answer

    @rule(verdict=consumes(compared))
    def a_right_verdict_arrives(self, verdict: Charged) -> None:
        ours = verdict.state.charges
        before = standing(self.state, self.now)
        cleared = after_right(self.state, verdict)
        if cleared is None:
            assert self.last_locking_charge > ours
            return
        if before is not LockStanding.ACTIVE:
            assert self.last_locking_charge == ours
        self.state = cleared
        self.compared_since_clean_or_lock = 0
        self.locks_since_clean = 0

    @rule(verdict=consumes(compared))
    def a_verdict_never_arrives(self, verdict: Charged) -> None:
        """A wrong password and a crash store the same: nothing."""

    @rule(verdict=consumes(compared))
    def the_try_could_not_be_compared(self, verdict: Charged) -> None:
        taken_back = take_back(self.state, verdict)
        if taken_back is None:
            return
        assert self.state.charges == verdict.state.charges
        self.state = taken_back
        if verdict.event is None:
            self.compared_since_clean_or_lock -= 1
        else:
            self.compared_since_clean_or_lock = 5
            self.locks_since_clean -= 1

    @rule()
    def an_hour_passes(self) -> None:
        self.now += timedelta(hours=1)

    @invariant()
    def three_locks_are_a_block(self) -> None:
        assert (self.state.status is UserStatus.BLOCKED) == (self.locks_since_clean == 3)


@pytest.mark.rule(
    "R-47", "R-48", "R-49", "E-20", "E-21", "E-22", "E-23", "E-24", "E-25", "E-26", "E-27", "E-29", "E-36"
)
def test_one_counter_counts_as_the_manual_does() -> None:
    run_state_machine_as_test(OneCounter, settings=settings(max_examples=200, stateful_step_count=40))


@pytest.mark.rule("E-28", "I-9", "I-10")
def test_many_counters_never_compare_more_than_six_passwords_between_locks() -> None:
    run_state_machine_as_test(ManyCounters, settings=settings(max_examples=200, stateful_step_count=60))

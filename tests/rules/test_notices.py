"""How long a letter is tried."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from kiosk.rules.notices import (
    NoticeKind,
    NoticeState,
    backoff,
    expired_days,
    expiring_days,
    gives_up,
    may_move,
)
from kiosk.rules.validity import renewable_from

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)
LASTING = [NoticeKind.EXPIRING, NoticeKind.EXPIRED]
OTHERS = [kind for kind in NoticeKind if kind not in (NoticeKind.CODE, *LASTING)]


@pytest.mark.rule("E-93")
@pytest.mark.parametrize(
    ("tries", "seconds"),
    [(0, 15), (1, 15), (2, 30), (3, 60), (8, 1920), (9, 3840), (10, 3840), (10**9, 3840)],
)
def test_the_pause_doubles_up_to_about_an_hour(tries: int, seconds: int) -> None:
    assert backoff(tries) == timedelta(seconds=seconds)


@pytest.mark.rule("E-93")
@pytest.mark.parametrize(("tries", "seconds"), [(1, 15 * 1.25), (9, 3840 * 1.25)])
def test_jitter_lengthens_a_pause_by_a_quarter_at_most(tries: int, seconds: float) -> None:
    assert backoff(tries, jitter=1.0) == timedelta(seconds=seconds)
    assert backoff(tries, jitter=0.5) == (backoff(tries) + backoff(tries, jitter=1.0)) / 2


@given(st.integers(0, 100), st.floats(0, 1))
def test_a_later_failure_never_waits_less(tries: int, jitter: float) -> None:
    assert backoff(tries, jitter) <= backoff(tries + 1, jitter)


@pytest.mark.rule("E-51", "E-58", "E-93")
def test_a_code_is_given_up_when_it_can_no_longer_be_used() -> None:
    too_late = NOW + timedelta(minutes=30)
    assert not gives_up(NoticeKind.CODE, NOW, too_late - TICK, 19)
    assert gives_up(NoticeKind.CODE, NOW, too_late, 0)
    assert gives_up(NoticeKind.CODE, NOW, NOW, 20)


@pytest.mark.rule("E-93")
@pytest.mark.parametrize("kind", OTHERS)
def test_every_other_letter_is_tried_for_three_days(kind: NoticeKind) -> None:
    too_late = NOW + timedelta(days=3)
    assert not gives_up(kind, NOW, too_late - TICK, 99)
    assert gives_up(kind, NOW, too_late, 0)
    assert gives_up(kind, NOW, NOW, 100)


@pytest.mark.rule("E-93", "R-04", "R-06")
@pytest.mark.parametrize("kind", LASTING)
def test_what_stays_true_is_tried_for_two_weeks(kind: NoticeKind) -> None:
    too_late = NOW + timedelta(days=14)
    assert not gives_up(kind, NOW, too_late - TICK, 399)
    assert gives_up(kind, NOW, too_late, 0)
    assert gives_up(kind, NOW, NOW, 400)


@pytest.mark.rule("R-04", "E-09")
def test_whoever_may_renew_today_is_told_until_the_last_day() -> None:
    today = date(2026, 3, 2)
    assert expiring_days(today) == (date(2026, 3, 2), date(2026, 4, 1))
    assert renewable_from(date(2026, 4, 1)) == today


@pytest.mark.rule("R-06", "E-10")
def test_an_expiry_is_told_from_the_day_after_the_last_one_and_for_a_year() -> None:
    assert expired_days(date(2026, 3, 2)) == (date(2025, 3, 1), date(2026, 3, 1))


@pytest.mark.rule("E-93")
@pytest.mark.parametrize("kind", NoticeKind)
def test_an_outage_of_a_quarter_of_an_hour_costs_no_letter(kind: NoticeKind) -> None:
    now, tries = NOW, 0
    while now < NOW + timedelta(minutes=15):
        assert not gives_up(kind, NOW, now, tries)
        tries += 1
        now += backoff(tries, jitter=1.0)
    assert not gives_up(kind, NOW, now, tries)


class Letter(RuleBasedStateMachine):
    """One letter, a mail server with its moods, mailers that die."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.state = NoticeState.QUEUED
        self.tries = 0
        self.due = NOW
        self.sent = 0

    def _move(self, state: NoticeState) -> None:
        assert may_move(self.state, state), f"{self.state} -> {state}"
        self.state = state

    @precondition(lambda self: self.state is NoticeState.QUEUED)
    @rule()
    def claimed_when_due(self) -> None:
        self.now = max(self.now, self.due)
        if gives_up(NoticeKind.CODE, NOW, self.now, self.tries):
            self._move(NoticeState.GAVE_UP)
        else:
            self._move(NoticeState.SENDING)

    @precondition(lambda self: self.state is NoticeState.SENDING)
    @rule()
    def taken_by_the_server(self) -> None:
        self._move(NoticeState.SENT)
        self.sent += 1

    @precondition(lambda self: self.state is NoticeState.SENDING)
    @rule(jitter=st.floats(0, 1))
    def put_off_by_the_server(self, jitter: float) -> None:
        self.tries += 1
        self.due = self.now + backoff(self.tries, jitter)
        self._move(NoticeState.QUEUED)

    @precondition(lambda self: self.state is NoticeState.SENDING)
    @rule()
    def refused_by_the_server(self) -> None:
        self._move(NoticeState.BOUNCED)

    @precondition(lambda self: self.state is NoticeState.SENDING)
    @rule()
    def the_mailer_dies(self) -> None:
        self._move(NoticeState.QUEUED)
        self.due = self.now + timedelta(minutes=1)

    @invariant()
    def sent_once_and_never_too_late(self) -> None:
        assert self.sent == (self.state is NoticeState.SENT)
        if self.state in {NoticeState.SENDING, NoticeState.SENT}:
            assert self.now < NOW + timedelta(minutes=30)

    @rule(minutes=st.integers(0, 10))
    def time_passes(self, minutes: int) -> None:
        if self.state is not NoticeState.SENDING:
            return
        self.now = min(self.now + timedelta(minutes=minutes), NOW + timedelta(minutes=30) - TICK)


@pytest.mark.rule("E-93", "I-18")
def test_a_letter_is_sent_once_or_its_end_is_known() -> None:
    run_state_machine_as_test(Letter, settings=settings(max_examples=100, stateful_step_count=60))

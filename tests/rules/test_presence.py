"""When a terminal counts as gone."""

from datetime import timedelta

import pytest

from kiosk.rules.presence import GONE_AFTER, SAID_EVERY, Presence, presence
from tests.support.clock import MONDAY_MORNING

MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("silent_for", "answer"),
    [
        (timedelta(0), Presence.HERE),
        (timedelta(minutes=15) - MOMENT, Presence.HERE),
        (timedelta(minutes=15), Presence.GONE),
        (-timedelta(hours=1), Presence.HERE),
    ],
)
@pytest.mark.rule("E-85")
def test_only_long_silence_means_that_a_terminal_is_gone(silent_for: timedelta, answer: Presence) -> None:
    assert presence(MONDAY_MORNING - silent_for, MONDAY_MORNING) is answer


def test_of_a_terminal_that_never_said_anything_nothing_is_known() -> None:
    assert presence(None, MONDAY_MORNING) is Presence.UNKNOWN


def test_many_sayings_must_be_missed() -> None:
    assert GONE_AFTER / SAID_EVERY == 30

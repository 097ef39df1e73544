"""Whether a terminal still runs, as another one can tell: it says so again and again, or it has fallen silent."""

from datetime import datetime, timedelta
from enum import StrEnum

SAID_EVERY = timedelta(seconds=30)
"""How often a running program says that it is there."""
GONE_AFTER = timedelta(minutes=15)
"""Silence after which it counts as gone: thirty sayings missed, and more than the clocks of two terminals differ."""


class Presence(StrEnum):
    """What is known of another terminal."""

    HERE = "here"
    GONE = "gone"
    UNKNOWN = "unknown"
    """It never said anything, as a program of an earlier release."""


def presence(seen_at: datetime | None, now: datetime) -> Presence:
    """Whether the terminal that was last heard of at `seen_at` is there at `now`.

    A moment ahead of `now` comes from a clock that runs ahead, and its terminal is there.
    """
    if seen_at is None:
        return Presence.UNKNOWN
    return Presence.GONE if now - seen_at >= GONE_AFTER else Presence.HERE

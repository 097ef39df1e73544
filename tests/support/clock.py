"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta
from typing import Final

MONDAY_MORNING: Final = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""Monday, 2 March 2026, 10:00 in Japan: a working day within the service hours."""


class SteppedClock:
    """A `kiosk.clock.Clock` for tests; shared by all services of one test, as a wall clock is."""

    def __init__(self, start: datetime = MONDAY_MORNING) -> None:
        self._now = start

    def now(self) -> datetime:
        """The moment it was last moved to."""
        return self._now

    def step(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> datetime:
        """Move forward, or back with negative numbers; the new time."""
        self._now += timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        return self._now

    def jump(self, moment: datetime) -> None:
        """Stand at `moment`, which is aware."""
        self._now = moment.astimezone(UTC)

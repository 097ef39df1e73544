"""A clock that was set back (E-91)."""

from datetime import datetime, timedelta

CLOCK_TOLERANCE = timedelta(seconds=2)
"""A clock that is being disciplined may step back this much."""


def runs_back(high_water: datetime | None, now: datetime) -> bool:
    """Whether `now` stands before the newest record, beyond the tolerance; nothing may then be issued or revoked."""
    return high_water is not None and now < high_water - CLOCK_TOLERANCE

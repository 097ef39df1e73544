"""What service tests start from: a clock to step, a desk on each database engine."""

import pytest

from db.database import Database
from kiosk.services._guard import Desk
from tests.support.builders import a_desk
from tests.support.clock import SteppedClock


@pytest.fixture
def clock() -> SteppedClock:
    """A working Monday, 10:00 in Japan, until the test moves it."""
    return SteppedClock()


@pytest.fixture
def desk(database: Database, clock: SteppedClock) -> Desk:
    """Registry, time and journal, on each engine in turn."""
    return a_desk(database, clock)

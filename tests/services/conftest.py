"""What service tests start from: a clock to step, a desk on each database engine."""

import pytest

from db.database import Database
from db.tables import Staff
from kiosk.services.approved.views import ApprovalView
from kiosk.services.desk.guard import Desk
from tests.support.approvals import a_revocation, a_supervisor
from tests.support.builders import a_desk
from tests.support.clock import SteppedClock
from tests.support.counters import Counter


@pytest.fixture
def clock() -> SteppedClock:
    """A working Monday, 10:00 in Japan, until the test moves it."""
    return SteppedClock()


@pytest.fixture
def desk(database: Database, clock: SteppedClock) -> Desk:
    """Registry, time and journal, on each engine in turn."""
    return a_desk(database, clock)


@pytest.fixture
def asked(counter: Counter) -> ApprovalView:
    """A request that waits for its decision."""
    reception, request = a_revocation(counter)
    return counter.approving.ask(counter.actor, reception.number, request)


@pytest.fixture
def supervisor(database: Database) -> Staff:
    """The second pair of eyes."""
    return a_supervisor(database)

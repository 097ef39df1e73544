"""I-23 where two people decide: asked, approved, revoked, unblocked, and the line to the registry breaks."""

from datetime import timedelta

import pytest

from db.database import Database
from db.tables import User
from kiosk.rules.operations import Transaction
from kiosk.rules.revocation import RevocationReason
from kiosk.rules.unblocking import UnblockCause
from kiosk.services.approved.views import RevokeRequest, UnblockRequest
from tests.support.approvals import a_blocked_user, a_supervisor, approves, received, serial_of
from tests.support.builders import a_certificate, a_user
from tests.support.clock import MONDAY_MORNING
from tests.support.counters import Counter
from tests.support.databases import on_postgresql
from tests.support.lost_line import PLACES, Press, Visit, behind_a_line, line, lose_every
from tests.support.proxy import Line, Loses

__all__ = ["behind_a_line", "line"]


def a_holder(database: Database) -> User:
    """A user with a certificate of last week."""
    user = a_user(database)
    a_certificate(database, user, issued_at=MONDAY_MORNING - timedelta(days=7))
    return user


def _wants_it_revoked(visit: Visit) -> None:
    visit.reception_no = received(visit.counter, visit.user, Transaction.REVOKE).number
    visit.wanted = RevokeRequest(serial=serial_of(visit.counter, visit.user), reason=RevocationReason.LEFT)
    visit.supervisor = a_supervisor(visit.counter.database)


def _wants_to_be_unblocked(visit: Visit) -> None:
    visit.reception_no = received(visit.counter, visit.user, Transaction.UNBLOCK).number
    visit.wanted = UnblockRequest(cause=UnblockCause.MISTYPED)
    visit.supervisor = a_supervisor(visit.counter.database)


def ask(visit: Visit) -> None:
    assert visit.wanted is not None
    visit.asked = visit.counter.approving.ask(visit.counter.actor, visit.reception_no, visit.wanted)


def approve(visit: Visit) -> None:
    assert visit.asked is not None
    assert visit.supervisor is not None
    approves(visit.counter, visit.asked, visit.supervisor)


def withdraw(visit: Visit) -> None:
    visit.counter.approving.withdraw(visit.counter.actor, visit.reception_no)


def revoke(visit: Visit) -> None:
    visit.counter.revoking.execute(visit.counter.actor, visit.reception_no)


def unblock(visit: Visit) -> None:
    visit.counter.unblocking.execute(visit.counter.actor, visit.reception_no)


def _revocation_is_asked(visit: Visit) -> None:
    _wants_it_revoked(visit)
    ask(visit)


def _revocation_is_approved(visit: Visit) -> None:
    _revocation_is_asked(visit)
    approve(visit)


def _unblocking_is_approved(visit: Visit) -> None:
    _wants_to_be_unblocked(visit)
    ask(visit)
    approve(visit)


PRESSES = (
    Press("ask to revoke", _wants_it_revoked, ask, a_holder),
    Press("approve", _revocation_is_asked, approve, a_holder),
    Press("withdraw", _revocation_is_approved, withdraw, a_holder),
    Press("revoke", _revocation_is_approved, revoke, a_holder),
    Press("unblock", _unblocking_is_approved, unblock, a_blocked_user),
)


@on_postgresql
@pytest.mark.rule("I-23", "I-17")
@pytest.mark.parametrize("press", PRESSES, ids=lambda one: one.name)
@pytest.mark.parametrize(("loses", "counts", "first", "stride"), PLACES)
def test_what_was_told_to_two_people_is_what_the_registry_shows(
    line: tuple[Line, str],
    behind_a_line: Counter,
    database: Database,
    press: Press,
    loses: Loses,
    counts: bytes,
    first: int,
    stride: int,
) -> None:
    lose_every(line[0], behind_a_line, database, press, (loses, counts, first, stride))

"""I-17, I-15: after kill -9 at any line of a revocation or an unblocking, what was approved is done or still to do."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from cryptography import x509

from db.database import Database, open_database
from db.tables import User
from kiosk.errors import ApprovalNeeded
from kiosk.rules.users import UserStatus
from tests.support.approvals import (
    Reception,
    a_revocation,
    an_unblocking,
    approved,
    serial_of,
    states_of,
)
from tests.support.builders import a_certificate, a_user
from tests.support.clock import MONDAY_MORNING, SteppedClock
from tests.support.counters import Counter, build_counter
from tests.support.killing import killed_at

THE_EXECUTION = (
    "kiosk.services.revoking",
    "kiosk.services._revoking",
    "kiosk.services.unblocking",
    "kiosk.services.publishing",
    "kiosk.pki.ca_files",
)
STRIDE = {"sqlite": 2, "postgresql": 6}
"""Every second line on SQLite, every sixth on PostgreSQL, where a try costs more: no two writes are that close."""


def _execute(url: str, folder: Path, clock: SteppedClock, counter: Counter, act: str, number: str) -> None:
    """In a process that has its own connections and its own signer."""
    with open_database(url) as database:
        own = build_counter(database, folder, clock, counter.actor)
        service = own.revoking if act == "revoke" else own.unblocking
        service.execute(own.actor, number)


def _listed(counter: Counter, serial: str) -> bool:
    crl = x509.load_pem_x509_crl((counter.crl / "crl.pem").read_bytes())
    return crl.get_revoked_certificate_by_serial_number(int(serial, 16)) is not None


def _killed_everywhere(
    counter: Counter,
    database: Database,
    folder: Path,
    act: str,
    approve: Callable[[], Reception],
    settled: Callable[[Reception, bool], None],
) -> set[bool]:
    """Kill at every line in turn; whether it was executed by then, of all places."""
    found: set[bool] = set()
    url = database.engine.url.render_as_string(hide_password=False)
    line, reached = 1, True
    while reached:
        reception = approve()
        reached = killed_at(
            line, THE_EXECUTION, partial(_execute, url, folder, counter.clock, counter, act, reception.number)
        )
        executed = states_of(database)[-1] == "executed"
        settled(reception, executed)
        found.add(executed)
        counter.clock.step(seconds=1)
        line += STRIDE[database.dialect]
    return found


@pytest.mark.timeout(600)
@pytest.mark.rule("I-17", "I-15")
def test_a_kill_at_any_line_of_a_revocation_loses_nothing_and_does_nothing_twice(
    counter: Counter, database: Database, tmp_path: Path
) -> None:
    def approve() -> Reception:
        user = a_user(database)
        a_certificate(database, user, issued_at=MONDAY_MORNING - timedelta(days=7))
        reception, request = a_revocation(counter, user)
        approved(counter, reception, request)
        return reception

    def settled(reception: Reception, executed: bool) -> None:
        serial = serial_of(counter, reception.user)
        if not executed:
            assert not _listed(counter, serial)
            assert counter.revoking.execute(counter.actor, reception.number).serial == serial
        counter.publishing.publish_due()
        assert _listed(counter, serial)
        done = counter.revoking.result(counter.actor, reception.number)
        assert done is not None
        assert done.published_crl_number is not None
        with pytest.raises(ApprovalNeeded):
            counter.revoking.execute(counter.actor, reception.number)

    assert _killed_everywhere(counter, database, tmp_path, "revoke", approve, settled) == {True, False}


@pytest.mark.timeout(600)
@pytest.mark.rule("I-17", "E-36")
def test_a_kill_at_any_line_of_an_unblocking_loses_nothing_and_does_nothing_twice(
    counter: Counter, database: Database, tmp_path: Path
) -> None:
    def approve() -> Reception:
        reception, request = an_unblocking(counter)
        approved(counter, reception, request)
        return reception

    def settled(reception: Reception, executed: bool) -> None:
        with database.reading() as session:
            status = session.get_one(User, reception.user.pk).status
        assert (status == UserStatus.ACTIVE) == executed
        if not executed:
            counter.unblocking.execute(counter.actor, reception.number)
        assert counter.unblocking.result(counter.actor, reception.number) is not None
        with pytest.raises(ApprovalNeeded):
            counter.unblocking.execute(counter.actor, reception.number)

    assert _killed_everywhere(counter, database, tmp_path, "unblock", approve, settled) == {True, False}

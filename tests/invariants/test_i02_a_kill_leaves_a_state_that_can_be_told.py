"""I-2: kill -9 at any line of an issue leaves nothing, a revoked certificate, or one that waits for its hand-over."""

from functools import partial

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs12
from sqlmodel import col, select

from db.database import Database
from db.tables import Case, Certificate, Delivery, JournalEntry, User
from kiosk.audit.events import EventTag
from tests.support.builders import PASSWORD, a_user
from tests.support.clock import SteppedClock
from tests.support.counters import Counter
from tests.support.killing import killed_at

THE_ISSUE = ("kiosk.services.counter.issuing", "kiosk.services.counter.delivering")
STARTS = 3
STRIDE = {"sqlite": STARTS, "postgresql": 3 * STARTS}
"""The three starts together cover every line on SQLite, and every third on PostgreSQL, where a try costs more."""


def issue(counter: Counter, reception_no: str, user: User) -> None:
    """Steps 4 to 7 by a program that may be killed."""
    counter.authenticates(reception_no, user)
    counter.delivers(counter.signs(reception_no))


def require_told(database: Database, counter: Counter, reception_no: str) -> str:
    """The registry knows what happened to this reception, and nothing on the stick is unknown to it."""
    with database.reading() as session:
        case = session.exec(select(Case).where(col(Case.reception_no) == reception_no)).one()
        rows = session.exec(select(Certificate).where(col(Certificate.case_pk) == case.pk)).all()
        known = set(session.exec(select(Certificate.serial)).all())
        intents = {
            entry.serial
            for entry in session.exec(
                select(JournalEntry).where(col(JournalEntry.tag) == EventTag.ISSUE_SIGNING)
            )
        }
        states = {row.state for row in rows}
        deliveries = [
            session.exec(select(Delivery).where(col(Delivery.certificate_pk) == row.pk)).one_or_none()
            for row in rows
        ]
    for file in counter.sticks.rglob("*.p12"):
        _, certificate, _ = pkcs12.load_key_and_certificates(file.read_bytes(), PASSWORD.encode())
        assert certificate is not None
        assert f"{certificate.serial_number:X}".zfill(36) in known
    assert {row.serial for row in rows} <= intents
    assert states <= {"voided", "revoked", "active"}
    if "active" in states:
        assert case.state == "delivered"
        assert deliveries[0] is not None
        assert deliveries[0].state == "verified"
    if "revoked" in states:
        crl = x509.load_pem_x509_crl((counter.crl / "crl.pem").read_bytes())
        assert crl.get_revoked_certificate_by_serial_number(int(rows[0].serial, 16)) is not None
    return "+".join(sorted(states)) or "nothing"


@pytest.mark.timeout(600)
@pytest.mark.rule("I-2", "I-4", "E-85")
@pytest.mark.parametrize("first", range(1, STARTS + 1))
def test_a_kill_at_any_line_of_an_issue_is_settled_at_the_next_start(
    counter: Counter, database: Database, clock: SteppedClock, first: int
) -> None:
    found: set[str] = set()
    line, reached = first, True
    while reached:
        user = a_user(database)
        reception_no = counter.opens_case(user).reception_no
        database.dispose()  # the child makes connections of its own
        reached = killed_at(line, THE_ISSUE, partial(issue, counter, reception_no, user))
        database.dispose()
        counter.recovering.recover()
        counter.recovering.recover()
        found.add(require_told(database, counter, reception_no))
        for stick in counter.sticks.iterdir():
            for file in stick.iterdir():
                file.unlink()
        clock.step(seconds=1)
        line += STRIDE[database.dialect]
    assert found == {"nothing", "voided", "revoked", "active"}

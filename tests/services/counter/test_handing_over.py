"""Steps 8 and 9, and what remains when they are not finished."""

import pytest
from cryptography import x509
from sqlmodel import select

from db.database import Database
from db.tables import Certificate, Delivery, Medium
from kiosk.errors import (
    BundleUnusable,
    CaseNotOpen,
    HandOverChecksOpen,
    StickNotEmpty,
    StickRemoved,
)
from kiosk.rules.deliveries import DeliveryState
from kiosk.services.views import HandOverCheck, NextStep
from tests.support.builders import a_user
from tests.support.counters import Counter

ALL = frozenset(HandOverCheck)


@pytest.mark.rule("R-81", "E-85")
def test_nothing_is_handed_over_before_every_check_is_made(counter: Counter, database: Database) -> None:
    ready = counter.issues(a_user(database))
    counter.delivers(ready)
    with pytest.raises(HandOverChecksOpen) as refused:
        counter.handing_over.hand_over(counter.actor, ready.reception_no, ALL - {HandOverCheck.RECEIPT})
    assert refused.value.missing == (HandOverCheck.RECEIPT,)


def test_the_receipt_names_medium_file_and_serial(counter: Counter, database: Database) -> None:
    ready = counter.issues(a_user(database))
    delivered = counter.delivers(ready)
    receipt = counter.handing_over.hand_over(counter.actor, ready.reception_no, ALL)
    assert (receipt.medium_no, receipt.file_name, receipt.serial, receipt.simulated) == (
        delivered.medium_no,
        delivered.file_name,
        delivered.serial,
        True,
    )
    with database.reading() as session:
        assert session.exec(select(Medium)).one().state == "handed_over"
        assert session.exec(select(Delivery)).one().state == DeliveryState.HANDED_OVER
    assert counter.handing_over.unfinished(counter.actor) == ()


@pytest.mark.rule("R-81", "E-85")
def test_what_is_verified_and_not_handed_over_waits_in_the_unfinished_list(
    counter: Counter, database: Database
) -> None:
    ready = counter.issues(a_user(database))
    counter.delivers(ready)
    (line,) = counter.handing_over.unfinished(counter.actor)
    assert (line.serial, line.next_step) == (ready.serial, NextStep.HAND_OVER)
    with pytest.raises(CaseNotOpen):
        counter.handing_over.give_up(counter.actor, ready.reception_no)


@pytest.mark.rule("E-84", "I-24")
def test_another_stick_takes_the_same_bundle(counter: Counter, database: Database) -> None:
    ready = counter.issues(a_user(database))
    gone = counter.stick()
    (counter.sticks / "stick-A").rmdir()
    with pytest.raises(StickRemoved):
        counter.delivering.deliver(counter.actor, ready, gone, counter.stages.append)
    (counter.sticks / "stick-B").mkdir()
    delivered = counter.delivers(ready)
    assert (counter.sticks / "stick-B" / delivered.file_name).read_bytes() == ready.p12
    with database.reading() as session:
        assert session.exec(select(Delivery)).one().tries == 2


@pytest.mark.rule("E-88")
def test_a_stick_that_holds_files_is_refused_before_the_issue(counter: Counter, database: Database) -> None:
    case = counter.opens_case(a_user(database))
    (counter.sticks / "stick-A" / "letter.txt").write_text("old")
    with pytest.raises(StickNotEmpty):
        counter.delivering.check_stick(counter.actor, case.reception_no, counter.stick())


@pytest.mark.rule("E-84", "E-85", "R-85")
def test_giving_up_revokes_at_once_and_the_crl_lists_it(counter: Counter, database: Database) -> None:
    ready = counter.issues(a_user(database))
    counter.issuing.abandon(counter.actor, ready)
    with database.reading() as session:
        certificate = session.exec(select(Certificate)).one()
        delivery = session.exec(select(Delivery)).one()
    assert (certificate.state, certificate.revocation_reason) == ("revoked", "undelivered")
    assert delivery.state == DeliveryState.VOIDED
    crl = x509.load_pem_x509_crl((counter.crl / "crl.pem").read_bytes())
    assert crl.get_revoked_certificate_by_serial_number(int(ready.serial, 16)) is not None


def test_the_customer_can_come_back_after_giving_up(counter: Counter, database: Database) -> None:
    user = a_user(database)
    counter.issuing.abandon(counter.actor, counter.issues(user))
    counter.clock.step(minutes=5)
    counter.delivers(counter.issues(user))


@pytest.mark.rule("E-83", "E-84")
def test_a_p12_that_does_not_open_is_revoked_and_no_other_stick_is_offered(
    counter: Counter, database: Database
) -> None:
    ready = counter.issues(a_user(database))
    counter.signer.discard(ready.handle)
    with pytest.raises(BundleUnusable):
        counter.delivers(ready)
    with database.reading() as session:
        assert session.exec(select(Certificate)).one().state == "revoked"
    with pytest.raises(CaseNotOpen):
        counter.delivers(ready)

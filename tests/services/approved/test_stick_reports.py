"""A stick that was lost, not opened or damaged: the report always succeeds, and says what follows (R-85)."""

from datetime import timedelta

import pytest
from sqlmodel import select

from db.database import Database
from db.tables import Certificate, Delivery, Medium, User
from kiosk.errors import CaseNotOpen, NothingSelected
from kiosk.rules.cases import CaseState
from kiosk.rules.deliveries import DeliveryState, StickReport
from kiosk.rules.operations import Transaction
from kiosk.rules.revocation import RevocationReason
from kiosk.services.approved.views import GiveUpRequest, RevokeRequest
from kiosk.services.views import NextStep, VisitorKind
from tests.support.approvals import Reception, approved, revokes, serial_of
from tests.support.builders import a_certificate, a_user, changed
from tests.support.clock import MONDAY_MORNING
from tests.support.counters import Counter, a_form
from tests.support.journal import told

MEANS = {
    StickReport.LOST: (RevocationReason.MEDIUM_LOST, DeliveryState.LOST),
    StickReport.UNOPENED: (RevocationReason.P12_UNOPENED, DeliveryState.DAMAGED),
    StickReport.DAMAGED: (RevocationReason.P12_UNOPENED, DeliveryState.DAMAGED),
}


def a_visit(counter: Counter, user: User, **form: object) -> str:
    """A reception whose user is chosen and nothing more."""
    case = counter.casework.open(counter.actor, a_form(**form))
    counter.casework.choose_user(counter.actor, case.reception_no, user.pk)
    return case.reception_no


def delivery_state(database: Database) -> str:
    """Of the only delivery there is."""
    with database.reading() as session:
        return session.exec(select(Delivery.state)).one()


@pytest.mark.rule("R-85", "R-12")
@pytest.mark.parametrize("report", StickReport)
def test_a_report_leads_to_a_revocation_and_a_reissue_in_the_same_reception(
    counter: Counter, database: Database, report: StickReport
) -> None:
    user = a_user(database)
    serial = serial_of(counter, user)
    number = a_visit(counter, user)
    told_back = counter.revoking.report_stick(counter.actor, number, serial, report)
    reason, state = MEANS[report]
    assert told_back.request == RevokeRequest(serial=serial, reason=reason, then_reissue=True)
    assert (told_back.ask_in, told_back.reissue) == (number, True)
    assert delivery_state(database) == state
    counter.casework.choose_transaction(counter.actor, number, Transaction.REVOKE)
    approved(counter, Reception(number=number, user=user), told_back.request)
    done = counter.revoking.execute(counter.actor, number)
    assert (done.reason, done.reissue) == (reason, Transaction.REISSUE)


@pytest.mark.rule("R-85")
@pytest.mark.parametrize("state", ["confirmed", "lost", "damaged"])
def test_a_report_succeeds_whatever_became_of_the_stick_before(
    counter: Counter, database: Database, state: str
) -> None:
    user = a_user(database)
    certificate = a_certificate(database, user)
    with database.transaction() as session:
        session.exec(select(Delivery)).one().state = state
    number = a_visit(counter, user)
    told_back = counter.revoking.report_stick(counter.actor, number, certificate.serial, StickReport.LOST)
    assert isinstance(told_back.request, RevokeRequest)
    assert delivery_state(database) == state
    assert told(database)[-1] == ("delivery:medium:reported", "done")


@pytest.mark.rule("R-85", "E-77", "E-78")
@pytest.mark.parametrize("gone", ["expired", "revoked"])
def test_a_report_about_a_certificate_that_logs_in_no_more_asks_for_nothing(
    counter: Counter, database: Database, gone: str
) -> None:
    user = a_user(database)
    if gone == "expired":
        serial = a_certificate(
            database, user, issued_at=MONDAY_MORNING - timedelta(days=366), slot=None
        ).serial
    else:
        serial = revokes(counter, user).serial
    number = a_visit(counter, user)
    told_back = counter.revoking.report_stick(counter.actor, number, serial, StickReport.LOST)
    assert (told_back.request, told_back.reissue) == (None, True)


@pytest.mark.rule("R-85", "E-96")
def test_a_proxy_may_report_and_the_reissue_waits_for_the_user(counter: Counter, database: Database) -> None:
    user = a_user(database)
    serial = serial_of(counter, user)
    number = a_visit(counter, user, visitor_kind=VisitorKind.PROXY)
    told_back = counter.revoking.report_stick(counter.actor, number, serial, StickReport.LOST)
    assert told_back.request == RevokeRequest(
        serial=serial, reason=RevocationReason.MEDIUM_LOST, then_reissue=False
    )


@pytest.mark.rule("R-81", "R-85", "E-85")
@pytest.mark.parametrize(("report", "state"), [(StickReport.LOST, "lost"), (StickReport.DAMAGED, "damaged")])
def test_a_verified_stick_that_breaks_at_the_counter_is_given_up_with_an_approval(
    counter: Counter, database: Database, report: StickReport, state: str
) -> None:
    user = a_user(database)
    ready = counter.issues(user)
    counter.delivers(ready)
    told_back = counter.revoking.report_stick(counter.actor, ready.reception_no, ready.serial, report)
    assert told_back.request == GiveUpRequest(outcome=DeliveryState(state))
    (line,) = counter.handing_over.unfinished(counter.actor)
    assert line.next_step is NextStep.REVOKE_WITH_APPROVAL
    with pytest.raises(CaseNotOpen):
        counter.hands_over(ready)
    approved(counter, Reception(number=ready.reception_no, user=user), told_back.request)
    done = counter.revoking.execute(counter.actor, ready.reception_no)
    assert (done.serial, done.reason) == (ready.serial, MEANS[report][0])
    assert counter.casework.case(counter.actor, ready.reception_no).state is CaseState.VOIDED
    assert delivery_state(database) == state
    with database.reading() as session:
        assert session.exec(select(Medium.state)).one() == "damaged"


@pytest.mark.rule("E-85")
def test_a_verified_stick_that_nobody_collects_is_given_up_with_an_approval(
    counter: Counter, database: Database
) -> None:
    user = a_user(database)
    ready = counter.issues(user)
    counter.delivers(ready)
    reception = Reception(number=ready.reception_no, user=user)
    approved(counter, reception, GiveUpRequest(outcome=DeliveryState.NOT_COLLECTED))
    done = counter.revoking.execute(counter.actor, ready.reception_no)
    assert done.reason is RevocationReason.UNDELIVERED
    assert delivery_state(database) == DeliveryState.NOT_COLLECTED


@pytest.mark.rule("E-84", "E-85")
def test_what_was_never_verified_on_a_stick_needs_no_approval(counter: Counter, database: Database) -> None:
    ready = counter.issues(a_user(database))
    told_back = counter.revoking.report_stick(
        counter.actor, ready.reception_no, ready.serial, StickReport.LOST
    )
    assert (told_back.request, told_back.give_up_at_once) == (None, True)
    counter.handing_over.give_up(counter.actor, ready.reception_no)
    with database.reading() as session:
        assert session.exec(select(Certificate.state)).one() == "revoked"


@pytest.mark.rule("E-76")
def test_a_report_is_about_a_certificate_of_the_user_at_the_counter(
    counter: Counter, database: Database
) -> None:
    stranger = a_certificate(database, a_user(database))
    number = a_visit(counter, a_user(database))
    with pytest.raises(NothingSelected):
        counter.revoking.report_stick(counter.actor, number, stranger.serial, StickReport.LOST)


def test_a_stick_from_a_certificate_without_a_delivery_is_reported_all_the_same(
    counter: Counter, database: Database
) -> None:
    """As in a registry that was taken over from another program."""
    user = a_user(database)
    certificate = a_certificate(database, user, state="voided", slot=None)
    changed(
        database,
        certificate,
        state="active",
        slot=0,
        der=b"0\x00",
        issued_at=MONDAY_MORNING,
    )
    number = a_visit(counter, user)
    told_back = counter.revoking.report_stick(counter.actor, number, certificate.serial, StickReport.LOST)
    assert isinstance(told_back.request, RevokeRequest)

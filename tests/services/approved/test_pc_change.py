"""PC change: one reception, two acts, one receipt; and what happens when the second act does not come (E-75)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from db.database import Database
from db.tables import Certificate, Medium
from kiosk.errors import (
    ApprovalNeeded,
    CaseNotOpen,
    KioskError,
    LiveCertificate,
    MasterBlocked,
    ProxyCannotReceive,
    SecondActOpen,
    StillLocked,
    UserBusyElsewhere,
)
from kiosk.rules.cases import CaseState
from kiosk.rules.deliveries import DeliveryState
from kiosk.rules.operations import Transaction
from kiosk.rules.revocation import RevocationReason
from kiosk.rules.shown import Effect
from kiosk.services.approved.views import GiveUpRequest, Revoked, RevokeRequest
from kiosk.services.views import HandOverCheck, NextStep, VisitorKind
from tests.support.approvals import Reception, a_revocation, approved, received, serial_of
from tests.support.builders import a_certificate, a_desk, a_medium, a_user
from tests.support.clock import MONDAY_MORNING
from tests.support.counters import Counter
from tests.support.jobs import jobs_of

PC_CHANGE: dict[str, Any] = {"reason": RevocationReason.PC_CHANGE, "then_reissue": True}
LONG_AGO = MONDAY_MORNING - timedelta(days=200)


def first_act(counter: Counter, **user: object) -> tuple[Reception, Revoked]:
    """The old certificate is revoked; the customer still stands at the counter."""
    customer = a_user(counter.database, **user)
    a_certificate(counter.database, customer, issued_at=LONG_AGO)
    reception, request = a_revocation(counter, customer, **PC_CHANGE)
    approved(counter, reception, request)
    return reception, counter.revoking.execute(counter.actor, reception.number)


def second_act(counter: Counter, reception: Reception) -> str:
    """Steps 4 to 8 in the same reception; the new serial."""
    medium = a_medium(counter.database, branch_pk=counter.actor.terminal.branch_pk)
    counter.casework.set_medium(counter.actor, reception.number, medium.medium_no, "新しいパソコン")
    counter.authenticates(reception.number, reception.user)
    ready = counter.signs(reception.number)
    counter.delivers(ready)
    return ready.serial


@pytest.mark.rule("E-75", "R-10", "R-12")
def test_a_change_of_pc_is_one_reception_with_two_acts_and_one_receipt(
    counter: Counter, database: Database
) -> None:
    reception, done = first_act(counter)
    assert done.reissue is Transaction.REISSUE
    serial = second_act(counter, reception)
    receipt = counter.handing_over.hand_over(counter.actor, reception.number, frozenset(HandOverCheck))
    assert (receipt.serial, receipt.revoked_serial, receipt.revoked_at) == (
        serial,
        done.serial,
        done.revoked_at,
    )
    assert counter.casework.case(counter.actor, reception.number).state is CaseState.DONE
    with database.reading() as session:
        states = dict(session.exec(select(Certificate.serial, Certificate.state)).all())
    assert states == {done.serial: "revoked", serial: "active"}


@pytest.mark.rule("E-75")
def test_the_warning_stands_before_the_approval(counter: Counter) -> None:
    reception, request = a_revocation(counter, **PC_CHANGE)
    shown = counter.approving.preview(counter.actor, reception.number, request)
    assert shown.effects == (
        Effect.CANNOT_BE_UNDONE,
        Effect.NO_LOGIN_UNTIL_REISSUE,
        Effect.REISSUE_FOLLOWS,
    )


@pytest.mark.rule("E-75")
def test_an_unfinished_change_of_pc_waits_with_its_next_step_and_can_be_resumed(
    counter: Counter, database: Database
) -> None:
    reception, done = first_act(counter)
    counter.clock.step(hours=3)
    (line,) = counter.handing_over.unfinished(counter.actor)
    assert (line.reception_no, line.next_step, line.revoked_serial) == (
        reception.number,
        NextStep.REISSUE,
        done.serial,
    )
    view = counter.casework.case(counter.actor, reception.number)
    assert (view.state, view.transaction, view.revoked_serial) == (
        CaseState.TRANSACTION_CHOSEN,
        Transaction.REISSUE,
        done.serial,
    )
    second_act(counter, reception)


@pytest.mark.rule("E-75")
def test_the_end_of_the_day_does_not_take_the_second_act_away(counter: Counter, database: Database) -> None:
    reception, _ = first_act(counter)
    left = counter.opens_case(a_user(database))
    counter.clock.step(days=1)
    jobs_of(a_desk(database, counter.clock)).run()
    states = {
        number: counter.casework.case(counter.actor, number).state
        for number in (reception.number, left.reception_no)
    }
    assert states == {
        reception.number: CaseState.TRANSACTION_CHOSEN,
        left.reception_no: CaseState.VOIDED,
    }
    second_act(counter, reception)


@pytest.mark.rule("E-75", "E-84")
def test_a_new_certificate_that_is_given_up_leaves_the_second_act_open(
    counter: Counter, database: Database
) -> None:
    reception, done = first_act(counter)
    medium = a_medium(database, branch_pk=counter.actor.terminal.branch_pk)
    counter.casework.set_medium(counter.actor, reception.number, medium.medium_no, "")
    counter.authenticates(reception.number, reception.user)
    counter.issuing.abandon(counter.actor, counter.signs(reception.number))
    (line,) = counter.handing_over.unfinished(counter.actor)
    assert (line.next_step, line.serial) == (NextStep.REISSUE, None)
    counter.clock.step(minutes=5)
    serial = second_act(counter, reception)
    receipt = counter.handing_over.hand_over(counter.actor, reception.number, frozenset(HandOverCheck))
    assert (receipt.serial, receipt.revoked_serial) == (serial, done.serial)


@pytest.mark.rule("E-75", "R-85")
def test_a_new_stick_that_breaks_before_the_hand_over_is_given_up_and_issued_again(
    counter: Counter, database: Database
) -> None:
    reception, done = first_act(counter)
    second_act(counter, reception)
    approved(counter, reception, GiveUpRequest(outcome=DeliveryState.DAMAGED))
    given_up = counter.revoking.execute(counter.actor, reception.number)
    told = counter.revoking.result(counter.actor, reception.number)
    assert told is not None
    assert (told.serial, told.approved_by) == (given_up.serial, given_up.approved_by)
    for file in counter.sticks.rglob("*.p12"):
        file.unlink()
    counter.clock.step(minutes=5)
    second_act(counter, reception)
    receipt = counter.handing_over.hand_over(counter.actor, reception.number, frozenset(HandOverCheck))
    assert receipt.revoked_serial == done.serial


@pytest.mark.rule("E-75", "E-85", "I-2")
@pytest.mark.parametrize("state", ["issuing", "code_ok"])
def test_a_crash_in_the_second_act_does_not_end_the_reception(
    counter: Counter, database: Database, state: str
) -> None:
    reception, _ = first_act(counter)
    medium = a_medium(database, branch_pk=counter.actor.terminal.branch_pk)
    counter.casework.set_medium(counter.actor, reception.number, medium.medium_no, "")
    counter.authenticates(reception.number, reception.user)
    if state == "issuing":
        counter.signs(reception.number)  # signed and stored, its key dies with the program
    counter.recovering.recover()
    (line,) = counter.handing_over.unfinished(counter.actor)
    assert line.next_step is NextStep.REISSUE
    counter.clock.step(minutes=5)
    second_act(counter, reception)


@pytest.mark.rule("E-75")
def test_without_the_second_act_the_reception_is_ended_and_stays_a_revocation(
    counter: Counter, database: Database
) -> None:
    reception, done = first_act(counter)
    medium = a_medium(database, branch_pk=counter.actor.terminal.branch_pk)
    counter.casework.set_medium(counter.actor, reception.number, medium.medium_no, "")
    counter.revoking.finish_without_reissue(counter.actor, reception.number)
    view = counter.casework.case(counter.actor, reception.number)
    assert (view.state, view.transaction) == (CaseState.DONE, Transaction.REVOKE)
    assert counter.handing_over.unfinished(counter.actor) == ()
    with database.reading() as session:
        assert session.exec(select(Medium.state)).all() == ["in_stock"]
    result = counter.revoking.result(counter.actor, reception.number)
    assert result is not None
    assert (result.serial, result.reissue) == (done.serial, None)
    counter.delivers(counter.issues(reception.user))  # a later visit, with a reception of its own


@pytest.mark.rule("E-75", "E-80")
def test_what_is_revoked_is_not_voided_away(counter: Counter, database: Database) -> None:
    reception, _ = first_act(counter)
    other = a_user(database)
    for way_back in (
        lambda: counter.casework.void(counter.actor, reception.number, "お客様の都合"),
        lambda: counter.casework.choose_user(counter.actor, reception.number, other.pk),
        lambda: counter.casework.choose_transaction(counter.actor, reception.number, Transaction.REVOKE),
    ):
        with pytest.raises(SecondActOpen):
            way_back()


def test_an_ordinary_reception_has_no_second_act_to_leave_out(counter: Counter) -> None:
    reception, _ = a_revocation(counter)
    with pytest.raises(CaseNotOpen):
        counter.revoking.finish_without_reissue(counter.actor, reception.number)


@pytest.mark.rule("E-75", "I-16", "I-17")
def test_one_approval_is_for_one_act(counter: Counter) -> None:
    reception, _ = first_act(counter)
    with pytest.raises(ApprovalNeeded):
        counter.revoking.execute(counter.actor, reception.number)


@pytest.mark.rule("E-75")
@pytest.mark.parametrize(
    ("user", "refusal"),
    [
        ({"status": "blocked", "lock_count": 3}, MasterBlocked),
        ({"lock_count": 1, "locked_until": MONDAY_MORNING + timedelta(minutes=40)}, StillLocked),
    ],
)
def test_a_change_of_pc_is_not_begun_when_its_second_act_would_fail(
    counter: Counter, user: dict[str, object], refusal: type[KioskError]
) -> None:
    reception, request = a_revocation(counter, a_user(counter.database, **user), **PC_CHANGE)
    with pytest.raises(refusal):
        counter.approving.ask(counter.actor, reception.number, request)


@pytest.mark.rule("E-75", "E-96")
def test_a_proxy_gets_the_revocation_and_not_the_new_certificate(
    counter: Counter, database: Database
) -> None:
    user = a_user(database)
    serial = serial_of(counter, user)
    reception = received(counter, user, Transaction.REVOKE, visitor_kind=VisitorKind.PROXY)
    request = RevokeRequest(serial=serial, reason=RevocationReason.PC_CHANGE, then_reissue=True)
    with pytest.raises(ProxyCannotReceive):
        counter.approving.ask(counter.actor, reception.number, request)


@pytest.mark.rule("E-75", "E-69")
def test_another_certificate_far_from_its_end_closes_the_door_to_the_second_act(
    counter: Counter, database: Database
) -> None:
    user = a_user(database)
    old = a_certificate(database, user, issued_at=MONDAY_MORNING - timedelta(days=350))
    a_certificate(database, user, slot=1)
    reception, request = a_revocation(counter, user, serial=old.serial, **PC_CHANGE)
    with pytest.raises(LiveCertificate):
        counter.approving.ask(counter.actor, reception.number, request)


@pytest.mark.rule("E-75", "E-73")
def test_with_an_old_certificate_in_its_window_the_second_act_is_a_renewal(
    counter: Counter, database: Database
) -> None:
    user = a_user(database)
    a_certificate(database, user, issued_at=MONDAY_MORNING - timedelta(days=350))
    new = a_certificate(database, user, slot=1)
    reception, request = a_revocation(counter, user, serial=new.serial, **PC_CHANGE)
    approved(counter, reception, request)
    done = counter.revoking.execute(counter.actor, reception.number)
    assert (done.reissue, done.another_stays) == (Transaction.RENEW, True)
    second_act(counter, reception)


@pytest.mark.rule("E-75", "E-90")
def test_an_issue_that_is_open_elsewhere_keeps_a_change_of_pc_from_beginning(
    counter: Counter, database: Database
) -> None:
    user = a_user(database)
    a_certificate(database, user, issued_at=MONDAY_MORNING - timedelta(days=350))
    counter.opens_case(user)
    reception, request = a_revocation(counter, user, **PC_CHANGE)
    with pytest.raises(UserBusyElsewhere):
        counter.approving.ask(counter.actor, reception.number, request)


@pytest.mark.rule("E-75", "E-90")
def test_a_second_change_of_pc_waits_for_the_reissue_of_the_first(counter: Counter) -> None:
    """Revoking what the first one has just issued opens its re-issue again, in its own reception."""
    reception, _ = first_act(counter)
    serial = second_act(counter, reception)
    again, request = a_revocation(counter, reception.user, serial=serial, **PC_CHANGE)
    with pytest.raises(UserBusyElsewhere):
        counter.approving.ask(counter.actor, again.number, request)
    alone = replace(request, then_reissue=False)
    approved(counter, again, alone)
    counter.revoking.execute(counter.actor, again.number)
    for file in counter.sticks.rglob("*.p12"):
        file.unlink()
    counter.clock.step(minutes=5)
    assert second_act(counter, reception) != serial

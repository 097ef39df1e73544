"""202: revoking by telephone, and what has to come in afterwards (DOMAIN decision 1)."""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from db.database import Database
from kiosk.errors import (
    AlreadyDecided,
    ApprovalNeeded,
    BadInput,
    CaseNotOpen,
    ChecksOpen,
    OutOfHours,
    OwnRequest,
    TransactionNotPossible,
)
from kiosk.rules.approvals import ApprovalState, ApprovalSubject
from kiosk.rules.next_actions import Reason
from kiosk.rules.operations import Transaction
from kiosk.rules.revocation import EMERGENCY_PAPER_DAYS, RevocationReason, approval_due, paper_due
from kiosk.rules.shown import Effect
from kiosk.rules.validity import jst_date
from kiosk.services.approved.views import (
    CallBackCheck,
    ConfirmEmergency,
    PhoneCall,
    Revoked,
    RevokeRequest,
)
from kiosk.services.overview.board import Boards
from kiosk.services.views import Channel, ReceptionCheck, VisitorKind
from tests.support.approvals import (
    Reception,
    a_supervisor,
    approved,
    approves,
    received,
    serial_of,
    signed_on,
)
from tests.support.builders import a_desk, a_user
from tests.support.clock import MONDAY_MORNING, SteppedClock
from tests.support.counters import Counter, a_form, build_counter
from tests.support.service_hours import WEEKDAYS

PAPER = frozenset({ReceptionCheck.FORM, ReceptionCheck.SEAL})


@pytest.fixture
def allowed(database: Database, tmp_path: Path, clock: SteppedClock) -> Iterator[Counter]:
    """A counter whose settings let one clerk revoke by phone."""
    built = build_counter(database, tmp_path, clock, emergency_by_one_clerk=True)
    yield built
    built.signer.close()


def a_call(**other: Any) -> PhoneCall:
    """A call that was called back as it should be."""
    values: dict[str, Any] = {
        "caller_name": "総務部 佐藤",
        "caller_kind": VisitorKind.PROXY,
        "called_back_at": MONDAY_MORNING - timedelta(minutes=3),
        "called_back_to": "総務部 代表 下4桁1234",
        "confirmed": frozenset(CallBackCheck),
        "operation_id": secrets.token_hex(16),
    }
    return PhoneCall(**values | other)


def called(counter: Counter) -> tuple[Reception, RevokeRequest]:
    """A reception by phone with 202 chosen, and what the caller wants."""
    user = a_user(counter.database)
    serial = serial_of(counter, user)
    call = a_call(called_back_at=counter.clock.now() - timedelta(minutes=3))
    case = counter.revoking.open_by_phone(counter.actor, call)
    counter.casework.choose_user(counter.actor, case.reception_no, user.pk)
    counter.casework.choose_transaction(counter.actor, case.reception_no, Transaction.EMERGENCY_REVOKE)
    request = RevokeRequest(serial=serial, reason=RevocationReason.PC_LOST)
    return Reception(number=case.reception_no, user=user), request


def executed(counter: Counter) -> tuple[Reception, Revoked]:
    """Revoked by one clerk."""
    reception, request = called(counter)
    return reception, counter.revoking.execute_emergency(counter.actor, reception.number, request)


def test_by_phone_one_clerk_revokes_at_once_where_the_setting_allows(allowed: Counter) -> None:
    _, done = executed(allowed)
    assert (done.revoked_at, done.approved_by) == (allowed.clock.now(), "")
    assert done.crl_published_at is not None
    assert done.follow_up is not None
    assert done.follow_up.approval_due == approval_due(allowed.clock.now())
    assert (
        done.follow_up.paper_due
        == paper_due(MONDAY_MORNING)
        == jst_date(MONDAY_MORNING) + timedelta(days=EMERGENCY_PAPER_DAYS)
    )


@pytest.mark.rule("I-16")
def test_where_the_setting_does_not_allow_it_two_people_are_needed_by_phone_as_well(counter: Counter) -> None:
    reception, request = called(counter)
    with pytest.raises(ApprovalNeeded):
        counter.revoking.execute_emergency(counter.actor, reception.number, request)
    approved(counter, reception, request)
    done = counter.revoking.execute(counter.actor, reception.number)
    assert done.approved_by
    assert done.follow_up is not None
    assert (done.follow_up.approval_due, done.follow_up.paper_due) == (None, paper_due(MONDAY_MORNING))


@pytest.mark.rule("I-16")
def test_201_is_never_executed_by_one_clerk(allowed: Counter) -> None:
    user = a_user(allowed.database)
    serial = serial_of(allowed, user)
    reception = received(allowed, user, Transaction.REVOKE)
    with pytest.raises(ApprovalNeeded):
        allowed.revoking.execute_emergency(
            allowed.actor, reception.number, RevokeRequest(serial=serial, reason=RevocationReason.PC_LOST)
        )


@pytest.mark.rule("I-16")
def test_a_supervisor_confirms_afterwards_and_not_the_clerk(allowed: Counter, database: Database) -> None:
    supervisor = a_supervisor(database)
    reception, done = executed(allowed)
    (waiting,) = allowed.approving.inbox(signed_on(allowed, supervisor))
    assert (waiting.shown.subject, waiting.shown.effects, waiting.shown.serial) == (
        ApprovalSubject.CONFIRM_EMERGENCY,
        (Effect.ALREADY_REVOKED,),
        done.serial,
    )
    assert waiting.shown.checks == ("call_back",)
    own = signed_on(allowed, supervisor)
    assert waiting.expires_at is None
    allowed.clock.step(days=2)
    assert approves(allowed, waiting, supervisor).state is ApprovalState.EXECUTED
    result = allowed.revoking.result(own, reception.number)
    assert result is not None
    assert result.approved_by == supervisor.staff_id
    with pytest.raises(AlreadyDecided):
        approves(allowed, waiting, supervisor)
    with pytest.raises(CaseNotOpen):
        allowed.approving.ask(allowed.actor, reception.number, ConfirmEmergency())


@pytest.mark.rule("I-16")
def test_who_revoked_by_phone_does_not_confirm_it(allowed: Counter, database: Database) -> None:
    boss = a_supervisor(database)
    allowed.actor = signed_on(allowed, boss)
    executed(allowed)
    (waiting,) = allowed.approving.inbox(allowed.actor)
    with pytest.raises(OwnRequest):
        approves(allowed, waiting, boss)


def test_a_rejected_confirmation_stays_open_and_can_be_asked_for_again(
    allowed: Counter, database: Database
) -> None:
    boss = signed_on(allowed, a_supervisor(database))
    reception, _ = executed(allowed)
    (waiting,) = allowed.approving.inbox(boss)
    allowed.approving.reject(boss, waiting.approval_pk, waiting.digest, "折返しの記録が不足")
    (line,) = allowed.revoking.follow_ups(allowed.actor)
    assert line.approval_due is not None
    again = allowed.approving.ask(allowed.actor, reception.number, ConfirmEmergency())
    allowed.approving.approve(boss, again.approval_pk, again.digest)
    (line,) = allowed.revoking.follow_ups(allowed.actor)
    assert line.approval_due is None


@pytest.mark.rule("I-16")
def test_who_revoked_by_phone_does_not_confirm_it_when_a_colleague_asks_again_either(
    allowed: Counter, database: Database
) -> None:
    clerk, boss, other = allowed.actor, a_supervisor(database), a_supervisor(database)
    allowed.actor = signed_on(allowed, boss)
    reception, _ = executed(allowed)
    (waiting,) = allowed.approving.inbox(allowed.actor)
    allowed.approving.reject(
        signed_on(allowed, other), waiting.approval_pk, waiting.digest, "折返しの記録が不足"
    )
    again = allowed.approving.ask(clerk, reception.number, ConfirmEmergency())
    assert again.shown.maker_id == boss.staff_id
    with pytest.raises(OwnRequest):
        approves(allowed, again, boss)
    assert approves(allowed, again, other).state is ApprovalState.EXECUTED


def test_what_is_not_in_is_open_on_the_board_and_overdue_after_its_day(
    allowed: Counter, database: Database
) -> None:
    board = Boards(desk=a_desk(database, allowed.clock))
    supervisor = a_supervisor(database)
    reception, _ = executed(allowed)

    def counts() -> tuple[int, int, int]:
        today = board.today(allowed.actor)
        return today.approvals_waiting, today.follow_ups, today.follow_ups_overdue

    assert counts() == (1, 1, 0)
    allowed.clock.jump(approval_due(MONDAY_MORNING) - timedelta(seconds=1))
    assert counts() == (1, 1, 0)
    allowed.clock.step(seconds=1)
    assert counts() == (1, 1, 1)
    approves(allowed, allowed.approving.inbox(signed_on(allowed, supervisor))[0], supervisor)
    assert counts() == (0, 1, 0)
    allowed.clock.step(days=EMERGENCY_PAPER_DAYS - 1)
    assert counts() == (0, 1, 0)
    allowed.clock.step(days=1)
    assert counts() == (0, 1, 1)
    (line,) = allowed.revoking.follow_ups(allowed.actor)
    assert line.overdue
    assert board.today(allowed.actor).paper_due == line.paper_due
    allowed.revoking.paper_received(allowed.actor, reception.number, "F000777", PAPER)
    assert counts() == (0, 0, 0)
    assert allowed.revoking.follow_ups(allowed.actor) == ()


def test_the_board_tells_until_when_the_first_approval_and_the_first_paper_are_due(
    allowed: Counter, database: Database
) -> None:
    board = Boards(desk=a_desk(database, allowed.clock))
    supervisor = a_supervisor(database)

    def due() -> tuple[datetime | None, date | None]:
        today = board.today(allowed.actor)
        return today.approval_due, today.paper_due

    assert due() == (None, None)
    executed(allowed)
    allowed.clock.step(days=2)
    later, _ = executed(allowed)
    later_day = MONDAY_MORNING + timedelta(days=2)
    assert due() == (approval_due(MONDAY_MORNING), paper_due(MONDAY_MORNING))
    approves(allowed, allowed.approving.inbox(signed_on(allowed, supervisor))[0], supervisor)
    assert due() == (approval_due(later_day), paper_due(MONDAY_MORNING))
    allowed.revoking.paper_received(allowed.actor, later.number, "F000777", PAPER)
    assert due() == (approval_due(later_day), paper_due(MONDAY_MORNING))


@pytest.mark.rule("E-96")
def test_the_paper_counts_once_form_and_seal_are_checked(allowed: Counter) -> None:
    reception, _ = executed(allowed)
    with pytest.raises(ChecksOpen) as refused:
        allowed.revoking.paper_received(
            allowed.actor, reception.number, "F000777", frozenset({ReceptionCheck.FORM})
        )
    assert refused.value.missing == (ReceptionCheck.SEAL,)
    line = allowed.revoking.paper_received(allowed.actor, reception.number, "F000777", PAPER)
    assert (line.paper_due, line.approval_due is None) == (None, False)
    with pytest.raises(CaseNotOpen):
        allowed.revoking.paper_received(allowed.actor, reception.number, "F000777", PAPER)


def test_the_paper_coming_in_does_not_change_what_is_to_be_confirmed(
    allowed: Counter, database: Database
) -> None:
    supervisor = a_supervisor(database)
    reception, _ = executed(allowed)
    allowed.revoking.paper_received(allowed.actor, reception.number, "F000777", PAPER)
    (waiting,) = allowed.approving.inbox(signed_on(allowed, supervisor))
    assert approves(allowed, waiting, supervisor).state is ApprovalState.EXECUTED
    assert allowed.revoking.follow_ups(allowed.actor) == ()


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"caller_name": " "}, "caller_name"),
        ({"called_back_to": ""}, "called_back_to"),
        ({"called_back_at": MONDAY_MORNING + timedelta(minutes=1)}, "called_back_at"),
        ({"called_back_at": MONDAY_MORNING - timedelta(hours=13)}, "called_back_at"),
    ],
)
def test_a_call_that_was_not_called_back_is_not_taken(
    counter: Counter, other: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadInput) as refused:
        counter.revoking.open_by_phone(counter.actor, a_call(**other))
    assert refused.value.field == field


@pytest.mark.parametrize("missing", CallBackCheck)
def test_both_checks_of_the_call_back_are_needed(counter: Counter, missing: CallBackCheck) -> None:
    with pytest.raises(ChecksOpen) as refused:
        counter.revoking.open_by_phone(counter.actor, a_call(confirmed=frozenset(CallBackCheck) - {missing}))
    assert refused.value.missing == (missing,)


def test_a_call_after_hours_waits_for_the_morning_like_the_web_system(counter: Counter) -> None:
    """Nobody can log in meanwhile: the web system is closed in the same hours."""
    desk = replace(counter.revoking, hours=WEEKDAYS)
    counter.clock.jump(MONDAY_MORNING + timedelta(hours=10))
    with pytest.raises(OutOfHours) as refused:
        desk.open_by_phone(counter.actor, a_call(called_back_at=counter.clock.now()))
    assert (refused.value.opens, refused.value.closes) == ("08:00", "20:00")
    counter.clock.jump(MONDAY_MORNING + timedelta(hours=22))
    assert desk.open_by_phone(counter.actor, a_call(called_back_at=counter.clock.now())).reception_no


def test_pressing_twice_takes_one_call(counter: Counter) -> None:
    call = a_call()
    first = counter.revoking.open_by_phone(counter.actor, call)
    assert counter.revoking.open_by_phone(counter.actor, call).reception_no == first.reception_no


@pytest.mark.rule("E-96")
@pytest.mark.parametrize(
    ("by_phone", "transaction", "reason"),
    [
        (True, Transaction.REVOKE, Reason.NOT_BY_PHONE),
        (True, Transaction.UNBLOCK, Reason.NOT_BY_PHONE),
        (True, Transaction.REISSUE, Reason.NOT_BY_PHONE),
        (False, Transaction.EMERGENCY_REVOKE, Reason.ONLY_BY_PHONE),
    ],
)
def test_a_call_is_for_202_and_202_for_a_call(
    counter: Counter, database: Database, by_phone: bool, transaction: Transaction, reason: Reason
) -> None:
    user = a_user(database)
    serial_of(counter, user)
    actor = counter.actor
    case = (
        counter.revoking.open_by_phone(actor, a_call())
        if by_phone
        else counter.casework.open(actor, a_form())
    )
    counter.casework.choose_user(actor, case.reception_no, user.pk)
    with pytest.raises(TransactionNotPossible) as refused:
        counter.casework.choose_transaction(actor, case.reception_no, transaction)
    assert refused.value.reason == reason


def test_a_phone_reception_without_a_call_back_revokes_nothing(allowed: Counter, database: Database) -> None:
    user = a_user(database)
    serial = serial_of(allowed, user)
    reception = received(allowed, user, Transaction.EMERGENCY_REVOKE, channel=Channel.PHONE)
    with pytest.raises(ChecksOpen):
        allowed.revoking.execute_emergency(
            allowed.actor, reception.number, RevokeRequest(serial=serial, reason=RevocationReason.PC_LOST)
        )


@pytest.mark.rule("E-75")
def test_nobody_is_issued_a_certificate_by_phone(allowed: Counter) -> None:
    reception, request = called(allowed)
    with pytest.raises(TransactionNotPossible) as refused:
        allowed.revoking.execute_emergency(
            allowed.actor,
            reception.number,
            RevokeRequest(serial=request.serial, reason=request.reason, then_reissue=True),
        )
    assert refused.value.reason == Reason.NOT_BY_PHONE

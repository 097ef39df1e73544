"""Every cell of role, kind and state of user, and transaction, through the services (`tests.support.allowed`)."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import product

import pytest

from db.database import Database
from kiosk.errors import ApprovalNeeded, KioskError
from kiosk.rules.next_actions import MESSAGE_CODES
from kiosk.rules.operations import Transaction
from kiosk.rules.roles import StaffRole
from kiosk.services.acting import Actor
from kiosk.services.approved.views import CallBackCheck, PhoneCall
from kiosk.services.views import CaseView, NextStep, VisitorKind
from tests.support.allowed import (
    COLUMNS,
    SERVING,
    SITUATIONS,
    Cell,
    a_user_in,
    cells,
    phone_lines,
    refused_staff,
)
from tests.support.approvals import signed_on
from tests.support.builders import a_branch, a_staff, an_organization
from tests.support.clock import MONDAY_MORNING
from tests.support.counters import Counter, a_form

LINES = sorted({(cell.user_role, cell.situation) for cell in cells()})
EXECUTED = (Transaction.REVOKE, Transaction.EMERGENCY_REVOKE, Transaction.UNBLOCK)


def answer_of(work: Callable[[], object]) -> str:
    """ok, or the code of the message."""
    try:
        work()
    except KioskError as refused:
        return refused.code
    return "ok"


def begun(counter: Counter, actor: Actor, transaction: Transaction) -> CaseView:
    """Step 1, as this transaction begins: with a call that was called back, or with a form."""
    if transaction is Transaction.EMERGENCY_REVOKE:
        return counter.revoking.open_by_phone(actor, a_call())
    return counter.casework.open(actor, a_form())


def a_call() -> PhoneCall:
    """A call that was called back as it should be."""
    return PhoneCall(
        caller_name="総務部 佐藤",
        caller_kind=VisitorKind.PROXY,
        called_back_at=MONDAY_MORNING - timedelta(minutes=3),
        called_back_to="総務部 下4桁1234",
        confirmed=frozenset(CallBackCheck),
        operation_id=secrets.token_hex(16),
    )


def chosen(counter: Counter, actor: Actor, user_pk: int, transaction: Transaction) -> tuple[str, str]:
    """Steps 1 to 3 for this operator: the reception, and the answer of step 3."""
    case = begun(counter, actor, transaction)
    counter.casework.choose_user(actor, case.reception_no, user_pk)
    return case.reception_no, answer_of(
        lambda: counter.casework.choose_transaction(actor, case.reception_no, transaction)
    )


def test_the_table_has_every_cell_once() -> None:
    told = [(cell.user_role, cell.situation, cell.transaction) for cell in cells()]
    assert len(set(told)) == len(told)
    assert set(told) == set(product(("master", "general"), SITUATIONS, map(Transaction, COLUMNS)))


@pytest.mark.rule(
    "R-16",
    "R-31",
    "R-32",
    "R-50",
    "R-52",
    "R-54",
    "E-30",
    "E-37",
    "E-38",
    "E-39",
    "E-69",
    "E-73",
    "E-77",
    "I-10",
)
@pytest.mark.parametrize(("user_role", "situation"), LINES)
def test_every_cell_is_answered_as_the_table_says(
    counter: Counter, database: Database, user_role: str, situation: str
) -> None:
    """To choose it, and on the card; and allowed to begin is not allowed to do."""
    line = [cell for cell in cells() if (cell.user_role, cell.situation) == (user_role, situation)]
    for staff_role, cell in product(SERVING, line):
        actor = signed_on(counter, a_staff(database, role=staff_role))
        user = a_user_in(database, user_role, situation)
        number, answer = chosen(counter, actor, user.pk, cell.transaction)
        assert (cell.transaction, answer) == (cell.transaction, cell.answer)
        assert (cell.transaction, on_the_card(counter, actor, number, cell)) == (
            cell.transaction,
            cell.answer,
        )
        if cell.allowed and cell.transaction in EXECUTED:
            assert answer_of(partial(executes, counter, actor, number, cell)) == ApprovalNeeded.code


def on_the_card(counter: Counter, actor: Actor, number: str, cell: Cell) -> str:
    """What 「いまできること」 says of the same transaction."""
    card = counter.casework.case(actor, number).card
    assert card is not None
    action = next(each for each in card.next_actions if each.transaction is cell.transaction)
    return "ok" if action.reason is None else MESSAGE_CODES[action.reason]


def executes(counter: Counter, actor: Actor, number: str, cell: Cell) -> object:
    """The act itself, without anybody's approval."""
    if cell.transaction is Transaction.UNBLOCK:
        return counter.unblocking.execute(actor, number)
    return counter.revoking.execute(actor, number)


@pytest.mark.rule("I-10")
@pytest.mark.parametrize("role", [StaffRole.AUDITOR, StaffRole.ADMINISTRATOR])
@pytest.mark.parametrize("number", COLUMNS)
def test_who_looks_or_keeps_the_settings_serves_nobody(
    counter: Counter, database: Database, role: StaffRole, number: str
) -> None:
    expected = refused_staff()[role.value][Transaction(number)]
    actor = signed_on(counter, a_staff(database, role=role))
    user = a_user_in(database, "master", "blocked+valid")
    assert answer_of(lambda: begun(counter, actor, Transaction(number))) == expected
    by_clerk = counter.casework.open(counter.actor, a_form())
    counter.casework.choose_user(counter.actor, by_clerk.reception_no, user.pk)
    assert (
        answer_of(
            lambda: counter.casework.choose_transaction(actor, by_clerk.reception_no, Transaction(number))
        )
        == expected
    )
    for execute in (counter.revoking.execute, counter.unblocking.execute):
        assert answer_of(partial(execute, actor, by_clerk.reception_no)) == expected


@pytest.mark.rule("E-94")
@pytest.mark.parametrize("number", COLUMNS)
def test_the_users_of_another_branch_are_sent_there(
    counter: Counter, database: Database, number: str
) -> None:
    expected = refused_staff()["other branch"][Transaction(number)]
    there = a_branch(database, "034")
    an_organization(database, "7654321", branch_pk=there.pk)
    user = a_user_in(database, "master", "blocked+valid")
    with database.transaction() as session:
        session.merge(user).branch_pk = there.pk
    case = begun(counter, counter.actor, Transaction(number))
    assert (
        answer_of(lambda: counter.casework.choose_user(counter.actor, case.reception_no, user.pk)) == expected
    )


@pytest.mark.rule("E-96")
@pytest.mark.parametrize(
    ("line", "transaction"),
    [(line, transaction) for line, answers in phone_lines().items() for transaction in answers],
)
def test_a_call_is_for_one_transaction(
    counter: Counter, database: Database, line: str, transaction: Transaction
) -> None:
    user = a_user_in(database, "master", "valid")
    case = (
        counter.revoking.open_by_phone(counter.actor, a_call())
        if line == "by phone"
        else counter.casework.open(counter.actor, a_form())
    )
    counter.casework.choose_user(counter.actor, case.reception_no, user.pk)
    answer = answer_of(
        lambda: counter.casework.choose_transaction(counter.actor, case.reception_no, transaction)
    )
    assert answer == phone_lines()[line][transaction]


def test_what_waits_for_a_supervisor_is_seen_by_every_clerk_of_the_branch(
    counter: Counter, database: Database
) -> None:
    user = a_user_in(database, "master", "blocked")
    number, _ = chosen(counter, counter.actor, user.pk, Transaction.UNBLOCK)
    colleague = replace(signed_on(counter, a_staff(database)), session=secrets.token_hex(16))
    (line,) = counter.handing_over.unfinished(colleague)
    assert (line.reception_no, line.next_step, line.transaction) == (
        number,
        NextStep.RESUME_OR_VOID,
        Transaction.UNBLOCK,
    )

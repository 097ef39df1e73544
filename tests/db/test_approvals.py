"""What the registry itself refuses about approvals, whatever the code above it does."""

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Session

from db.database import Database, is_unique_violation
from db.queries import approvals
from db.tables import Approval
from db.tables.approval import ONE_EXECUTED, ONE_LIVE_APPROVAL
from db.tables.words import APPROVAL_STATE
from kiosk.rules.approvals import ApprovalState, may_move
from tests.support.databases import on_postgresql
from tests.support.rows import NOW, Rows

ONCE = "decided once and executed once"

WAYS = {
    "asked": (),
    "approved": ("approved",),
    "rejected": ("rejected",),
    "withdrawn": ("withdrawn",),
    "void": ("void",),
    "expired": ("expired",),
    "executed": ("approved", "executed"),
}
"""How a request gets into each state."""


def brought_to(session: Session, row: Approval, *states: str, checker_pk: int) -> None:
    """Move a request on, with everything that a state needs."""
    for state in states:
        if state in {"approved", "rejected"}:
            row.checker_pk, row.checker_person, row.decided_at = checker_pk, "P-checker", NOW
        row.reject_reason = "印影が相違" if state == "rejected" else row.reject_reason
        row.executed_at = NOW if state == "executed" else row.executed_at
        row.state = state
        session.flush()


def refusal_of(work: Callable[[], object]) -> DBAPIError | None:
    """What the registry answers; None when it takes it."""
    try:
        work()
    except DBAPIError as refused:
        return refused
    return None


@pytest.mark.rule("I-16", "I-17")
@pytest.mark.parametrize(("before", "after"), list(product(APPROVAL_STATE, APPROVAL_STATE)))
def test_the_registry_allows_exactly_the_moves_of_the_rules(
    database: Database, before: str, after: str
) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        row, checker = rows.approval(), rows.staff(role="supervisor")
        brought_to(session, row, *WAYS[before], checker_pk=checker.pk)

    def go_on() -> None:
        with database.transaction() as session:
            kept = session.get_one(Approval, row.pk)
            kept.wrong_sign_ons += 1
            brought_to(session, kept, after, checker_pk=checker.pk)

    refused = refusal_of(go_on)
    counted = before == after == "asked"
    assert (refused is None) == (counted or may_move(ApprovalState(before), ApprovalState(after)))
    assert refused is None or ONCE in str(refused.orig)


@pytest.mark.rule("I-16")
@pytest.mark.parametrize("same", ["the row", "the person"])
def test_maker_and_checker_are_two_rows_and_two_people(database: Database, same: str) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        row, other = rows.approval(), rows.staff(role="supervisor")
    change = {
        "checker_pk": row.maker_pk if same == "the row" else other.pk,
        "checker_person": "P-checker" if same == "the row" else row.maker_person,
        "state": "approved",
        "decided_at": NOW,
    }
    with pytest.raises(IntegrityError, match="four_eyes"), database.transaction() as session:
        session.get_one(Approval, row.pk).sqlmodel_update(change)


@pytest.mark.rule("I-17")
@pytest.mark.parametrize(
    "change",
    [
        {"digest": "f" * 64},
        {"shown": '{"reason":"other"}'},
        {"request": '{"serial":"02"}'},
        {"subject": "unblock"},
        {"maker_person": "P-other"},
    ],
    ids=str,
)
def test_what_was_asked_is_not_rewritten(database: Database, change: dict[str, Any]) -> None:
    with database.transaction() as session:
        row = Rows(session).approval()
    with pytest.raises(DBAPIError, match=ONCE), database.transaction() as session:
        session.get_one(Approval, row.pk).sqlmodel_update(change)


@pytest.mark.rule("I-16")
def test_another_checker_is_not_put_under_an_approval(database: Database) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        row = rows.approval()
        brought_to(session, row, "approved", checker_pk=rows.staff(role="supervisor").pk)
        other = rows.staff(role="supervisor")
    executed = {"state": "executed", "executed_at": NOW, "checker_pk": other.pk}
    with pytest.raises(DBAPIError, match=ONCE), database.transaction() as session:
        session.get_one(Approval, row.pk).sqlmodel_update(executed)


def test_a_request_is_never_deleted(database: Database) -> None:
    with database.transaction() as session:
        row = Rows(session).approval()
    with pytest.raises(DBAPIError, match=f"{ONCE}|append-only"), database.transaction() as session:
        session.delete(session.get_one(Approval, row.pk))


@pytest.mark.rule("I-17")
def test_a_reception_has_one_live_request(database: Database) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        case = rows.case()
        rows.approval(case_pk=case.pk)
    with pytest.raises(IntegrityError) as refused, database.transaction() as session:
        Rows(session, first=50).approval(case_pk=case.pk)
    assert is_unique_violation(refused.value, ONE_LIVE_APPROVAL)


@pytest.mark.rule("I-17")
@pytest.mark.parametrize(("subject", "twice"), [("revoke", False), ("unblock", False), ("issue", True)])
def test_one_act_is_executed_once_in_a_reception(database: Database, subject: str, twice: bool) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        case, checker = rows.case(), rows.staff(role="supervisor")
        first = rows.approval(case_pk=case.pk, subject=subject)
        brought_to(session, first, "approved", "executed", checker_pk=checker.pk)

    def once_more() -> None:
        with database.transaction() as session:
            second = Rows(session, first=50).approval(case_pk=case.pk, subject=subject)
            brought_to(session, second, "approved", "executed", checker_pk=checker.pk)

    refused = refusal_of(once_more)
    assert (refused is None) == twice
    assert refused is None or is_unique_violation(refused, ONE_EXECUTED)


@pytest.mark.rule("I-17")
@pytest.mark.parametrize("state", WAYS)
def test_the_last_request_is_the_live_one_as_long_as_something_may_come_of_it(
    database: Database, state: str
) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        row, checker = rows.approval(), rows.staff(role="supervisor")
        brought_to(session, row, *WAYS[state], checker_pk=checker.pk)
        newest = approvals.newest_of_case(session, row.case_pk)
        live = approvals.live_of_case_for_update(session, row.case_pk)
        assert newest is row
        assert live is (row if state in {"asked", "approved"} else None)
        assert approvals.live_of_case_for_update(session, row.case_pk, newest) is live


@on_postgresql
@pytest.mark.rule("I-17")
def test_what_was_decided_elsewhere_meanwhile_is_seen_under_the_lock(database: Database) -> None:
    with database.transaction() as session:
        case_pk = Rows(session).approval().case_pk
    with database.transaction() as here:
        newest = approvals.newest_of_case(here, case_pk)
        assert newest is not None
        with database.transaction() as elsewhere:
            withdrawn = approvals.live_of_case_for_update(elsewhere, case_pk)
            assert withdrawn is not None
            withdrawn.state = "withdrawn"
        assert newest.state == "asked"
        assert approvals.live_of_case_for_update(here, case_pk, newest) is None

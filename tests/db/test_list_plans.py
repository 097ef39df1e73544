"""The lists of ends read a branch, a page or a month of a large registry, and never all of it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session

from db.database import Database
from db.queries import expiring, issues
from db.queries.expiring import Place, Wanted
from tests.support.databases import on_sqlite

TODAY = date(2026, 3, 2)
WINDOW = Wanted(first=TODAY, last=TODAY + timedelta(days=30))
BEHIND = Place("K000001", TODAY, 7)

Ask = Callable[[Session], Any]


def plan_of(database: Database, ask: Ask) -> list[str]:
    """How SQLite means to answer the last statement of `ask`."""
    asked: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    event.listen(database.looking, "before_cursor_execute", hear)
    try:
        with database.reading() as session:
            ask(session)
            statement, parameters = asked[-1]
            explained = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            return [row[3] for row in explained]
    finally:
        event.remove(database.looking, "before_cursor_execute", hear)


@on_sqlite
@pytest.mark.parametrize(
    "ask",
    [
        lambda session: expiring.page(session, WINDOW, 1, None, 500),
        lambda session: expiring.page(session, WINDOW, 1, BEHIND, 500),
        lambda session: expiring.page(session, WINDOW, None, None, 500),
        lambda session: expiring.by_day(session, WINDOW, 1),
        lambda session: expiring.by_organization(session, WINDOW, 1),
    ],
    ids=["page", "next page", "page of all", "by day", "by organization"],
)
def test_a_branch_is_read_organization_by_organization(database: Database, ask: Ask) -> None:
    plan = plan_of(database, ask)

    assert not any(step.startswith(("SCAN u", "SCAN c")) for step in plan), plan
    assert any("ix_certificates_user_pk_state_last_valid_date" in step for step in plan), plan


@on_sqlite
def test_all_branches_together_are_read_by_the_days_that_are_asked_for(database: Database) -> None:
    plan = plan_of(database, lambda session: expiring.by_day(session, WINDOW, None))

    assert any("ix_certificates_state_last_valid_date_user_pk" in step for step in plan), plan


@on_sqlite
@pytest.mark.rule("R-51")
def test_locks_that_nobody_was_told_of_are_found_without_reading_every_user(database: Database) -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)

    plan = plan_of(
        database,
        lambda session: issues.locked_without_letter(
            session, ended_after=now - timedelta(days=1), charged_by=now - timedelta(minutes=1)
        ),
    )

    assert not any(step.startswith("SCAN customers") for step in plan), plan
    assert any("ix_customers_status" in step for step in plan), plan
    assert any("ix_customers_locked_until" in step for step in plan), plan

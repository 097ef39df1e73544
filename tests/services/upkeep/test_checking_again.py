"""The self-check comes again: every hour, and every minute while something keeps the issue closed."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from db.database import Database
from db.migrations.running import newest_revision
from kiosk.pki.ca_files import CRL_DER
from kiosk.services.upkeep import checking
from kiosk.services.upkeep.checking import Check, SelfCheck
from tests.support.clock import SteppedClock
from tests.support.faults import full_journal
from tests.support.journal import told


@contextmanager
def of_another_release(database: Database) -> Iterator[None]:
    """Somebody has upgraded the registry while this terminal runs, for a while."""
    here = newest_revision()
    for version in ("9999", here):
        with database.transaction() as session:
            session.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
        if version != here:
            yield


def test_it_runs_again_by_itself_every_hour(
    self_check: SelfCheck, database: Database, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "_weak_settings", lambda _: ())  # those of the tests close the issue
    self_check.run()
    with of_another_release(database):
        clock.step(minutes=59, seconds=59)
        self_check.run_when_due()
        assert Check.SCHEMA not in self_check.closed_by()
        clock.step(seconds=1)
        self_check.run_when_due()
        assert Check.SCHEMA in self_check.closed_by()


def test_while_it_keeps_the_issue_closed_it_looks_every_minute(
    self_check: SelfCheck, database: Database, clock: SteppedClock
) -> None:
    with of_another_release(database):
        self_check.run()
    clock.step(seconds=59)
    self_check.run_when_due()
    assert Check.SCHEMA in self_check.closed_by()
    clock.step(seconds=1)
    self_check.run_when_due()
    assert Check.SCHEMA not in self_check.closed_by()


def test_only_what_failed_is_looked_at_every_minute_and_everything_before_the_issue_opens(
    self_check: SelfCheck, database: Database, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "_weak_settings", lambda _: ())  # those of the tests close the issue

    published, hidden = self_check.crl_folder / CRL_DER, self_check.crl_folder / "elsewhere"

    def a_minute_later() -> set[str]:
        clock.step(minutes=1)
        self_check.run_when_due()
        return set(self_check.closed_by())

    with of_another_release(database):
        self_check.run()
        published.rename(hidden)
        assert a_minute_later() == {Check.SCHEMA}
    assert a_minute_later() == {Check.CRL}
    hidden.rename(published)
    assert a_minute_later() == set()


def test_everything_is_looked_at_every_hour_while_the_issue_is_closed_as_well(
    self_check: SelfCheck, database: Database, clock: SteppedClock
) -> None:
    with of_another_release(database):
        self_check.run()
        (self_check.crl_folder / CRL_DER).unlink()
        for _ in range(59):
            clock.step(minutes=1)
            self_check.run_when_due()
        assert Check.CRL not in self_check.closed_by()
        clock.step(minutes=1)
        self_check.run_when_due()
        assert {Check.SCHEMA, Check.CRL} <= set(self_check.closed_by())


@pytest.mark.rule("I-12")
def test_the_journal_is_told_of_a_change_and_not_of_every_round(
    self_check: SelfCheck, database: Database, clock: SteppedClock
) -> None:
    def rounds(count: int) -> list[tuple[str, str]]:
        before = len(told(database))
        for _ in range(count):
            clock.step(hours=1)
            self_check.run_when_due()
        return told(database)[before:]

    self_check.run()
    as_ever = told(database)[-1]
    assert rounds(3) == []
    with of_another_release(database):
        assert rounds(3) == [("system:self_check:failed", "failed")]
    assert rounds(3) == [as_ever]


@pytest.mark.rule("I-12")
def test_what_the_journal_did_not_take_is_told_by_the_next_round(
    self_check: SelfCheck, database: Database, clock: SteppedClock
) -> None:
    with full_journal(database):
        self_check.run()
    before = len(told(database))
    clock.step(hours=1)
    self_check.run_when_due()
    assert len(told(database)) == before + 1

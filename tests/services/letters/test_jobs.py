"""The jobs that nobody starts: old codes and receptions, lists, checkpoints; and the threads that run them."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlmodel import select

from db.database import Database
from db.queries import journal as journal_queries
from db.tables import Case, CrlState, LockEvent, Medium, Notice, VerificationCode
from kiosk.audit.events import EventTag
from kiosk.audit.keeping import CheckpointFile
from kiosk.audit.trail import Trail
from kiosk.errors import DatabaseUnavailable
from kiosk.services.desk.guard import Desk
from kiosk.services.letters.notices import Notices
from kiosk.services.upkeep import chores as chores_module
from kiosk.services.upkeep.chores import Chores
from kiosk.services.upkeep.jobs import Done, Job, Jobs
from tests.support.builders import a_case, a_medium, a_user, stored
from tests.support.clock import SteppedClock
from tests.support.counters import Counter
from tests.support.jobs import jobs_of
from tests.support.journal import journal_of
from tests.support.journal import told as journal_told
from tests.support.mailing import Pile, notices_of, queued, states
from tests.support.statements import counted_statements

VOIDED = ("case:reception:voided", "done")


def told(database: Database) -> list[tuple[str, str]]:
    """The journal, but for the list that a locked key keeps from being published."""
    return [line for line in journal_told(database) if line[0] != "ca:crl:failed"]


def of(done: tuple[Done, ...], job: Job) -> Done:
    return next(one for one in done if one.job is job)


def a_code_of(database: Database, clock: SteppedClock, **other: Any) -> VerificationCode:
    user = a_user(database)
    case = a_case(database, user, state="password_ok")
    values: dict[str, Any] = {
        "case_pk": case.pk,
        "user_pk": user.pk,
        "session": "session",
        "code_hmac": bytes(32),
        "created_at": clock.now(),
        "expires_at": clock.now() + timedelta(minutes=30),
    }
    return stored(database, VerificationCode(**values | other))


@pytest.mark.rule("E-51", "E-54")
def test_a_code_is_put_away_some_time_after_its_end(desk: Desk, clock: SteppedClock) -> None:
    code = a_code_of(desk.database, clock)
    clock.step(minutes=90, seconds=-1)
    assert of(jobs_of(desk).run(), Job.CODES).count == 0, "whoever types it is told that it is too old"
    clock.step(seconds=1)
    assert of(jobs_of(desk).run(), Job.CODES).count == 1
    with desk.database.reading() as session:
        kept = session.get_one(VerificationCode, code.pk)
    assert (kept.ended, kept.ended_at) == ("expired", clock.now())
    assert told(desk.database) == [("auth:codes:ended", "done")]
    assert of(jobs_of(desk).run(), Job.CODES).count == 0


@pytest.mark.rule("E-90")
def test_a_reception_of_yesterday_frees_its_user_and_its_stick(desk: Desk, clock: SteppedClock) -> None:
    user = a_user(desk.database)
    medium = a_medium(desk.database, state="in_use")
    case = a_case(desk.database, user, state="password_ok", medium_no=medium.medium_no)
    clock.step(hours=13, minutes=59)
    assert of(jobs_of(desk).run(), Job.RECEPTIONS).count == 0, "it is still the same day in Japan"
    clock.step(minutes=1)
    assert of(jobs_of(desk).run(), Job.RECEPTIONS).count == 1
    with desk.database.reading() as session:
        kept = session.get_one(Case, case.pk)
        stick = session.get_one(Medium, medium.pk)
    assert (kept.state, kept.void_reason, kept.closed_at) == ("voided", "day_over", clock.now())
    assert stick.state == "in_stock"
    assert told(desk.database) == [VOIDED]
    a_case(desk.database, user)


@pytest.mark.rule("E-08")
def test_a_reception_that_crosses_midnight_is_not_taken_from_under_the_hands(
    desk: Desk, clock: SteppedClock
) -> None:
    clock.step(hours=13, minutes=45)
    case = a_case(desk.database, a_user(desk.database), state="code_ok", opened_at=clock.now())
    clock.step(minutes=59)
    assert of(jobs_of(desk).run(), Job.RECEPTIONS).count == 0
    clock.step(minutes=1)
    assert of(jobs_of(desk).run(), Job.RECEPTIONS).count == 1
    with desk.database.reading() as session:
        assert session.get_one(Case, case.pk).state == "voided"


@pytest.mark.parametrize(
    "other",
    [
        {"state": "issued"},
        {"state": "delivered"},
        {"transaction": "201", "family": "revoke", "issue_kind": None},
        {"transaction": "301", "family": "unblock", "issue_kind": None},
    ],
)
def test_a_reception_that_somebody_has_to_decide_about_stays(
    desk: Desk, clock: SteppedClock, other: dict[str, Any]
) -> None:
    case = a_case(desk.database, a_user(desk.database), **other)
    clock.step(days=9)
    jobs_of(desk).run()
    with desk.database.reading() as session:
        assert session.get_one(Case, case.pk).state == case.state


@pytest.mark.rule("R-51", "E-33", "E-93")
def test_a_lock_whose_program_died_is_told_all_the_same_and_once(desk: Desk, clock: SteppedClock) -> None:
    until = clock.now() + timedelta(hours=1)
    locked = a_user(desk.database, locked_until=until, lock_count=1, charges=6)
    blocked = a_user(desk.database, status="blocked", lock_count=3, charges=18)
    over = a_user(desk.database, locked_until=clock.now(), lock_count=1, charges=6)
    a_user(desk.database, locked_until=clock.now() - timedelta(days=1), lock_count=1, charges=6)
    for expected in (3, 0):
        assert of(jobs_of(desk).run(), Job.LOCK_LETTERS).count == expected
    with desk.database.reading() as session:
        found = {(row.kind, row.user_pk) for row in session.exec(select(Notice))}
    assert found == {("locked", locked.pk), ("blocked", blocked.pk), ("locked", over.pk)}


@pytest.mark.rule("I-12", "R-47", "R-49")
def test_and_stands_in_the_journal_and_in_the_history_of_the_user(desk: Desk, clock: SteppedClock) -> None:
    until = clock.now() + timedelta(hours=1)
    locked = a_user(desk.database, locked_until=until, lock_count=1, charges=6)
    blocked = a_user(desk.database, status="blocked", lock_count=3, charges=18)
    jobs_of(desk).run()
    jobs_of(desk).run()
    late = [line for line in journal_of(desk.database) if line.facts.get("cause") == "interrupted"]
    assert [(line.tag, line.body["user_id"]) for line in late] == [
        ("auth:password:locked", locked.user_id),
        ("auth:password:blocked", blocked.user_id),
    ]
    with desk.database.reading() as session:
        events = [(row.user_pk, row.kind, row.lock_count) for row in session.exec(select(LockEvent))]
    assert events == [(locked.pk, "locked", 1), (blocked.pk, "blocked", 3)]


def test_locks_without_a_letter_are_found_by_one_question(desk: Desk, clock: SteppedClock) -> None:
    until = clock.now() + timedelta(hours=1)
    for _ in range(5):
        a_user(desk.database, locked_until=until, lock_count=1, charges=6)
    jobs_of(desk).run()
    with counted_statements(desk.database) as asked:
        jobs_of(desk).run()
    assert sum("customers" in one for one in asked) == 1


@pytest.mark.rule("I-14", "E-93")
def test_a_list_is_published_again_when_it_is_a_day_old(counter: Counter, tmp_path: Path) -> None:
    desk, signer = counter.recovering.desk, counter.recovering.signer
    jobs = jobs_of(desk, signer, tmp_path / "crl")
    jobs.publishing.publish()
    assert of(jobs.run(), Job.CRL).count == 0
    counter.clock.step(days=1)
    assert of(jobs.run(), Job.CRL).count == 1
    with counter.database.reading() as session:
        state = session.exec(select(CrlState)).one()
    assert state.published_number == state.number


@pytest.mark.rule("I-13")
def test_every_chain_of_the_terminal_gets_its_checkpoint(counter: Counter, tmp_path: Path) -> None:
    desk, signer, folder = counter.recovering.desk, counter.recovering.signer, tmp_path / "crl"
    own = desk.trail.node
    before = own.rpartition("/")[0]
    elsewhere = replace(desk, trail=Trail("099/01/terminal"))
    mailer = replace(desk, trail=Trail(f"{before}/mail-1"))
    for one in (desk, mailer, elsewhere):
        with one.unattended(EventTag.PROGRAM_STARTED) as act:
            act.record()
    assert of(jobs_of(desk, signer, folder).run(), Job.CHECKPOINTS).count == 2
    kept = CheckpointFile(folder / "checkpoints.jsonl").read()
    assert {one.node for one in kept} == {own, f"{before}/mail-1"}
    with counter.database.reading() as session:
        assert journal_queries.newest_checkpoint(session, "099/01/terminal") is None


def test_a_locked_key_keeps_no_other_job_from_running(desk: Desk, clock: SteppedClock) -> None:
    a_code_of(desk.database, clock)
    with desk.unattended(EventTag.PROGRAM_STARTED) as act:
        act.record()
    clock.step(hours=2)
    done = jobs_of(desk).run()
    assert of(done, Job.CODES).count == 1
    assert of(done, Job.CRL).problem != ""
    assert of(done, Job.CHECKPOINTS).problem != ""


class Broken(Jobs):
    """A job that breaks in a way nobody thought of."""

    def _end_codes(self) -> int:
        raise ZeroDivisionError


def test_a_job_that_breaks_is_told_and_keeps_no_other_from_running(desk: Desk, clock: SteppedClock) -> None:
    whole = jobs_of(desk)
    broken = Broken(desk=desk, signer=whole.signer, publishing=whole.publishing, kept=whole.kept)
    done = broken.run()
    assert of(done, Job.CODES).problem == "ZeroDivisionError"
    assert {one.job for one in done} == set(Job)
    assert told(desk.database) == [("system:program:incident", "failed")]


# --- the threads ---


@pytest.fixture
def chores(desk: Desk) -> Iterator[Chores]:
    chores = Chores(desk=desk, notices=notices_of(desk, Pile()), jobs=jobs_of(desk))
    yield chores
    chores.stop()


def test_chores_can_be_ended_where_an_event_loop_runs(chores: Chores) -> None:
    queued(chores.desk, a_user(chores.desk.database))

    async def ends() -> None:
        chores.run(closing=True)

    asyncio.run(ends())
    assert states(chores.desk.database) == ["sent"]


def test_chores_begin_at_once_and_stop_when_told(chores: Chores) -> None:
    queued(chores.desk, a_user(chores.desk.database))
    chores.start()
    for _ in range(600):
        if states(chores.desk.database) == ["sent"]:
            break
        asyncio.run(asyncio.sleep(0.05))
    chores.stop()
    assert states(chores.desk.database) == ["sent"]
    assert not any(thread.is_alive() for thread in chores._threads)  # nothing public tells


def test_whoever_ends_the_program_waits_once_for_all_that_hangs(
    chores: Chores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chores_module, "LONGEST_END", 3.0)
    mended = Event()

    def hang() -> None:
        mended.wait()

    hanging = replace(chores, stay=hang, check=hang, _threads=[])
    hanging.start()
    begun = time.monotonic()
    try:
        hanging.stop()
        assert 3.0 <= time.monotonic() - begun < 5.5  # one after the other they would take six
    finally:
        mended.set()
        hanging.stop()


@pytest.mark.rule("E-09")
def test_the_jobs_run_at_the_start_and_then_every_hour(
    chores: Chores, clock: SteppedClock, desk: Desk
) -> None:
    def is_put_away(code: VerificationCode) -> bool:
        with desk.database.reading() as session:
            return session.get_one(VerificationCode, code.pk).ended is not None

    old = {"created_at": clock.now() - timedelta(hours=9), "expires_at": clock.now() - timedelta(hours=8)}
    first = a_code_of(desk.database, clock, **old)
    chores.run()
    assert is_put_away(first)
    second = a_code_of(desk.database, clock, **old)
    clock.step(minutes=59)
    chores.run()
    assert not is_put_away(second)
    clock.step(minutes=1)
    chores.run()
    assert is_put_away(second)


@pytest.mark.rule("R-51", "E-33")
def test_a_lock_is_told_while_it_lasts(chores: Chores, clock: SteppedClock, desk: Desk) -> None:
    chores.run()
    a_user(desk.database, locked_until=clock.now() + timedelta(hours=1), lock_count=1, charges=6)
    clock.step(minutes=1)
    chores.run()
    assert states(desk.database) == ["sent"]


class NoRegistry(Notices):
    """An outbox out of reach."""

    def send_due(self, *_: object, **__: object) -> Any:
        raise DatabaseUnavailable


def test_a_registry_that_is_away_ends_no_thread(desk: Desk) -> None:
    away = NoRegistry(**vars(notices_of(desk, Pile())))
    Chores(desk=desk, notices=away, jobs=jobs_of(desk)).run()
    assert told(desk.database) == []

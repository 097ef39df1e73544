"""What a stick that was pulled in the middle of a write still holds, deleted on a person's word and journaled."""

from dataclasses import replace

import pytest

from db.database import Database
from kiosk.audit.events import EventTag
from kiosk.errors import (
    AccountChanged,
    CaseNotOpen,
    JournalNotWritable,
    LeftBehind,
    LeftoverOnStick,
    NotPermitted,
    StickNotEmpty,
    StickRemoved,
)
from kiosk.media.calls import FileCalls
from kiosk.rules.roles import StaffRole
from kiosk.services.views import Ready
from tests.support.builders import a_medium, a_user, shut_out
from tests.support.counters import Counter
from tests.support.faults import full_journal, journal_refuses
from tests.support.journal import journal_of
from tests.support.stick_faults import CutOff

REMOVING = "delivery:file:leftover_removing"
REMOVED = "delivery:file:leftover_removed"


def cut_off(counter: Counter, ready: Ready) -> str:
    """stick-A was pulled while the p12 was written, and is back; the name that lies on it."""
    place, away, calls = counter.sticks / "stick-A", counter.sticks / ".away", CutOff()
    calls.before_the_sync(lambda: place.rename(away))
    counter.media.calls = calls
    with pytest.raises(StickRemoved) as pulled:
        counter.delivers(ready)
    assert pulled.value.left_behind is LeftBehind.COMPLETE_UNCONFIRMED
    counter.media.calls = FileCalls()
    away.rename(place)
    (file,) = place.iterdir()
    return file.name


@pytest.mark.rule("E-84", "E-88")
def test_a_stick_is_used_again_once_our_unfinished_file_is_off_it(
    counter: Counter, database: Database
) -> None:
    ready = counter.issues(a_user(database))
    left = cut_off(counter, ready)
    with pytest.raises(LeftoverOnStick) as refused:
        counter.delivering.check_stick(counter.actor, ready.reception_no, counter.stick())
    assert refused.value.file_name == left

    counter.delivering.remove_leftover(counter.actor, ready.reception_no, counter.stick())

    assert list((counter.sticks / "stick-A").iterdir()) == []
    begun, line = journal_of(database)[-2:]
    assert (begun.tag, begun.outcome) == (REMOVING, "done")
    assert (line.tag, line.outcome, line.facts["file"]) == (REMOVED, "done", left)
    for one in (begun, line):
        assert (one.body["staff_id"], one.body["reception_no"]) == (
            counter.actor.staff_id,
            ready.reception_no,
        )
    counter.delivering.check_stick(counter.actor, ready.reception_no, counter.stick())
    assert counter.delivers(ready).copies_elsewhere == ()


@pytest.mark.rule("E-84")
def test_what_was_deleted_is_told_as_a_copy_nowhere(counter: Counter, database: Database) -> None:
    ready = counter.issues(a_user(database))
    cut_off(counter, ready)
    counter.delivering.remove_leftover(counter.actor, ready.reception_no, counter.stick())
    second = a_medium(database, branch_pk=counter.actor.terminal.branch_pk).medium_no
    counter.casework.set_medium(counter.actor, ready.reception_no, second, "")
    (counter.sticks / "stick-B").mkdir()
    other = next(stick.ref for stick in counter.delivering.sticks() if stick.label == "stick-B")

    delivered = counter.delivering.deliver(counter.actor, ready, other, counter.stages.append)

    assert delivered.copies_elsewhere == ()
    assert "delivery:file:left_behind" not in [line.tag for line in journal_of(database)]


@pytest.mark.rule("E-88")
def test_a_stick_that_holds_more_than_our_file_stays_refused(counter: Counter, database: Database) -> None:
    ready = counter.issues(a_user(database))
    cut_off(counter, ready)
    holiday = counter.sticks / "stick-A" / "holiday.jpg"
    holiday.write_bytes(b"sea")

    counter.delivering.remove_leftover(counter.actor, ready.reception_no, counter.stick())

    with pytest.raises(StickNotEmpty):
        counter.delivering.check_stick(counter.actor, ready.reception_no, counter.stick())
    assert holiday.read_bytes() == b"sea"


@pytest.mark.rule("E-84")
def test_who_may_not_issue_deletes_nothing(counter: Counter, database: Database) -> None:
    ready = counter.issues(a_user(database))
    left = cut_off(counter, ready)
    auditor = replace(counter.actor, role=StaffRole.AUDITOR)

    with pytest.raises(NotPermitted):
        counter.delivering.remove_leftover(auditor, ready.reception_no, counter.stick())

    assert (counter.sticks / "stick-A" / left).exists()


@pytest.mark.rule("I-12")
def test_what_the_journal_does_not_take_beforehand_is_not_deleted(
    counter: Counter, database: Database
) -> None:
    ready = counter.issues(a_user(database))
    left = cut_off(counter, ready)
    with full_journal(database), pytest.raises(JournalNotWritable):
        counter.delivering.remove_leftover(counter.actor, ready.reception_no, counter.stick())
    assert (counter.sticks / "stick-A" / left).exists()


@pytest.mark.rule("I-12", "I-23")
def test_a_journal_that_fails_only_afterwards_has_told_of_it_before(
    counter: Counter, database: Database
) -> None:
    ready = counter.issues(a_user(database))
    left = cut_off(counter, ready)
    journal_refuses(database, EventTag.LEFTOVER_REMOVED)

    with pytest.raises(JournalNotWritable):
        counter.delivering.remove_leftover(counter.actor, ready.reception_no, counter.stick())

    assert not (counter.sticks / "stick-A" / left).exists()
    assert journal_of(database)[-1].tag == REMOVING


@pytest.mark.rule("E-84")
def test_whoever_was_shut_out_meanwhile_deletes_nothing(counter: Counter, database: Database) -> None:
    ready = counter.issues(a_user(database))
    left = cut_off(counter, ready)
    shut_out(database, counter.actor)

    with pytest.raises(AccountChanged):
        counter.delivering.remove_leftover(counter.actor, ready.reception_no, counter.stick())

    assert (counter.sticks / "stick-A" / left).exists()


@pytest.mark.rule("E-84")
def test_nor_does_a_reception_that_is_over(counter: Counter, database: Database) -> None:
    ready = counter.issues(a_user(database))
    left = cut_off(counter, ready)
    counter.issuing.abandon(counter.actor, ready)

    with pytest.raises(CaseNotOpen):
        counter.delivering.remove_leftover(counter.actor, ready.reception_no, counter.stick())

    assert (counter.sticks / "stick-A" / left).exists()


@pytest.mark.rule("E-84")
def test_a_stick_that_is_gone_again_is_told_and_journaled(counter: Counter, database: Database) -> None:
    ready = counter.issues(a_user(database))
    cut_off(counter, ready)
    stick = counter.stick()
    (counter.sticks / "stick-A").rename(counter.sticks / ".away")

    with pytest.raises(StickRemoved):
        counter.delivering.remove_leftover(counter.actor, ready.reception_no, stick)

    line = journal_of(database)[-1]
    assert (line.tag, line.outcome, line.body["code"]) == (REMOVED, "failed", "EM02")

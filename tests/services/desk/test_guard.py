"""What every use case stands on: permission, branch, clock, one transaction, the journal."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlmodel import Session, text

from db.database import Database
from db.tables import Branch
from kiosk.audit.events import EventTag
from kiosk.errors import (
    ClockWrong,
    DatabaseUnavailable,
    JournalNotWritable,
    KioskError,
    NotPermitted,
    OutcomeUnknown,
    UserNotFound,
    WrongCredentials,
)
from kiosk.rules.roles import PERMISSIONS, Permission, StaffRole, may
from kiosk.services.acting import Actor
from kiosk.services.desk.guard import Desk, branch_scope
from tests.support.builders import a_branch, an_actor
from tests.support.clock import SteppedClock
from tests.support.faults import answer_lost_at_commit, cut, full_journal, out_of_reach
from tests.support.journal import journal_of, told

TRIED = EventTag.USER_CHOSEN


@pytest.fixture
def clerk(database: Database) -> Actor:
    return an_actor(database)


def add_a_branch(desk: Desk, actor: Actor, then: Callable[[Session], None] | None = None) -> None:
    """An act that changes something, with whatever is to happen before its entry."""
    with desk.acting(actor, Permission.RECEIVE, TRIED) as act:
        act.session.add(Branch(branch_no="345", name="本店"))
        act.session.flush()
        if then is not None:
            then(act.session)
        act.record()


def branch_names(database: Database) -> list[str]:
    with database.reading() as session:
        return [
            name
            for (name,) in session.connection().execute(text("SELECT name FROM branches ORDER BY branch_no"))
        ]


@pytest.mark.rule("I-12")
def test_a_change_and_its_entry_are_stored_together(desk: Desk, database: Database, clerk: Actor) -> None:
    with desk.acting(clerk, Permission.RECEIVE, TRIED, reception_no="20260302-012-01-0001") as act:
        act.session.add(Branch(branch_no="345", name="本店"))
        act.about(user_id="koushin01")
        act.record(found=1)

    (line,) = journal_of(database)
    assert branch_names(database)[-1] == "本店"
    assert (line.tag, line.outcome) == (TRIED, "done")
    assert line.body["reception_no"] == "20260302-012-01-0001"
    assert line.body["user_id"] == "koushin01"
    assert line.body["staff_id"] == clerk.staff_id
    assert line.facts == {"found": 1}


@pytest.mark.rule("I-12")
def test_a_refused_act_leaves_its_entry_and_nothing_else(
    desk: Desk, database: Database, clerk: Actor
) -> None:
    def act_and_find_nobody() -> None:
        with desk.acting(clerk, Permission.RECEIVE, TRIED, reception_no="20260302-012-01-0001") as act:
            act.session.add(Branch(branch_no="345", name="本店"))
            act.record(found=1)
            raise UserNotFound

    with pytest.raises(UserNotFound):
        act_and_find_nobody()
    (line,) = journal_of(database)

    assert "本店" not in branch_names(database)
    assert (line.tag, line.outcome, line.body["code"]) == (TRIED, "refused", "EC04")
    assert line.body["reception_no"] == "20260302-012-01-0001"


def test_what_a_refusal_must_not_undo_is_kept(desk: Desk, database: Database, clerk: Actor) -> None:
    """A wrong password is counted although the counter is told no."""

    def count_and_refuse() -> None:
        with desk.acting(clerk, Permission.RECEIVE, TRIED) as act:
            act.session.add(Branch(branch_no="345", name="本店"))
            act.refuse(WrongCredentials(tries_left=2, then_blocked=False), EventTag.PASSWORD_WRONG)

    with pytest.raises(WrongCredentials) as refused:
        count_and_refuse()

    assert refused.value.tries_left == 2
    assert branch_names(database)[-1] == "本店"
    assert told(database) == [(EventTag.PASSWORD_WRONG, "refused")]


def test_a_bug_is_no_refusal(desk: Desk, database: Database, clerk: Actor) -> None:
    def act_wrongly() -> None:
        with desk.acting(clerk, Permission.RECEIVE, TRIED) as act:
            act.record()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act_wrongly()

    assert told(database) == []


@pytest.mark.rule("ET03")
@pytest.mark.parametrize("role", StaffRole)
def test_only_what_the_role_includes_is_let_through(desk: Desk, database: Database, role: StaffRole) -> None:
    actor = an_actor(database, role)
    for permission in Permission:
        if may(role, permission):
            desk.require(actor, permission)
        else:
            with pytest.raises(NotPermitted) as refused:
                desk.require(actor, permission)
            assert refused.value.permission == permission
    refusals = journal_of(database)

    assert len(refusals) == len(Permission) - len(PERMISSIONS[role])
    assert {line.tag for line in refusals} <= {EventTag.NOT_PERMITTED}
    assert {line.body["code"] for line in refusals} <= {"ET03"}


def test_what_is_not_permitted_never_begins(desk: Desk, database: Database) -> None:
    auditor = an_actor(database, StaffRole.AUDITOR)
    with pytest.raises(NotPermitted), desk.acting(auditor, Permission.ISSUE, EventTag.ISSUE_SIGNING):
        pytest.fail("an auditor is issuing")


@pytest.mark.rule("E-94")
@pytest.mark.parametrize(
    ("role", "everywhere"),
    [
        (StaffRole.CLERK, False),
        (StaffRole.SUPERVISOR, False),
        (StaffRole.AUDITOR, True),
        (StaffRole.ADMINISTRATOR, True),
    ],
)
def test_counter_staff_see_their_branch_only(database: Database, role: StaffRole, everywhere: bool) -> None:
    actor = an_actor(database, role)

    assert branch_scope(actor) == (None if everywhere else actor.terminal.branch_pk)


@pytest.mark.rule("E-91", "I-22", "ES01")
def test_a_clock_that_was_set_back_stops_what_watches_it(
    desk: Desk, database: Database, clock: SteppedClock, clerk: Actor
) -> None:
    desk.note(clerk, EventTag.SCREEN_LOCKED)
    clock.step(seconds=-3)

    with desk.acting(clerk, Permission.INQUIRE, EventTag.USER_INQUIRED) as act:
        act.record()
    with (
        pytest.raises(ClockWrong),
        desk.acting(clerk, Permission.ISSUE, EventTag.ISSUE_SIGNING, watch_clock=True),
    ):
        pytest.fail("issuing with a wrong clock")

    assert told(database)[-1] == (EventTag.CLOCK_REFUSED, "refused")


@pytest.mark.rule("E-91")
def test_a_clock_that_is_being_disciplined_may_step_back_a_little(
    desk: Desk, clock: SteppedClock, clerk: Actor
) -> None:
    desk.note(clerk, EventTag.SCREEN_LOCKED)
    clock.step(seconds=-2)

    with desk.acting(clerk, Permission.ISSUE, EventTag.ISSUE_SIGNING, watch_clock=True) as act:
        act.record()


@pytest.mark.rule("I-12", "ES02")
def test_no_entry_no_act(desk: Desk, database: Database, clerk: Actor) -> None:
    a_branch(database)
    with full_journal(database):
        with pytest.raises(JournalNotWritable):
            add_a_branch(desk, clerk)
        with pytest.raises(JournalNotWritable), desk.acting(clerk, Permission.RECEIVE, TRIED):
            raise UserNotFound

    assert "本店" not in branch_names(database)
    assert told(database) == []


@pytest.mark.rule("I-23", "ES03")
def test_a_connection_lost_before_the_commit_changed_nothing(
    desk: Desk, database: Database, clerk: Actor
) -> None:
    with pytest.raises(DatabaseUnavailable):
        add_a_branch(desk, clerk, then=cut)

    assert "本店" not in branch_names(database)
    assert told(database) == []


@pytest.mark.rule("I-23", "ES11")
def test_a_connection_lost_at_the_commit_leaves_the_outcome_open(
    desk: Desk, database: Database, clerk: Actor
) -> None:
    """The row is there although the counter could not know; asking again after reconnecting tells."""
    with answer_lost_at_commit(database), pytest.raises(OutcomeUnknown):
        add_a_branch(desk, clerk)

    assert branch_names(database)[-1] == "本店"
    assert told(database) == [(TRIED, "done")]


def test_what_is_begun_while_an_act_is_stored_comes_after_everything_else(
    desk: Desk, database: Database, clerk: Actor
) -> None:
    """Not even the journal is written after it, and of an act that is refused as a whole it never begins."""
    begun = list[int]()

    def tries(refusal: KioskError | None) -> None:
        with desk.acting(clerk, Permission.RECEIVE, TRIED) as act:
            act.while_stored(lambda: begun.append(entries_in(act.session)))
            act.record()
            if refusal is not None:
                raise refusal

    tries(None)
    assert begun == [len(told(database))] == [1]
    with pytest.raises(UserNotFound):
        tries(UserNotFound())
    assert begun == [1]


def entries_in(session: Session) -> int:
    count: int = session.connection().execute(text("SELECT count(*) FROM journal")).scalar_one()
    return count


@pytest.mark.rule("I-23")
def test_a_registry_that_cannot_be_reached_is_named(desk: Desk, database: Database, clerk: Actor) -> None:
    with out_of_reach(database):
        with pytest.raises(DatabaseUnavailable), desk.looking(clerk, Permission.INQUIRE) as look:
            look.session.get(Branch, 1)
        with pytest.raises(DatabaseUnavailable):
            desk.note(clerk, EventTag.SIGNED_OFF)
        with pytest.raises(DatabaseUnavailable):
            add_a_branch(desk, clerk)


def test_a_look_writes_nothing(desk: Desk, database: Database, clerk: Actor) -> None:
    with desk.looking(clerk, Permission.INQUIRE) as look:
        assert look.session.get(Branch, clerk.terminal.branch_pk)
        assert look.scope == clerk.terminal.branch_pk

    assert told(database) == []


def test_the_program_by_itself_is_named_as_nobody(desk: Desk, database: Database) -> None:
    with desk.unattended(EventTag.RECOVERY_FINISHED) as act:
        assert act.scope is None
        act.record()

    assert journal_of(database)[0].body["staff_id"] is None


@pytest.mark.rule("I-12")
def test_what_a_command_does_names_who_ran_it(desk: Desk, clerk: Actor) -> None:
    command = replace(desk, run_by="root/hanako")
    with command.unattended(TRIED) as act:
        act.record(found=1)
    command.note(None, TRIED)
    with pytest.raises(UserNotFound), command.unattended(TRIED):
        raise UserNotFound
    add_a_branch(command, clerk)
    named = [line.facts.get("run_by") for line in journal_of(desk.database)]
    assert named == ["root/hanako", "root/hanako", "root/hanako", None]

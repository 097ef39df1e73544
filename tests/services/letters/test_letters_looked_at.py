"""Whoever is asked about a letter sees when it went, where to, and what the mail server said (R-63, E-93, E-94)."""

from datetime import timedelta
from typing import Any

import pytest

from db.database import Database
from db.tables import Notice, User
from kiosk.errors import UserNotFound
from kiosk.rules.notices import NoticeKind, NoticeState
from kiosk.rules.roles import StaffRole
from kiosk.services.desk.guard import Desk
from kiosk.services.letters.letters import BouncedView, Letters, LetterView, QueueView
from tests.support.builders import a_branch, a_notice, a_terminal, a_user, an_actor
from tests.support.clock import MONDAY_MORNING, SteppedClock
from tests.support.journal import journal_of, told

REFUSED = "550 5.1.1 <t****@e******.jp> unknown"


@pytest.fixture
def letters(desk: Desk) -> Letters:
    return Letters(desk=desk, server=True)


def bounced(database: Database, user: User, **other: Any) -> Notice:
    values = {"state": "bounced", "tries": 1, "answer": REFUSED, "sent_to": "t****@e******.jp"}
    return a_notice(database, user, **values | other)


@pytest.mark.rule("R-63", "E-93")
def test_the_letters_of_a_user_tell_when_where_to_and_the_answer(letters: Letters, user: User) -> None:
    database = letters.desk.database
    sent_at = MONDAY_MORNING + timedelta(minutes=1)
    sent = a_notice(
        database,
        user,
        kind="locked",
        state="sent",
        sent_at=sent_at,
        tries=2,
        sent_to="t****@e******.jp",
        answer="250 2.0.0 Ok: queued as 4F2",
    )
    waiting = a_notice(database, user, last_error="timed out", tries=1)
    a_notice(database, a_user(database))
    assert letters.of_user(an_actor(database), user.pk) == (
        LetterView(
            pk=waiting.pk,
            kind=NoticeKind.BLOCKED,
            state=NoticeState.QUEUED,
            queued_at=MONDAY_MORNING,
            sent_at=None,
            next_try_at=MONDAY_MORNING,
            tries=1,
            sent_to=None,
            answer="timed out",
        ),
        LetterView(
            pk=sent.pk,
            kind=NoticeKind.LOCKED,
            state=NoticeState.SENT,
            queued_at=MONDAY_MORNING,
            sent_at=sent_at,
            next_try_at=None,
            tries=2,
            sent_to="t****@e******.jp",
            answer="250 2.0.0 Ok: queued as 4F2",
        ),
    )
    entry = journal_of(database)[-1]
    assert (entry.body["tag"], entry.body["user_id"]) == ("mail:letters:inquired", user.user_id)


@pytest.mark.rule("E-94")
def test_letters_of_another_branch_are_not_shown(letters: Letters, user: User) -> None:
    database = letters.desk.database
    bounced(database, user)
    stranger = an_actor(database, terminal=a_terminal(database, "034"))
    with pytest.raises(UserNotFound):
        letters.of_user(stranger, user.pk)
    assert letters.bounced(stranger) == ()
    assert letters.queue(stranger).failed == 0
    auditor = an_actor(database, StaffRole.AUDITOR, terminal=a_terminal(database, "034"))
    assert len(letters.bounced(auditor)) == 1


@pytest.mark.rule("R-63")
def test_a_user_whose_newest_letter_was_refused_is_listed_with_the_masked_address(
    letters: Letters, user: User
) -> None:
    database = letters.desk.database
    bounced(database, user)
    newest = bounced(database, user, kind="locked")
    reached_since = a_user(database)
    bounced(database, reached_since)
    a_notice(database, reached_since, state="sent", sent_at=MONDAY_MORNING)
    (found,) = letters.bounced(an_actor(database))
    assert isinstance(found, BouncedView)
    assert (found.user_pk, found.user_id, found.kind) == (user.pk, "tanaka01", NoticeKind.LOCKED)
    assert (found.email, found.answer, found.bounced_at) == ("t****@e******.jp", REFUSED, newest.created_at)
    assert "tanaka@" not in repr(found)
    assert told(database)[-1] == ("mail:letters:inquired", "done")


@pytest.mark.rule("E-93")
def test_the_queue_tells_its_length_and_its_oldest_letter(
    letters: Letters, user: User, clock: SteppedClock
) -> None:
    database = letters.desk.database
    empty = QueueView(waiting=0, failed=0, oldest_queued_at=None, oldest_due_at=None, server=True)
    actor = an_actor(database)
    assert letters.queue(actor) == empty
    old = MONDAY_MORNING - timedelta(hours=3)
    a_notice(database, user, created_at=old)
    a_notice(database, user, state="sending", leased_until=MONDAY_MORNING, due_at=old + timedelta(hours=1))
    a_notice(database, user, state="gave_up")
    bounced(database, user)
    a_notice(database, a_user(database, branch_pk=a_branch(database, "034").pk))
    assert letters.queue(actor) == QueueView(
        waiting=2,
        failed=2,
        oldest_queued_at=old,
        oldest_due_at=old + timedelta(hours=1),
        server=True,
    )

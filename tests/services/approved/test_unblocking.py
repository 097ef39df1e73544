"""301: lifting the block of a master user, with an approval (E-36 to E-38, I-10)."""

import json
from datetime import UTC, timedelta

import pytest
from sqlmodel import select

from db.database import Database
from db.tables import LockEvent, Notice, User
from kiosk.errors import (
    ApprovalNeeded,
    ApprovalStale,
    CaseNotOpen,
    KioskError,
    MasterBlocked,
    NotBlocked,
    OnlyLocked,
    UnblockedByMaster,
)
from kiosk.rules.cases import CaseState
from kiosk.rules.lockout import LockStanding
from kiosk.rules.operations import Transaction
from kiosk.rules.shown import Effect
from kiosk.rules.unblocking import REPEAT_DAYS, UnblockCause
from kiosk.secret import Secret
from kiosk.services.views import VisitorKind
from tests.support.approvals import (
    Reception,
    a_blocked_user,
    a_supervisor,
    an_unblocking,
    approved,
    received,
)
from tests.support.builders import PASSWORD, a_certificate, a_user, hashed, stored
from tests.support.clock import MONDAY_MORNING
from tests.support.counters import Counter
from tests.support.journal import journal_of

WRONG = "Kunren#2025"
LIFTED = (Effect.BLOCK_IS_LIFTED, Effect.PASSWORD_UNCHANGED, Effect.CERTIFICATES_UNTOUCHED)


def the_user(database: Database, user: User) -> User:
    """As the registry has it now."""
    with database.reading() as session:
        return session.get_one(User, user.pk)


def blocks_by_hand(counter: Counter, user: User) -> None:
    """Eighteen wrong passwords at the counter, an hour between the locks."""
    case = counter.opens_case(user)
    for _ in range(3):
        for _ in range(6):
            counter.clock.step(minutes=1)
            with pytest.raises(KioskError):
                counter.authenticating.submit_password(
                    counter.actor, case.reception_no, user.user_id, Secret(WRONG)
                )
        counter.clock.step(minutes=61)
    counter.casework.void(counter.actor, case.reception_no, "閉塞のため")


def unblocked_before(database: Database, user: User, days: int) -> None:
    """An earlier unblocking, so many days before this Monday."""
    stored(
        database,
        LockEvent(
            user_pk=user.pk,
            kind="unblocked",
            at=MONDAY_MORNING - timedelta(days=days),
            failures=0,
            lock_count=0,
        ),
    )


@pytest.mark.rule("R-54", "E-36", "I-10")
def test_a_block_is_lifted_and_nothing_else_changes(counter: Counter, database: Database) -> None:
    user = a_blocked_user(database)
    certificate = a_certificate(database, user)
    reception, request = an_unblocking(counter, user)
    approved(counter, reception, request)
    done = counter.unblocking.execute(counter.actor, reception.number)
    row = the_user(database, user)
    assert (row.status, row.consecutive_failures, row.lock_count, row.locked_until) == ("active", 0, 0, None)
    assert row.password_hash == hashed(PASSWORD)
    assert (done.user_id, done.at) == (user.user_id, counter.clock.now())
    assert counter.casework.case(counter.actor, reception.number).state is CaseState.DONE
    card = counter.casework.case(counter.actor, reception.number).card
    assert card is not None
    assert [view.serial for view in card.certificates] == [certificate.serial]


@pytest.mark.rule("E-36", "I-18")
def test_the_user_is_told_once_in_the_same_transaction(counter: Counter, database: Database) -> None:
    reception, request = an_unblocking(counter)
    approved(counter, reception, request)
    done = counter.unblocking.execute(counter.actor, reception.number)
    with database.reading() as session:
        (letter,) = session.exec(select(Notice)).all()
    assert (letter.kind, letter.dedupe) == ("unblocked", f"unblocked:{reception.number}")
    assert json.loads(letter.payload) == {"at": done.at.astimezone(UTC).isoformat()}


@pytest.mark.rule("E-36", "R-54")
def test_whoever_knows_the_password_goes_on_with_it(counter: Counter, database: Database) -> None:
    user = a_user(database)
    blocks_by_hand(counter, user)
    assert the_user(database, user).status == "blocked"
    reception, request = an_unblocking(counter, user)
    approved(counter, reception, request)
    counter.unblocking.execute(counter.actor, reception.number)
    counter.issues(user)


@pytest.mark.rule("E-37", "R-52", "I-10")
def test_a_general_users_block_is_the_master_users_to_lift(counter: Counter, database: Database) -> None:
    with pytest.raises(UnblockedByMaster):
        received(counter, a_blocked_user(database, role="general"), Transaction.UNBLOCK)


@pytest.mark.rule("E-38")
@pytest.mark.parametrize("role", ["master", "general"])
def test_a_lock_ends_by_itself(counter: Counter, database: Database, role: str) -> None:
    until = MONDAY_MORNING + timedelta(minutes=40)
    with pytest.raises(OnlyLocked) as refused:
        received(counter, a_user(database, role=role, lock_count=1, locked_until=until), Transaction.UNBLOCK)
    assert refused.value.until == until


@pytest.mark.rule("E-38")
def test_who_is_not_blocked_is_not_unblocked(counter: Counter, database: Database) -> None:
    with pytest.raises(NotBlocked):
        received(counter, a_user(database), Transaction.UNBLOCK)


@pytest.mark.rule("I-10", "I-16")
def test_without_an_approval_a_blocked_user_stays_blocked(counter: Counter, database: Database) -> None:
    user = a_blocked_user(database)
    reception, _ = an_unblocking(counter, user)
    with pytest.raises(ApprovalNeeded):
        counter.unblocking.execute(counter.actor, reception.number)
    a_certificate(database, user, issued_at=MONDAY_MORNING - timedelta(days=350))
    with pytest.raises(MasterBlocked):
        counter.opens_case(user, Transaction.RENEW)


@pytest.mark.rule("I-17")
def test_a_user_who_was_unblocked_elsewhere_meanwhile_is_not_unblocked_again(
    counter: Counter, database: Database
) -> None:
    user = a_blocked_user(database)
    reception, request = an_unblocking(counter, user)
    approved(counter, reception, request)
    with database.transaction() as session:
        session.get_one(User, user.pk).sqlmodel_update({"status": "active", "lock_count": 0})
    with pytest.raises(ApprovalStale):
        counter.unblocking.execute(counter.actor, reception.number)
    with pytest.raises(NotBlocked):
        counter.approving.ask(counter.actor, reception.number, request)


@pytest.mark.rule("E-36")
@pytest.mark.parametrize(
    ("cause", "warned"), [(cause, cause == "forgotten_password") for cause in UnblockCause]
)
def test_for_a_forgotten_password_the_supervisor_reads_that_unblocking_will_not_help(
    counter: Counter, cause: UnblockCause, warned: bool
) -> None:
    reception, request = an_unblocking(counter, cause=cause)
    shown = counter.approving.preview(counter.actor, reception.number, request)
    assert shown.effects == (*LIFTED, *([Effect.MAY_BLOCK_AGAIN] if warned else []))


@pytest.mark.parametrize(("days", "flagged"), [(1, True), (REPEAT_DAYS, True), (REPEAT_DAYS + 1, False)])
def test_a_repeated_unblocking_is_flagged_to_the_supervisor(
    counter: Counter, database: Database, days: int, flagged: bool
) -> None:
    user = a_blocked_user(database)
    unblocked_before(database, user, days)
    reception, request = an_unblocking(counter, user)
    view = approved(counter, reception, request)
    assert (view.shown.repeats, Effect.UNBLOCKED_BEFORE in view.shown.effects) == (int(flagged), flagged)
    assert len(counter.unblocking.page(counter.actor, reception.number).recent_unblocks) == int(flagged)
    counter.clock.step(
        minutes=9
    )  # an old one that leaves the window meanwhile does not void what was approved
    counter.unblocking.execute(counter.actor, reception.number)
    assert journal_of(database)[-1].facts["repeats"] == int(flagged)


@pytest.mark.rule("R-49")
def test_the_page_tells_how_the_block_came(counter: Counter, database: Database) -> None:
    user = a_user(database)
    blocks_by_hand(counter, user)
    reception, _ = an_unblocking(counter, user)
    page = counter.unblocking.page(counter.actor, reception.number)
    assert [(cycle.number, len(cycle.failures), cycle.ended) for cycle in page.cycles] == [
        (1, 6, "locked"),
        (2, 6, "locked"),
        (3, 6, "blocked"),
    ]
    assert page.card.lock.standing is LockStanding.BLOCKED
    assert page.recent_unblocks == ()
    assert journal_of(database)[-1].tag == "user:locks:inquired"


def test_a_new_block_begins_a_new_page(counter: Counter, database: Database) -> None:
    user = a_user(database)
    for _ in range(2):
        blocks_by_hand(counter, user)
        reception, request = an_unblocking(counter, user)
        page = counter.unblocking.page(counter.actor, reception.number)
        assert [cycle.number for cycle in page.cycles] == [1, 2, 3]
        approved(counter, reception, request)
        counter.unblocking.execute(counter.actor, reception.number)
    assert page.recent_unblocks != ()


@pytest.mark.rule("E-96")
def test_whoever_carries_the_sealed_form_may_ask_for_it(counter: Counter, database: Database) -> None:
    user = a_blocked_user(database)
    reception: Reception = received(
        counter, user, Transaction.UNBLOCK, visitor_kind=VisitorKind.PROXY, visitor_name="代理 一郎"
    )
    _, request = an_unblocking(counter)
    approved(counter, reception, request, a_supervisor(database))
    assert counter.unblocking.execute(counter.actor, reception.number).user_id == user.user_id


@pytest.mark.rule("I-17")
def test_a_block_is_lifted_once(counter: Counter, database: Database) -> None:
    reception, request = an_unblocking(counter)
    approved(counter, reception, request)
    first = counter.unblocking.execute(counter.actor, reception.number)
    with pytest.raises(ApprovalNeeded):
        counter.unblocking.execute(counter.actor, reception.number)
    assert counter.unblocking.result(counter.actor, reception.number) == first
    with pytest.raises(CaseNotOpen):
        counter.unblocking.page(counter.actor, reception.number)

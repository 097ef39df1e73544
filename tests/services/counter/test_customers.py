"""Finding users and opening their card."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from db.database import Database
from db.tables import LockEvent
from kiosk.audit.events import EventTag
from kiosk.errors import BadInput, JournalNotWritable, KioskError, NotPermitted, OtherBranch, UserNotFound
from kiosk.rules.credentials import ShapeProblem
from kiosk.rules.lockout import LockStanding
from kiosk.rules.next_actions import TRANSACTIONS_FOR_USERS, Reason
from kiosk.rules.operations import Transaction
from kiosk.rules.roles import Permission, StaffRole, may
from kiosk.rules.validity import CertificateStanding
from kiosk.services.acting import Actor
from kiosk.services.counter.customers import Customers
from kiosk.services.desk.guard import Desk
from kiosk.services.views import UserCard
from tests.support.builders import (
    a_branch,
    a_case,
    a_certificate,
    a_user,
    an_actor,
    an_organization,
    stored,
)
from tests.support.clock import MONDAY_MORNING, SteppedClock
from tests.support.faults import full_journal
from tests.support.journal import journal_of, told
from tests.support.service_hours import ALWAYS_OPEN
from tests.support.statements import counted_statements


@pytest.fixture
def customers(desk: Desk) -> Customers:
    return Customers(desk=desk, hours=ALWAYS_OPEN)


@pytest.fixture
def clerk(database: Database) -> Actor:
    return an_actor(database)


def refusal(use_case: Callable[[], object]) -> KioskError:
    with pytest.raises(KioskError) as refused:
        use_case()
    return refused.value


def reasons(card: UserCard) -> dict[Transaction, Reason | None]:
    return {action.transaction: action.reason for action in card.next_actions}


@pytest.mark.parametrize(
    "typed",
    [
        "koushin01",
        "KOUSHIN",
        "koush",
        "更新",
        "花子",
        "コウシン ハナコ",
        "こうしんは",
        "コウシン",
        "hanako",
        "koushinha",
        "1234567",
        "青空労働",
        "　花子 ",
    ],
)
def test_a_user_is_found_by_what_the_clerk_can_type(
    customers: Customers, clerk: Actor, database: Database, typed: str
) -> None:
    an_organization(database, "1234567", name="青空労働組合")
    user = a_user(database, user_id="koushin01", name="更新 花子", kana="コウシン ハナコ")
    a_user(
        database,
        user_id="shinki02",
        name="新規 次郎",
        kana="シンキ ジロウ",
        organization_pk=an_organization(database, "7654321", name="海組合").pk,
    )

    (row,) = customers.search(clerk, typed)

    assert (row.user_pk, row.user_id, row.name, row.kana) == (
        user.pk,
        "koushin01",
        "更新 花子",
        "コウシン ハナコ",
    )
    assert (row.organization_code, row.organization_name) == ("1234567", "青空労働組合")


@pytest.mark.parametrize("typed", ["", "   ", "\x00", "\udcff", "zzzz", "%", "_", "oushin01", "x" * 100_000])
def test_what_matches_nobody_finds_nobody(
    customers: Customers, clerk: Actor, database: Database, typed: str
) -> None:
    a_user(database, user_id="koushin01")

    assert customers.search(clerk, typed) == ()


def test_a_long_list_is_cut(customers: Customers, clerk: Actor, database: Database) -> None:
    for _ in range(5):
        a_user(database)

    assert len(customers.search(clerk, "kunren", limit=3)) == 3


@pytest.mark.rule("E-94")
def test_users_of_other_branches_are_not_found(
    customers: Customers, clerk: Actor, database: Database
) -> None:
    a_user(database, user_id="pchenko03", branch_pk=a_branch(database, "034").pk)

    assert customers.search(clerk, "pchenko03") == ()
    assert len(customers.search(an_actor(database, StaffRole.AUDITOR), "pchenko03")) == 1


@pytest.mark.rule("R-03", "R-22")
def test_the_card_shows_live_certificates_first(
    customers: Customers, clerk: Actor, database: Database, clock: SteppedClock
) -> None:
    user = a_user(database, user_id="koushin01", email="taro@example.jp", name="更新 花子")
    long_ago = a_certificate(database, user, issued_at=MONDAY_MORNING - timedelta(days=700), slot=None)
    a_certificate(database, user, issued_at=MONDAY_MORNING - timedelta(days=400), state="voided")
    old = a_certificate(database, user, issued_at=MONDAY_MORNING - timedelta(days=345))
    revoked = a_certificate(database, user, issued_at=MONDAY_MORNING - timedelta(days=1), state="revoked")

    card = customers.card(clerk, user.pk)

    assert [(view.serial, view.standing) for view in card.certificates] == [
        (old.serial, CertificateStanding.RENEWABLE),
        (revoked.serial, CertificateStanding.REVOKED),
        (long_ago.serial, CertificateStanding.EXPIRED),
    ]
    assert card.certificates[0].last_valid_date == date(2026, 3, 22)
    assert card.certificates[0].renewable_from == date(2026, 2, 20)
    assert card.masked_email == "t****@e******.jp"
    assert card.branch_name == "第012支店"
    assert reasons(card)[Transaction.RENEW] is None


def test_the_card_says_what_can_be_done_and_why_the_rest_cannot(
    customers: Customers, clerk: Actor, database: Database
) -> None:
    user = a_user(database, status="blocked", lock_count=3)

    card = customers.card(clerk, user.pk)

    assert tuple(reasons(card)) == TRANSACTIONS_FOR_USERS
    assert reasons(card) == {
        Transaction.FIRST_ISSUE: Reason.MASTER_BLOCKED,
        Transaction.RENEW: Reason.FIRST_ISSUE_INSTEAD,
        Transaction.REISSUE: Reason.FIRST_ISSUE_INSTEAD,
        Transaction.REVOKE: Reason.NO_LIVE_CERTIFICATE,
        Transaction.EMERGENCY_REVOKE: Reason.NO_LIVE_CERTIFICATE,
        Transaction.UNBLOCK: None,
    }


@pytest.mark.rule("E-90")
def test_the_reception_at_hand_does_not_stand_in_its_own_way(
    customers: Customers, clerk: Actor, database: Database
) -> None:
    user = a_user(database)
    case = a_case(database, user)

    assert reasons(customers.card(clerk, user.pk))[Transaction.FIRST_ISSUE] is Reason.ALREADY_OPEN
    assert reasons(customers.card(clerk, user.pk, case.reception_no))[Transaction.FIRST_ISSUE] is None


def test_a_proxy_is_told_on_the_card(customers: Customers, clerk: Actor, database: Database) -> None:
    user = a_user(database)
    case = a_case(database, user, visitor_kind="proxy")

    card = customers.card(clerk, user.pk, case.reception_no)

    assert reasons(card)[Transaction.FIRST_ISSUE] is Reason.PROXY_CANNOT_RECEIVE
    other = customers.card(clerk, a_user(database).pk, case.reception_no)
    assert reasons(other)[Transaction.FIRST_ISSUE] is None


@pytest.mark.rule("R-48", "E-25", "E-38")
def test_the_card_shows_a_lock_as_long_as_it_lasts(
    customers: Customers, clerk: Actor, database: Database, clock: SteppedClock
) -> None:
    until = clock.now() + timedelta(minutes=40)
    user = a_user(database, role="general", lock_count=1, locked_until=until)

    locked = customers.card(clerk, user.pk)
    clock.step(minutes=40)
    free = customers.card(clerk, user.pk)

    assert (locked.lock.standing, locked.lock.until, locked.lock.tries_left) == (
        LockStanding.LOCKED,
        until,
        0,
    )
    assert (free.lock.standing, free.lock.until, free.lock.tries_left) == (LockStanding.ACTIVE, None, 6)
    assert free.lock.lock_count == 1


def test_the_timeline_tells_what_happened_newest_first(
    customers: Customers, clerk: Actor, database: Database, clock: SteppedClock
) -> None:
    user = a_user(database)
    yesterday = clock.now() - timedelta(days=1)
    certificate = a_certificate(database, user, issued_at=yesterday, state="revoked", revoked_at=clock.now())
    for minutes, kind in enumerate(("failed", "locked")):
        at = clock.now() + timedelta(minutes=minutes)
        stored(database, LockEvent(user_pk=user.pk, kind=kind, at=at, failures=1, lock_count=0))

    timeline = customers.card(clerk, user.pk).timeline

    assert [entry.tag for entry in timeline[:3]] == ["locked", "failed", EventTag.CERTIFICATE_REVOKED]
    assert timeline[2].detail == certificate.serial
    assert {entry.tag for entry in timeline[3:]} == {
        EventTag.HANDED_OVER,
        EventTag.ISSUE_SIGNED,
        EventTag.RECEPTION_OPENED,
        EventTag.CASE_DONE,
    }
    assert sorted((entry.at for entry in timeline), reverse=True) == [entry.at for entry in timeline]


def test_every_opened_card_is_journaled(customers: Customers, clerk: Actor, database: Database) -> None:
    user = a_user(database, user_id="koushin01")
    case = a_case(database, user)

    customers.card(clerk, user.pk, case.reception_no)
    customers.by_user_id(clerk, "koushin01")

    first, second = journal_of(database)
    assert {first.tag, second.tag} == {EventTag.USER_INQUIRED}
    assert (first.body["user_id"], first.body["reception_no"]) == ("koushin01", case.reception_no)
    assert (second.body["user_id"], second.body["transaction"]) == ("koushin01", "401")


@pytest.mark.rule("I-12")
def test_no_entry_no_card(customers: Customers, clerk: Actor, database: Database) -> None:
    user = a_user(database)

    with full_journal(database):
        assert isinstance(refusal(lambda: customers.card(clerk, user.pk)), JournalNotWritable)


@pytest.mark.rule("R-41", "E-45")
def test_capitals_and_small_letters_are_different_users(
    customers: Customers, clerk: Actor, database: Database
) -> None:
    a_user(database, user_id="Taro0001", name="大文字")
    a_user(database, user_id="taro0001", name="小文字")

    assert customers.by_user_id(clerk, "Taro0001").name == "大文字"
    assert customers.by_user_id(clerk, "taro0001").name == "小文字"
    assert isinstance(refusal(lambda: customers.by_user_id(clerk, "TARO0001")), UserNotFound)


@pytest.mark.rule("E-31", "EC04")
def test_an_unknown_id_is_journaled_without_what_was_typed(
    customers: Customers, clerk: Actor, database: Database
) -> None:
    assert isinstance(refusal(lambda: customers.by_user_id(clerk, "himitsu9")), UserNotFound)

    (line,) = journal_of(database)
    assert (line.tag, line.outcome, line.body["code"]) == (EventTag.USER_NOT_FOUND, "refused", "EC04")
    assert "himitsu9" not in str(line.body)


@pytest.mark.rule("E-40", "E-44")
@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("ｋｏｕｓｈｉｎ０１", ShapeProblem.FULL_WIDTH),
        ("koushin01\n", ShapeProblem.BAD_CHARACTER),
        ("", ShapeProblem.EMPTY),
    ],
)
def test_what_cannot_be_an_id_is_refused_at_the_field(
    customers: Customers, clerk: Actor, typed: str, problem: ShapeProblem
) -> None:
    refused = refusal(lambda: customers.by_user_id(clerk, typed))

    assert isinstance(refused, BadInput)
    assert (refused.field, refused.problem) == ("user_id", problem)


@pytest.mark.rule("E-94", "ET04")
def test_a_user_of_another_branch_is_guided_there(
    customers: Customers, clerk: Actor, database: Database
) -> None:
    elsewhere = a_branch(database, "034", name="駅前支店")
    user = a_user(database, user_id="pchenko03", branch_pk=elsewhere.pk)

    for use_case in (
        lambda: customers.by_user_id(clerk, "pchenko03"),
        lambda: customers.card(clerk, user.pk),
    ):
        refused = refusal(use_case)
        assert isinstance(refused, OtherBranch)
        assert refused.branch_name == "駅前支店"
    assert told(database) == [(EventTag.OTHER_BRANCH_REFUSED, "refused")] * 2


@pytest.mark.rule("E-94")
def test_those_who_see_all_branches_look_and_change_nothing(customers: Customers, database: Database) -> None:
    user = a_user(database, branch_pk=a_branch(database, "034").pk)
    auditor = an_actor(database, StaffRole.AUDITOR)

    card = customers.card(auditor, user.pk)

    assert set(reasons(card).values()) == {Reason.NOT_PERMITTED}


def test_a_card_that_is_not_there_is_not_found(customers: Customers, clerk: Actor) -> None:
    assert isinstance(refusal(lambda: customers.card(clerk, 999_999)), UserNotFound)


@pytest.mark.parametrize("role", StaffRole)
def test_only_those_who_may_inquire_look_at_users(
    customers: Customers, database: Database, role: StaffRole
) -> None:
    user = a_user(database)
    actor = an_actor(database, role)

    for use_case in (
        lambda: customers.search(actor, "kunren"),
        lambda: customers.card(actor, user.pk),
        lambda: customers.by_user_id(actor, user.user_id),
    ):
        if may(role, Permission.INQUIRE):
            use_case()
        else:
            assert isinstance(refusal(use_case), NotPermitted)


def test_the_card_costs_the_same_however_long_the_life_behind_it(
    customers: Customers, clerk: Actor, database: Database
) -> None:
    """A handful of indexed statements; the milliseconds are a benchmark's to count."""
    newcomer, veteran = a_user(database), a_user(database)
    for year in range(1, 6):
        a_certificate(database, veteran, issued_at=MONDAY_MORNING - timedelta(days=366 * year), slot=None)

    def statements(user_pk: int) -> int:
        with counted_statements(database) as seen:
            customers.card(clerk, user_pk)
        return len(seen)

    customers.card(clerk, newcomer.pk)  # the first entry of a journal also makes its head
    assert statements(veteran.pk) == statements(newcomer.pk) <= 15

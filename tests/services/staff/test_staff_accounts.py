"""Shutting staff out, letting them in again, other roles, branches and passwords; and what that stops at once."""

from collections.abc import Callable

import pytest
from sqlmodel import select

from db.database import Database
from db.tables import Certificate, Staff
from kiosk.audit.events import EventTag
from kiosk.errors import AccountChanged, BadInput, NotPermitted, SignOnPaused, SignOnRefused
from kiosk.rules.certificates import CertificateState
from kiosk.rules.roles import Permission, StaffRole, may
from kiosk.secret import Secret
from kiosk.services.acting import Actor
from kiosk.services.desk.guard import Desk
from kiosk.services.desk.held import HeldPasswords
from kiosk.services.desk.new_entries import UNKNOWN
from kiosk.services.staff.accounts import StaffAccounts
from kiosk.services.staff.signing_in import PasswordVerifier, SigningIn
from tests.support.builders import HASHER, PASSWORD, a_terminal, a_user, an_actor
from tests.support.counters import Counter
from tests.support.journal import journal_of

NEW_PASSWORD = Secret("Atarashii#02")


@pytest.fixture
def accounts(desk: Desk) -> StaffAccounts:
    return StaffAccounts(desk=desk, hasher=HASHER)


def signing_in(desk: Desk, database: Database) -> SigningIn:
    return SigningIn(
        desk=desk,
        terminal=a_terminal(database),
        verifier=PasswordVerifier(hasher=HASHER),
        passwords=HeldPasswords(),
    )


def stored(database: Database, actor: Actor) -> Staff:
    with database.reading() as session:
        return session.get_one(Staff, actor.staff_pk)


def states_of_certificates(database: Database) -> list[str]:
    with database.reading() as session:
        return [row.state for row in session.exec(select(Certificate))]


def accounts_at(counter: Counter) -> StaffAccounts:
    return StaffAccounts(desk=counter.issuing.desk, hasher=HASHER)


def test_whoever_was_shut_out_cannot_sign_on_until_let_in_again(
    accounts: StaffAccounts, desk: Desk, database: Database
) -> None:
    actor = an_actor(database)
    accounts.set_password(None, actor.staff_id, NEW_PASSWORD)
    door = signing_in(desk, database)

    accounts.suspend(None, actor.staff_id)
    with pytest.raises(SignOnRefused):
        door.sign_in(actor.staff_id, NEW_PASSWORD)

    accounts.readmit(None, actor.staff_id)
    assert door.sign_in(actor.staff_id, NEW_PASSWORD).staff_pk == actor.staff_pk


def test_a_new_password_ends_the_pause_and_the_old_password(
    accounts: StaffAccounts, desk: Desk, database: Database
) -> None:
    actor = an_actor(database)
    accounts.set_password(None, actor.staff_id, Secret("Furui#0001"))
    door = signing_in(desk, database)
    for expected in (SignOnRefused, SignOnRefused, SignOnPaused):
        with pytest.raises(expected):
            door.sign_in(actor.staff_id, NEW_PASSWORD)
    assert accounts.accounts(None)[0].paused_until is not None

    accounts.set_password(None, actor.staff_id, NEW_PASSWORD)

    assert accounts.accounts(None)[0].paused_until is None
    assert door.sign_in(actor.staff_id, NEW_PASSWORD).staff_pk == actor.staff_pk
    with pytest.raises(SignOnRefused):
        door.sign_in(actor.staff_id, Secret("Furui#0001"))


@pytest.mark.rule("I-12")
def test_each_change_is_journaled_with_what_was_and_what_became(
    accounts: StaffAccounts, database: Database
) -> None:
    administrator = an_actor(database, StaffRole.ADMINISTRATOR)
    clerk = an_actor(database)

    accounts.assign(administrator, clerk.staff_id, StaffRole.SUPERVISOR, "012")
    accounts.suspend(administrator, clerk.staff_id)

    assigned, suspended = journal_of(database)
    assert (assigned.tag, suspended.tag) == (EventTag.STAFF_ASSIGNED, EventTag.STAFF_SUSPENDED)
    assert assigned.facts == {"account": clerk.staff_id}
    assert (assigned.body["before"], assigned.body["after"]) == ("clerk/012/active", "supervisor/012/active")
    assert suspended.body["after"] == "supervisor/012/suspended"
    assert suspended.body["staff_id"] == administrator.staff_id


def test_no_change_of_a_password_is_told_with_anything_of_it(
    accounts: StaffAccounts, database: Database
) -> None:
    actor = an_actor(database)
    accounts.set_password(None, actor.staff_id, NEW_PASSWORD)
    told = str(journal_of(database)[-1].body)
    assert NEW_PASSWORD.reveal() not in told
    assert stored(database, actor).password_hash not in told


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda accounts, _: accounts.suspend(None, "nobody"), "staff_id"),
        (lambda accounts, _: accounts.readmit(None, "nobody"), "staff_id"),
        (lambda accounts, _: accounts.set_password(None, "nobody", NEW_PASSWORD), "staff_id"),
        (lambda accounts, one: accounts.set_password(None, one.staff_id, Secret("short")), "password"),
        (lambda accounts, _: accounts.assign(None, "nobody", StaffRole.CLERK, "012"), "staff_id"),
        (lambda accounts, one: accounts.assign(None, one.staff_id, StaffRole.AUDITOR, "999"), "branch_no"),
        (lambda accounts, one: accounts.assign(None, one.staff_id, StaffRole.AUDITOR, "1"), "branch_no"),
    ],
)
def test_what_does_not_hold_is_named_and_changes_nothing(
    accounts: StaffAccounts,
    database: Database,
    change: Callable[[StaffAccounts, Actor], None],
    field: str,
) -> None:
    actor = an_actor(database)
    before = stored(database, actor)
    with pytest.raises(BadInput) as refused:
        change(accounts, actor)
    assert refused.value.field == field
    assert refused.value.problem == UNKNOWN or field != "staff_id"
    assert stored(database, actor) == before


@pytest.mark.parametrize("role", StaffRole)
def test_only_an_administrator_changes_accounts(
    accounts: StaffAccounts, database: Database, role: StaffRole
) -> None:
    actor, other = an_actor(database, role), an_actor(database)
    if may(role, Permission.MANAGE_STAFF):
        accounts.suspend(actor, other.staff_id)
        assert not stored(database, other).active
        return
    for change in (
        lambda: accounts.suspend(actor, other.staff_id),
        lambda: accounts.assign(actor, actor.staff_id, StaffRole.SUPERVISOR, "012"),
        lambda: accounts.set_password(actor, other.staff_id, NEW_PASSWORD),
        lambda: accounts.accounts(actor),
    ):
        with pytest.raises(NotPermitted):
            change()
    assert stored(database, other).active


def change_of(account: str) -> Callable[[StaffAccounts, str], None]:
    return {
        "shut out": lambda accounts, staff_id: accounts.suspend(None, staff_id),
        "another role": lambda accounts, staff_id: accounts.assign(
            None, staff_id, StaffRole.SUPERVISOR, "012"
        ),
        "another branch": lambda accounts, staff_id: accounts.assign(None, staff_id, StaffRole.CLERK, "099"),
    }[account]


@pytest.mark.parametrize("change", ["shut out", "another role", "another branch"])
def test_whoever_is_changed_while_signed_on_does_and_sees_nothing_more(
    counter: Counter, database: Database, change: str
) -> None:
    user = a_user(database)
    a_terminal(database, branch_no="099")
    number = counter.opens_case(user).reception_no

    change_of(change)(accounts_at(counter), counter.actor.staff_id)

    for step in (
        lambda: counter.casework.case(counter.actor, number),
        lambda: counter.issuing.preview(counter.actor, number),
        lambda: counter.authenticating.submit_password(counter.actor, number, user.user_id, Secret(PASSWORD)),
    ):
        with pytest.raises(AccountChanged):
            step()
    refused = [line for line in journal_of(database) if line.outcome == "refused"]
    assert [line.body["code"] for line in refused] == ["ET05"] * 3
    assert {line.body["staff_id"] for line in refused} == {counter.actor.staff_id}
    assert counter.post.codes == []


@pytest.mark.rule("I-2", "I-4")
def test_a_certificate_that_no_stick_has_yet_goes_onto_none_and_can_still_be_given_up(
    counter: Counter, database: Database
) -> None:
    user = a_user(database)
    number = counter.opens_case(user).reception_no
    counter.authenticates(number, user)
    ready = counter.signs(number)
    accounts = accounts_at(counter)
    accounts.suspend(None, counter.actor.staff_id)

    with pytest.raises(AccountChanged):
        counter.delivers(ready)
    counter.issuing.abandon(counter.actor, ready)

    assert states_of_certificates(database) == [CertificateState.REVOKED]


def test_nothing_is_signed_for_whoever_was_shut_out(counter: Counter, database: Database) -> None:
    user = a_user(database)
    number = counter.opens_case(user).reception_no
    counter.authenticates(number, user)
    accounts_at(counter).suspend(None, counter.actor.staff_id)

    with pytest.raises(AccountChanged):
        counter.signs(number)

    assert states_of_certificates(database) == []

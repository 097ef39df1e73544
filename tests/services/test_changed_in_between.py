"""What a step has begun for one user, organization or medium is not ended for another one."""

from dataclasses import replace

import pytest
from sqlmodel import col, select

from db.database import Database
from db.tables import Certificate, LockEvent, Medium, Notice, Organization, User
from kiosk.errors import CannotCheckNow, CaseNotOpen, IssueFailed
from kiosk.pki.signer import CertificateOrder, Prepared
from kiosk.rules.deliveries import DeliveryState
from kiosk.rules.operations import Transaction
from kiosk.secret import Secret
from kiosk.services.approved.views import GiveUpRequest
from kiosk.services.desk.locks import catch_up_lock_letters
from kiosk.services.views import IssueStage
from tests.support.approvals import a_supervisor, approves
from tests.support.builders import PASSWORD, a_branch, a_medium, a_user, an_organization
from tests.support.counters import Counter
from tests.support.journal import told
from tests.support.slow import slow_hasher


def with_another_user_chosen_meanwhile(counter: Counter, reception_no: str, other: User) -> Counter:
    """The reception is given to `other` at a second terminal while the password of the first user is compared."""

    def chooses() -> None:
        counter.casework.choose_user(counter.actor, reception_no, other.pk)
        counter.casework.choose_transaction(counter.actor, reception_no, Transaction.FIRST_ISSUE)

    hasher = slow_hasher(chooses)
    return replace(counter, authenticating=replace(counter.authenticating, hasher=hasher))


def stored(database: Database, user: User) -> User:
    with database.reading() as session:
        return session.get_one(User, user.pk)


@pytest.mark.rule("R-64", "E-21", "I-7")
def test_a_right_password_opens_nothing_for_the_user_who_was_chosen_meanwhile(
    counter: Counter, database: Database
) -> None:
    user, other = a_user(database), a_user(database, consecutive_failures=4, lock_count=2, charges=16)
    number = counter.opens_case(user).reception_no
    slow = with_another_user_chosen_meanwhile(counter, number, other)

    with pytest.raises(CaseNotOpen):
        slow.authenticating.submit_password(slow.actor, number, user.user_id, Secret(PASSWORD))

    assert counter.post.codes == []
    assert counter.passwords.of(number, counter.clock.now()) is None
    after = stored(database, other)
    assert (after.consecutive_failures, after.lock_count) == (4, 2)


@pytest.mark.rule("E-21", "E-22")
def test_a_wrong_password_is_held_against_nobody_else(counter: Counter, database: Database) -> None:
    user, other = a_user(database, consecutive_failures=5, charges=5), a_user(database)
    number = counter.opens_case(user).reception_no
    slow = with_another_user_chosen_meanwhile(counter, number, other)

    with pytest.raises(CaseNotOpen):
        slow.authenticating.submit_password(slow.actor, number, user.user_id, Secret("Wrong#2026"))

    with database.reading() as session:
        assert session.exec(select(LockEvent).where(col(LockEvent.user_pk) == other.pk)).all() == []
        assert session.exec(select(Notice).where(col(Notice.user_pk) == other.pk)).all() == []
    assert stored(database, user).locked_until is not None


@pytest.mark.rule("R-47", "E-21")
@pytest.mark.parametrize("ending", ["voided", "given to another user"])
def test_a_right_password_clears_the_count_whatever_became_of_its_reception_meanwhile(
    counter: Counter, database: Database, ending: str
) -> None:
    """Its sixth try was right: no lock stays, and nobody gets a letter of one."""
    user, other = a_user(database, consecutive_failures=5, charges=5), a_user(database)
    number = counter.opens_case(user).reception_no

    def ends() -> None:
        if ending == "voided":
            counter.casework.void(counter.actor, number, "お客様の都合")
        else:
            counter.casework.choose_user(counter.actor, number, other.pk)

    authenticating = replace(counter.authenticating, hasher=slow_hasher(ends))
    with pytest.raises(CaseNotOpen):
        authenticating.submit_password(counter.actor, number, user.user_id, Secret(PASSWORD))

    after = stored(database, user)
    assert (after.consecutive_failures, after.lock_count, after.locked_until) == (0, 0, None)
    assert counter.passwords.waiting() == {}
    counter.clock.step(hours=1)
    assert catch_up_lock_letters(counter.casework.desk) == 0


@pytest.mark.rule("R-51", "E-20")
def test_a_wrong_one_is_told_to_its_own_user_at_once(counter: Counter, database: Database) -> None:
    user, other = a_user(database, consecutive_failures=5, charges=5), a_user(database)
    number = counter.opens_case(user).reception_no
    slow = with_another_user_chosen_meanwhile(counter, number, other)

    with pytest.raises(CaseNotOpen):
        slow.authenticating.submit_password(slow.actor, number, user.user_id, Secret("Wrong#2026"))

    with database.reading() as session:
        (event,) = session.exec(select(LockEvent)).all()
        (notice,) = session.exec(select(Notice)).all()
    assert (event.user_pk, event.kind) == (user.pk, "locked")
    assert (notice.user_pk, notice.kind) == (user.pk, "locked")
    assert told(database)[-1] == ("auth:password:locked", "refused")


@pytest.mark.rule("E-21")
def test_a_password_that_could_not_be_looked_at_is_not_held_against_anybody_either(
    counter: Counter, database: Database
) -> None:
    user = a_user(database, consecutive_failures=5, charges=5)
    number = counter.opens_case(user).reception_no

    def ends() -> None:
        counter.casework.choose_user(counter.actor, number, a_user(database).pk)
        raise CannotCheckNow

    authenticating = replace(counter.authenticating, hasher=slow_hasher(ends))
    with pytest.raises(CannotCheckNow):
        authenticating.submit_password(counter.actor, number, user.user_id, Secret(PASSWORD))

    after = stored(database, user)
    assert (after.consecutive_failures, after.locked_until) == (5, None)


@pytest.mark.rule("I-4")
def test_a_certificate_names_the_organization_the_user_belongs_to(
    counter: Counter, database: Database
) -> None:
    user = a_user(database)
    moved_to = an_organization(database, code="7654321")
    number = counter.opens_case(user).reception_no
    counter.authenticates(number, user)
    prepare = counter.signer.prepare

    def moves_meanwhile(order: CertificateOrder) -> Prepared:
        with database.transaction() as session:
            session.get_one(User, user.pk).organization_pk = moved_to.pk
        return prepare(order)

    counter.signer.prepare = moves_meanwhile  # type: ignore[method-assign]  # the real one is called
    with pytest.raises(IssueFailed):
        counter.signs(number)
    with database.reading() as session:
        assert session.exec(select(Certificate)).all() == []


@pytest.mark.rule("I-4")
def test_and_by_the_name_it_has_now(counter: Counter, database: Database) -> None:
    user = a_user(database)
    number = counter.opens_case(user).reception_no
    counter.authenticates(number, user)
    prepare = counter.signer.prepare

    def renamed_meanwhile(order: CertificateOrder) -> Prepared:
        with database.transaction() as session:
            session.get_one(Organization, user.organization_pk).name = "新しい名の労働組合"
        return prepare(order)

    counter.signer.prepare = renamed_meanwhile  # type: ignore[method-assign]  # the real one is called
    with pytest.raises(IssueFailed):
        counter.signs(number)


@pytest.mark.rule("E-87")
def test_the_medium_that_was_written_is_the_one_that_is_handed_over(
    counter: Counter, database: Database
) -> None:
    ready = counter.issues(a_user(database))
    with database.reading() as session:
        written = session.exec(select(Medium.medium_no)).one()
    other = a_medium(database, branch_pk=counter.actor.terminal.branch_pk).medium_no

    def another_is_booked_meanwhile(stage: IssueStage) -> None:
        if stage is IssueStage.READ_BACK:
            counter.casework.set_medium(counter.actor, ready.reception_no, other, None)

    delivered = counter.delivering.deliver(counter.actor, ready, counter.stick(), another_is_booked_meanwhile)

    assert delivered.medium_no == written
    with database.reading() as session:
        states = dict(session.exec(select(Medium.medium_no, Medium.state)).all())
    assert states == {written: "in_use", other: "in_stock"}


@pytest.mark.rule("E-84", "E-94")
def test_a_medium_of_a_user_who_moved_to_another_branch_can_still_be_given_up(
    counter: Counter, database: Database
) -> None:
    user = a_user(database)
    ready = counter.issues(user)
    counter.delivers(ready)
    elsewhere = a_branch(database, "034").pk
    with database.transaction() as session:
        session.get_one(User, user.pk).branch_pk = elsewhere
    request = GiveUpRequest(outcome=DeliveryState.NOT_COLLECTED)
    asked = counter.approving.ask(counter.actor, ready.reception_no, request)
    approves(counter, asked, a_supervisor(database))

    assert counter.revoking.execute(counter.actor, ready.reception_no).serial == ready.serial

    with database.reading() as session:
        assert session.exec(select(Certificate.state)).one() == "revoked"

"""Unique indexes, and not the code, forbid what must never exist twice; both engines refuse the second row."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from db.database import Database, is_unique_violation
from db.queries import cases, certificates
from db.tables import Case, Certificate, Row, User, VerificationCode
from db.tables.case import ONE_OPEN_CASE
from db.tables.certificate import ONE_CERTIFICATE_PER_SLOT
from db.tables.verification_code import ONE_LIVE_CODE
from tests.support.rows import NOW, Rows

RACERS = 6


def one_of_many(database: Database, store: Callable[[Rows, User], Row], index: str) -> None:
    """Let several terminals store at once: exactly one succeeds, the others are refused by this index."""
    with database.transaction() as session:
        user = Rows(session).user()
        Rows(session).case()
    start = threading.Barrier(RACERS)

    def race(racer: int) -> str:
        start.wait()
        try:
            with database.transaction() as session:
                store(Rows(session, first=racer * 10 + 10), session.get_one(User, user.pk))
        except IntegrityError as error:
            return "refused" if is_unique_violation(error, index) else str(error)
        return "stored"

    with ThreadPoolExecutor(RACERS) as pool:
        ends = sorted(pool.map(race, range(RACERS)))
    assert ends == ["refused"] * (RACERS - 1) + ["stored"]


@pytest.mark.rule("E-90")
def test_a_user_has_one_open_case_of_a_kind(database: Database) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        user = rows.user()
        rows.issue_case(user)
    with pytest.raises(IntegrityError) as caught, database.transaction() as session:
        Rows(session, first=10).issue_case(session.get_one(User, user.pk), state="needs_attention")
    assert is_unique_violation(caught.value, ONE_OPEN_CASE)


@pytest.mark.rule("E-90")
def test_choosing_the_kind_of_a_second_case_is_refused(database: Database) -> None:
    """The first case of a user may wait without a kind; only the kind makes it one of two."""
    with database.transaction() as session:
        rows = Rows(session)
        user = rows.user()
        rows.issue_case(user)
        second = rows.case(user_pk=user.pk, state="user_chosen")

    def choose() -> None:
        with database.transaction() as session:
            case = session.get_one(Case, second.pk)
            case.transaction, case.family, case.issue_kind, case.state = "102", "issue", "renew", "issuing"

    with pytest.raises(IntegrityError) as caught:
        choose()
    assert is_unique_violation(caught.value, ONE_OPEN_CASE)


@pytest.mark.rule("E-90")
def test_other_kinds_other_users_and_closed_cases_do_not_count(database: Database) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        user, other = rows.user(), rows.user()
        rows.issue_case(user, state="done")
        rows.issue_case(user, state="voided")
        rows.issue_case(user)
        rows.issue_case(other)
        rows.issue_case(user, transaction="201", family="revoke", issue_kind=None)
        rows.case(user_pk=user.pk, state="user_chosen")
        rows.case(user_pk=user.pk, state="user_chosen")
        open_case = cases.open_case_of(session, user.pk, "issue")
        assert open_case is not None
        assert open_case.state == "transaction_chosen"


@pytest.mark.usefixtures("patient")
@pytest.mark.rule("E-90")
def test_of_several_terminals_one_opens_the_case(database: Database) -> None:
    def store(rows: Rows, user: User) -> Row:
        return rows.issue_case(user)

    one_of_many(database, store, ONE_OPEN_CASE)


@pytest.mark.rule("I-1", "E-72")
def test_a_user_has_at_most_two_living_certificates(database: Database) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        user = rows.user()
        rows.signed(user_pk=user.pk, slot=0, state="active")
        rows.certificate(user_pk=user.pk, slot=1)
        assert certificates.live_slots(session, user.pk) == {0, 1}
    for slot in (0, 1):
        with pytest.raises(IntegrityError) as caught, database.transaction() as session:
            Rows(session, first=10).certificate(user_pk=user.pk, slot=slot)
        assert is_unique_violation(caught.value, ONE_CERTIFICATE_PER_SLOT)


@pytest.mark.rule("I-1")
def test_a_certificate_that_ended_makes_room(database: Database) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        user = rows.user()
        for _ in range(3):
            rows.revoked(user_pk=user.pk)
            rows.certificate(user_pk=user.pk, state="voided", slot=None)
            rows.signed(user_pk=user.pk, state="active", slot=None)  # expired
        rows.certificate(user_pk=user.pk, slot=0)
        assert certificates.live_slots(session, user.pk) == {0}


@pytest.mark.usefixtures("patient")
@pytest.mark.rule("I-1")
def test_of_several_terminals_one_reserves_the_certificate(database: Database) -> None:
    def store(rows: Rows, user: User) -> Row:
        return rows.certificate(user_pk=user.pk)

    one_of_many(database, store, ONE_CERTIFICATE_PER_SLOT)


@pytest.mark.rule("I-5")
def test_a_serial_is_used_once(database: Database) -> None:
    with database.transaction() as session:
        Rows(session).certificate(serial="01AB")
    with pytest.raises(IntegrityError) as caught, database.transaction() as session:
        Rows(session, first=10).certificate(serial="01AB")
    assert is_unique_violation(caught.value, "uq_certificates_serial")


@pytest.mark.rule("I-23")
@pytest.mark.parametrize(
    ("table", "constraint"),
    [(Case, "uq_cases_operation_id"), (Certificate, "uq_certificates_operation_id")],
)
def test_an_operation_is_stored_once(database: Database, table: type[Row], constraint: str) -> None:
    with database.transaction() as session:
        Rows(session).any(table, operation_id="once")
    with pytest.raises(IntegrityError) as caught, database.transaction() as session:
        Rows(session, first=10).any(table, operation_id="once")
    assert is_unique_violation(caught.value, constraint)


@pytest.mark.rule("E-53", "I-8")
def test_a_user_has_one_live_code(database: Database) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        user = rows.user()
        rows.code(user_pk=user.pk, ended="used", ended_at=NOW)
        rows.code(user_pk=user.pk, ended="replaced", ended_at=NOW)
        rows.code(user_pk=user.pk)
    with pytest.raises(IntegrityError) as caught, database.transaction() as session:
        Rows(session, first=10).code(user_pk=user.pk)
    assert is_unique_violation(caught.value, ONE_LIVE_CODE)


@pytest.mark.usefixtures("patient")
@pytest.mark.rule("I-8")
def test_of_several_terminals_one_makes_the_code(database: Database) -> None:
    def store(rows: Rows, user: User) -> Row:
        return rows.code(user_pk=user.pk)

    one_of_many(database, store, ONE_LIVE_CODE)
    with database.reading() as session:
        assert len(session.exec(select(VerificationCode)).all()) == 1


@pytest.mark.rule("R-41", "E-45")
def test_user_ids_that_differ_by_case_are_two_users(database: Database) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        for user_id in ("tanaka", "Tanaka", "TANAKA"):
            rows.user(user_id=user_id)


@pytest.mark.rule("I-18")
def test_a_cause_queues_one_notice(database: Database) -> None:
    with database.transaction() as session:
        Rows(session).notice(dedupe="expiring:01AB")
    with pytest.raises(IntegrityError) as caught, database.transaction() as session:
        Rows(session, first=10).notice(dedupe="expiring:01AB")
    assert is_unique_violation(caught.value, "uq_outbox_dedupe")

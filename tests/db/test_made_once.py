"""Questions that are made once, and those that read columns past the object mapper."""

from datetime import timedelta

import pytest
from sqlalchemy import delete
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError
from sqlmodel import col

from db.database import Database
from db.queries import approvals, cases, certificates, deliveries, latest, open_cases, staff
from db.queries.cases import Circumstances, Employer, Evidence
from db.queries.certificates import Held
from db.tables import Case, IdentityEvidence, User
from kiosk.audit.events import EventTag
from kiosk.audit.trail import Trail
from tests.db.test_list_plans import plan_of
from tests.support.databases import on_sqlite
from tests.support.rows import NOW, TODAY, Rows


def test_facts_tell_what_was_changed_a_moment_ago_in_the_same_transaction(database: Database) -> None:
    with database.transaction() as session:
        clerk = Rows(session).staff(name="前 花子")
        clerk.name = "今 花子"
        assert staff.by_pk(session, clerk.pk).name == "今 花子"
        clerk.active = False
        assert not staff.standing(session, clerk.pk).active


def test_how_somebody_stands_tells_how_late_it_is_at_least(database: Database) -> None:
    """Every act asks both; one question is answered sooner than two."""
    with database.transaction() as session:
        clerk = Rows(session).staff()
        assert staff.standing(session, clerk.pk).newest is None
        Trail("012/01/counter").record(session, EventTag.SIGN_ON_OK, now=NOW, who=None)
        standing = staff.standing(session, clerk.pk)
        assert (standing.newest, standing.active) == (latest.high_water(session), True)
        assert standing.newest == NOW


def test_what_the_next_transaction_depends_on_is_told_of_each_certificate(database: Database) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        user = rows.user()
        old = rows.revoked(user_pk=user.pk, reserved_at=NOW - timedelta(days=400), last_valid_date=TODAY)
        new = rows.signed(user_pk=user.pk)
        rows.certificate()
        assert certificates.held_by(session, user.pk) == (
            Held(new.state, new.last_valid_date),
            Held(old.state, old.last_valid_date),
        )


def test_in_force_is_what_is_in_the_hands_of_the_user(database: Database) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        user = rows.user()
        held = rows.signed(user_pk=user.pk, state="active", slot=0)
        rows.delivery(certificate_pk=held.pk, state="handed_over", verified_at=NOW, handed_over_at=NOW)
        waiting = rows.signed(user_pk=user.pk, state="active", slot=1)
        rows.delivery(certificate_pk=waiting.pk, state="verified", verified_at=NOW)
        assert certificates.in_force(session, user.pk) == ((held.serial, held.last_valid_date),)


def test_a_request_is_judged_by_the_organization_of_its_user_and_what_was_checked(database: Database) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        rows.organization(code="9999999", name="他社")
        user = rows.user(organization_pk=rows.organization(code="1000001", name="鉄道労働組合").pk)
        case, other = rows.case(user_pk=user.pk), rows.case()
        employer = Employer("鉄道労働組合", "1000001")
        assert cases.circumstances_of(session, case.pk, user) == Circumstances(employer, None)
        for seen_in, document in ((other, "passport"), (case, "driving_licence")):
            evidence = IdentityEvidence(
                case_pk=seen_in.pk,
                document_type=document,
                document_last4="1234",
                seal_checked_by="op001",
                checked_at=NOW,
            )
            session.add(evidence)
        assert cases.circumstances_of(session, case.pk, user) == Circumstances(
            employer, Evidence("driving_licence", None, "op001", None, None)
        )


def test_what_is_stored_at_once_is_what_the_row_says_and_stays(database: Database) -> None:
    """Beside what the object mapper stores of the same row, before it and after it."""
    with database.transaction() as session:
        case = Rows(session).case(visitor_name="前 花子")
        case.visitor_name = "今 花子"
        cases.store_end(session, case, "voided", NOW)
        assert (case.state, case.closed_at) == ("voided", NOW)
        case.void_reason = "undelivered"
    with database.reading() as session:
        stored = session.get_one(Case, case.pk)
        assert (stored.state, stored.closed_at) == ("voided", NOW)
        assert (stored.visitor_name, stored.void_reason) == ("今 花子", "undelivered")


def test_a_row_that_is_gone_is_not_taken_for_stored(database: Database) -> None:
    with database.transaction() as session:
        case = Rows(session).case()
        session.connection().execute(delete(Case).where(col(Case.pk) == case.pk))
        with pytest.raises(StaleDataError):
            cases.store_end(session, case, "voided", NOW)


def test_a_request_that_was_executed_is_not_executed_again_past_the_object_mapper(database: Database) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        checker = rows.staff()
        row = rows.approval(
            state="approved", checker_pk=checker.pk, checker_person=checker.person_number, decided_at=NOW
        )
        approvals.store_execution(session, row, "executed", NOW)
        with pytest.raises(DBAPIError):
            approvals.store_execution(session, row, "executed", NOW)
        session.rollback()


@pytest.mark.parametrize("scope", ["its own branch", "all branches", "another branch"])
def test_a_certificate_is_found_with_the_state_of_its_reception_in_the_branch_of_its_user(
    database: Database, scope: str
) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        signed = rows.signed()
        delivery = rows.delivery(certificate_pk=signed.pk)
        user = session.get_one(User, signed.user_pk)
        branch_pk = {"its own branch": user.branch_pk, "all branches": None, "another branch": 999}[scope]
    with database.transaction() as session:
        found = certificates.issued_for_update(session, signed.serial, branch_pk)
        if scope == "another branch":
            assert found is None
            return
        assert found is not None
        assert found.certificate.pk == signed.pk
        assert found.case_state == session.get_one(Case, signed.case_pk).state
        assert certificates.by_serial(session, signed.serial, None) is found.certificate
        of_it = deliveries.of_certificate(session, signed.pk)
        assert of_it is not None
        assert of_it.pk == delivery.pk


def test_before_the_first_entry_the_journal_knows_no_moment(database: Database) -> None:
    with database.reading() as session:
        assert latest.high_water(session) is None


@on_sqlite
def test_open_receptions_of_a_user_are_found_by_their_index(database: Database) -> None:
    plan = plan_of(database, lambda session: open_cases.numbers_by_family(session, 1))

    assert any("one_open_case_per_user_and_family" in step for step in plan), plan

"""Questions that are made once, and those that read columns past the object mapper."""

from datetime import timedelta

from db.database import Database
from db.queries import certificates, latest, open_cases, staff, users
from db.queries.certificates import Held
from db.queries.users import Employer
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


def test_a_user_has_one_organization(database: Database) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        rows.organization(code="9999999", name="他社")
        user = rows.user(organization_pk=rows.organization(code="1000001", name="鉄道労働組合").pk)
        assert users.employer_of(session, user) == Employer("鉄道労働組合", "1000001")


def test_before_the_first_entry_the_journal_knows_no_moment(database: Database) -> None:
    with database.reading() as session:
        assert latest.high_water(session) is None


@on_sqlite
def test_open_receptions_of_a_user_are_found_by_their_index(database: Database) -> None:
    plan = plan_of(database, lambda session: open_cases.numbers_by_family(session, 1))

    assert any("one_open_case_per_user_and_family" in step for step in plan), plan

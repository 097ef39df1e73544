"""402 期限到来一覧: who stands on which list, who may see it, and the list as a file."""

import csv
import stat
from datetime import date, timedelta
from pathlib import Path

import pytest

from db.database import Database
from db.tables import User
from kiosk.errors import ExportFailed, NoExportFolder
from kiosk.rules.notices import NoticeState
from kiosk.rules.renewals import RenewalList
from kiosk.rules.roles import StaffRole
from kiosk.services.desk.guard import Desk
from kiosk.services.overview.expiring import Renewals
from tests.support.builders import (
    a_branch,
    a_certificate,
    a_notice,
    a_user,
    an_actor,
    an_organization,
)
from tests.support.clock import MONDAY_MORNING
from tests.support.journal import told

YEAR = timedelta(days=365)


@pytest.fixture
def renewals(desk: Desk, tmp_path: Path) -> Renewals:
    return Renewals(desk=desk, export_folder=tmp_path / "exports")


def a_holder(database: Database, days_left: int, **other: object) -> User:
    """A user whose certificate ends in so many days."""
    user = a_user(database, **other)
    a_certificate(database, user, issued_at=MONDAY_MORNING - YEAR + timedelta(days=days_left))
    return user


def on(renewals: Renewals, database: Database, listed: RenewalList, **actor: object) -> list[tuple[str, int]]:
    page = renewals.lines(an_actor(database, **actor), listed)  # type: ignore[arg-type]  # names of an_actor
    return [(row.user_id, row.days_left) for row in page.rows]


@pytest.mark.rule("R-03", "R-04", "E-07")
def test_the_window_lists_who_can_renew_now_those_that_end_first_in_front(
    renewals: Renewals, database: Database
) -> None:
    users = {days: a_holder(database, days) for days in (31, 30, 0, 7, -1)}

    assert on(renewals, database, RenewalList.WINDOW) == [(users[days].user_id, days) for days in (0, 7, 30)]


@pytest.mark.rule("R-06", "R-08")
def test_the_expired_stay_listed_for_ninety_days(renewals: Renewals, database: Database) -> None:
    users = {days: a_holder(database, days) for days in (0, -1, -90, -91)}

    assert on(renewals, database, RenewalList.EXPIRED) == [(users[days].user_id, days) for days in (-90, -1)]


@pytest.mark.rule("E-11")
def test_whoever_has_renewed_or_was_revoked_is_not_listed(renewals: Renewals, database: Database) -> None:
    renewed = a_holder(database, 10)
    a_certificate(database, renewed, issued_at=MONDAY_MORNING, slot=1)
    on_its_way = a_holder(database, 10)
    a_certificate(database, on_its_way, issued_at=MONDAY_MORNING, slot=1, state="signed")
    a_certificate(database, a_user(database), issued_at=MONDAY_MORNING - YEAR, state="revoked")
    tried = a_holder(database, 10)
    a_certificate(database, tried, issued_at=MONDAY_MORNING, state="revoked")

    assert on(renewals, database, RenewalList.WINDOW) == [(tried.user_id, 10)]


@pytest.mark.rule("R-04", "R-06")
def test_a_line_says_what_became_of_the_letter(renewals: Renewals, database: Database) -> None:
    user = a_user(database)
    certificate = a_certificate(database, user, issued_at=MONDAY_MORNING - YEAR)
    line = renewals.lines(an_actor(database), RenewalList.WINDOW).rows[0]
    assert (line.told, line.told_at) == (None, None)

    sent_at = MONDAY_MORNING - timedelta(days=3)
    a_notice(database, user, kind="expiring", certificate_pk=certificate.pk, state="sent", sent_at=sent_at)
    line = renewals.lines(an_actor(database), RenewalList.WINDOW).rows[0]
    assert (line.told, line.told_at) == (NoticeState.SENT, sent_at)
    assert "@" in line.masked_email
    assert user.email not in line.masked_email


@pytest.mark.rule("R-63")
def test_mail_that_came_back_is_listed_until_a_later_letter_arrives(
    renewals: Renewals, database: Database
) -> None:
    user, other = a_holder(database, 10), a_holder(database, 10)
    a_notice(database, user, state="bounced")
    a_notice(database, other, state="gave_up")
    assert on(renewals, database, RenewalList.UNDELIVERABLE) == [(user.user_id, 10)]

    later = MONDAY_MORNING + timedelta(minutes=1)
    a_notice(database, user, state="sent", sent_at=later, created_at=later)
    assert on(renewals, database, RenewalList.UNDELIVERABLE) == []


@pytest.mark.rule("E-94")
def test_a_branch_lists_its_own_users_and_an_auditor_all(renewals: Renewals, database: Database) -> None:
    own = a_holder(database, 10)
    elsewhere = a_holder(database, 10, branch_pk=a_branch(database, "034").pk)

    assert on(renewals, database, RenewalList.WINDOW) == [(own.user_id, 10)]
    everybody = on(renewals, database, RenewalList.WINDOW, role=StaffRole.AUDITOR)
    assert sorted(everybody) == sorted([(own.user_id, 10), (elsewhere.user_id, 10)])
    assert renewals.counts(an_actor(database)).lengths[RenewalList.WINDOW] == 1
    assert renewals.counts(an_actor(database, StaffRole.ADMINISTRATOR)).lengths[RenewalList.WINDOW] == 2


def test_pages_follow_each_other_organization_by_organization(renewals: Renewals, database: Database) -> None:
    organizations = [an_organization(database, code) for code in ("K000002", "K000001")]
    for days in (20, 5, 5):
        for organization in organizations:
            a_holder(database, days, organization_pk=organization.pk)
    actor = an_actor(database)

    whole = renewals.lines(actor, RenewalList.WINDOW).rows
    first = renewals.lines(actor, RenewalList.WINDOW, limit=4)
    rest = renewals.lines(actor, RenewalList.WINDOW, behind=first.next_page, limit=4)

    assert [row.organization_code for row in whole] == ["K000001"] * 3 + ["K000002"] * 3
    assert [row.days_left for row in whole] == [5, 5, 20, 5, 5, 20]
    assert first.rows + rest.rows == whole
    assert rest.next_page is None


def test_one_organization_can_be_asked_for(renewals: Renewals, database: Database) -> None:
    for code, count in (("K000001", 2), ("K000002", 1)):
        for _ in range(count):
            a_holder(database, 10, organization_pk=an_organization(database, code).pk)
    actor = an_actor(database)

    offered = renewals.organizations(actor, RenewalList.WINDOW)
    assert [(line.code, line.count) for line in offered] == [("K000001", 2), ("K000002", 1)]
    assert len(renewals.lines(actor, RenewalList.WINDOW, "K000001").rows) == 2
    assert renewals.organizations(actor, RenewalList.EXPIRED) == ()


@pytest.mark.rule("R-03")
def test_the_weeks_count_who_has_not_renewed(renewals: Renewals, database: Database) -> None:
    for days in (0, 6, 7, 30):
        a_holder(database, days)
    a_certificate(database, a_holder(database, 6), issued_at=MONDAY_MORNING, slot=1)

    weeks = renewals.counts(an_actor(database)).weeks

    assert [week.first_day for week in weeks] == [date(2026, 3, 2) + timedelta(weeks=n) for n in range(5)]
    assert [week.count for week in weeks] == [2, 1, 0, 0, 1]


def test_looking_at_names_is_journaled_and_counting_is_not(renewals: Renewals, database: Database) -> None:
    renewals.counts(an_actor(database))
    renewals.organizations(an_actor(database), RenewalList.WINDOW)
    assert told(database) == []

    renewals.lines(an_actor(database), RenewalList.WINDOW)
    assert [entry[0] for entry in told(database)] == ["user:expiring:listed"]


def saved(renewals: Renewals, database: Database, name: str = "") -> tuple[Path, list[list[str]]]:
    """The window as a file: its place and its cells as a spreadsheet program reads them."""
    export = renewals.export(
        an_actor(database),
        RenewalList.WINDOW,
        None,
        ("ユーザーID", "氏名"),
        lambda row: (row.user_id, name or row.name),
    )
    with export.path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    assert export.count == len(rows) - 1
    return export.path, rows


def test_the_whole_list_is_saved_for_a_spreadsheet_program(renewals: Renewals, database: Database) -> None:
    user = a_holder(database, 10, name="髙橋 七海")
    path, rows = saved(renewals, database)

    assert rows == [["ユーザーID", "氏名"], [user.user_id, "髙橋 七海"]]
    assert path.name == "window-012-20260302-100000.csv"
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"])
def test_a_name_never_becomes_a_formula(renewals: Renewals, database: Database, name: str) -> None:
    a_holder(database, 10)
    _path, rows = saved(renewals, database, name)

    assert rows[1][1].lstrip(" ").startswith("'")


def test_what_leaves_the_registry_is_in_the_journal(renewals: Renewals, database: Database) -> None:
    a_holder(database, 10)
    saved(renewals, database)

    assert [entry[0] for entry in told(database)] == ["user:list:exported"]


def test_without_a_folder_nothing_is_saved(desk: Desk, database: Database) -> None:
    with pytest.raises(NoExportFolder):
        saved(Renewals(desk=desk, export_folder=None), database)


def test_a_folder_that_takes_no_file_is_told_and_left_as_it_was(
    desk: Desk, database: Database, tmp_path: Path
) -> None:
    (tmp_path / "exports").write_text("not a folder")
    with pytest.raises(ExportFailed):
        saved(Renewals(desk=desk, export_folder=tmp_path / "exports"), database)

    assert [entry[:2] for entry in told(database)] == [
        ("user:list:exported", "done"),
        ("user:list:exported", "failed"),
    ]


def test_a_file_of_the_same_second_is_not_overwritten(renewals: Renewals, database: Database) -> None:
    first, _rows = saved(renewals, database)
    second, _rows = saved(renewals, database)

    assert (first.name, second.name) == ("window-012-20260302-100000.csv", "window-012-20260302-100000-2.csv")

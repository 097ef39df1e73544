"""Today at a glance."""

from datetime import date, timedelta

import pytest

from db.database import Database
from db.tables import CrlState
from kiosk.rules.roles import StaffRole
from kiosk.services.desk.guard import Desk
from kiosk.services.overview.board import Boards
from kiosk.services.views import CrlTrouble
from tests.support.builders import (
    a_branch,
    a_case,
    a_certificate,
    a_medium,
    a_notice,
    a_user,
    an_actor,
    changed,
    stored,
)
from tests.support.clock import MONDAY_MORNING, SteppedClock
from tests.support.journal import told

YEAR = timedelta(days=365)


def test_an_empty_counter_has_an_empty_board(desk: Desk, database: Database) -> None:
    board = Boards(desk=desk).today(an_actor(database))

    assert (board.unfinished, board.undelivered, board.media_in_stock) == (0, 0, 0)
    assert (board.mails_queued, board.mails_failed) == (0, 0)
    assert (board.crl_number, board.crl_age_hours) == (None, None)
    assert [week.count for week in board.expiring_by_week] == [0, 0, 0, 0, 0]


@pytest.mark.rule("R-03", "R-08")
def test_the_weeks_reach_from_today_through_the_renewal_window(desk: Desk, database: Database) -> None:
    for days_left in (-1, 0, 6, 7, 30, 31):
        a_certificate(database, a_user(database), issued_at=MONDAY_MORNING - YEAR + timedelta(days=days_left))
    a_certificate(database, a_user(database), issued_at=MONDAY_MORNING - YEAR, state="revoked")

    weeks = Boards(desk=desk).today(an_actor(database)).expiring_by_week

    assert [week.first_day for week in weeks] == [date(2026, 3, 2) + timedelta(weeks=n) for n in range(5)]
    assert [week.count for week in weeks] == [2, 1, 0, 0, 1]


def test_the_board_counts_what_waits(desk: Desk, database: Database, clock: SteppedClock) -> None:
    user = a_user(database)
    a_case(database, user)
    a_case(database, state="voided")
    a_certificate(database, user, state="signed", slot=0)
    a_medium(database)
    a_medium(database, state="in_use")
    a_notice(database, user)
    a_notice(database, user, state="bounced")
    stored(
        database,
        CrlState(key_id="ab", number=7, published_number=7, published_at=clock.now() - timedelta(hours=36)),
    )

    board = Boards(desk=desk).today(an_actor(database))

    assert (board.unfinished, board.undelivered, board.media_in_stock) == (1, 1, 1)
    assert (board.mails_queued, board.mails_failed) == (1, 1)
    assert (board.mails_oldest, board.unreachable) == (MONDAY_MORNING, 1)
    assert (board.crl_number, board.crl_age_hours) == (7, 36.0)


@pytest.mark.rule("E-93", "I-15")
def test_a_list_that_does_not_reach_the_web_system_stands_on_the_board(
    desk: Desk, database: Database, clock: SteppedClock
) -> None:
    state = stored(database, CrlState(key_id="ab", number=8, published_number=7, published_at=clock.now()))
    boards, actor = Boards(desk=desk), an_actor(database)
    assert boards.today(actor).crl_trouble is CrlTrouble.WAITING
    state = changed(database, state, published_number=8, announce_failure="exit_1")
    assert boards.today(actor).crl_trouble is CrlTrouble.NOT_ANNOUNCED
    ends = clock.now() + timedelta(days=3)
    state = changed(database, state, announce_failure=None, this_update=clock.now(), next_update=ends)
    assert boards.today(actor).crl_trouble is None
    clock.step(seconds=1)
    assert boards.today(actor).crl_trouble is CrlTrouble.ENDS_SOON


@pytest.mark.rule("E-94")
def test_each_branch_has_its_own_board(desk: Desk, database: Database) -> None:
    elsewhere = a_branch(database, "034").pk
    a_certificate(database, a_user(database, branch_pk=elsewhere), issued_at=MONDAY_MORNING - YEAR)
    a_medium(database, branch_pk=elsewhere)
    a_case(database, branch_pk=elsewhere)

    own = Boards(desk=desk).today(an_actor(database))
    everywhere = Boards(desk=desk).today(an_actor(database, StaffRole.AUDITOR))

    assert (own.unfinished, own.media_in_stock, own.expiring_by_week[0].count) == (0, 0, 0)
    assert (everywhere.unfinished, everywhere.media_in_stock, everywhere.expiring_by_week[0].count) == (
        1,
        1,
        1,
    )


def test_looking_at_the_board_is_no_look_at_personal_data(desk: Desk, database: Database) -> None:
    Boards(desk=desk).today(an_actor(database))

    assert told(database) == []

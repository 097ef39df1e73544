"""Who is told that a certificate expires or has expired, and who is not (R-04, R-06, E-09 to E-11)."""

from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest

from db.database import Database
from db.tables import Certificate, Notice, User
from kiosk.rules.validity import day_start, window_of_issue_day
from kiosk.services.desk.guard import Desk
from kiosk.services.upkeep.jobs import Job
from tests.support.builders import a_certificate, a_user, changed
from tests.support.clock import SteppedClock
from tests.support.jobs import jobs_of
from tests.support.journal import journal_of
from tests.support.mailing import Pile, notices_of, rows
from tests.support.statements import counted_statements

ISSUED_ON = date(2026, 3, 2)
WINDOW = window_of_issue_day(ISSUED_ON)


def at(day: date, hour: int = 10) -> datetime:
    """That hour of the day in Japan."""
    return day_start(day) + timedelta(hours=hour)


def causes(database: Database) -> list[str]:
    return sorted(row.dedupe for row in rows(database))


def renewed(database: Database, user: User, day: date, **other: Any) -> Certificate:
    return a_certificate(database, user, issued_at=at(day), **{"slot": 1} | other)


def text_of(content: bytes) -> str:
    return str(message_from_bytes(content, policy=policy.default).get_content())


@pytest.fixture
def certificate(database: Database, user: User) -> Certificate:
    return a_certificate(database, user, issued_at=at(ISSUED_ON))


@pytest.mark.rule("R-04", "E-09")
def test_a_holder_is_told_on_the_day_renewal_opens_and_not_before(
    desk: Desk, clock: SteppedClock, certificate: Certificate
) -> None:
    jobs = jobs_of(desk)
    clock.jump(at(WINDOW.renewable_from, 0) - timedelta(seconds=1))
    jobs.run()
    assert causes(desk.database) == []
    clock.step(seconds=1)
    jobs.run()
    (row,) = rows(desk.database)
    assert (row.kind, row.dedupe, row.priority) == ("expiring", f"expiring:{certificate.serial}", 7)
    assert (row.user_pk, row.certificate_pk, row.due_at) == (
        certificate.user_pk,
        certificate.pk,
        clock.now(),
    )


@pytest.mark.rule("E-09", "E-10", "I-18")
def test_however_often_the_jobs_run_a_holder_is_told_once(
    desk: Desk, clock: SteppedClock, certificate: Certificate
) -> None:
    jobs = jobs_of(desk)
    for day in range(-2, 40):
        for hour in (0, 6, 23):
            clock.jump(at(WINDOW.renewable_from + timedelta(days=day), hour))
            jobs.run()
    assert causes(desk.database) == [f"expired:{certificate.serial}", f"expiring:{certificate.serial}"]


@pytest.mark.rule("E-09")
def test_a_holder_who_was_not_told_in_time_is_told_when_the_jobs_run_again(
    desk: Desk, clock: SteppedClock, certificate: Certificate
) -> None:
    clock.jump(at(WINDOW.last_valid_date, 23))
    jobs_of(desk).run()
    assert causes(desk.database) == [f"expiring:{certificate.serial}"]


@pytest.mark.rule("R-06", "E-10")
def test_an_expiry_is_told_on_the_day_after_the_last_one(
    desk: Desk, clock: SteppedClock, certificate: Certificate
) -> None:
    jobs = jobs_of(desk)
    clock.jump(at(WINDOW.first_expired_day, 0) - timedelta(seconds=1))
    jobs.run()
    assert causes(desk.database) == [f"expiring:{certificate.serial}"]
    clock.step(seconds=1)
    jobs.run()
    assert f"expired:{certificate.serial}" in causes(desk.database)


@pytest.mark.rule("E-10")
def test_after_an_outage_of_months_only_the_expiry_is_told(
    desk: Desk, clock: SteppedClock, certificate: Certificate
) -> None:
    clock.jump(at(WINDOW.first_expired_day + timedelta(days=100)))
    jobs_of(desk).run()
    assert causes(desk.database) == [f"expired:{certificate.serial}"]


@pytest.mark.rule("E-10")
def test_an_expiry_of_years_ago_is_no_news(desk: Desk, clock: SteppedClock, certificate: Certificate) -> None:
    clock.jump(at(WINDOW.first_expired_day + timedelta(days=367)))
    jobs_of(desk).run()
    assert causes(desk.database) == []


@pytest.mark.rule("E-11")
@pytest.mark.parametrize("state", ["revoked", "voided", "reserved", "signed"])
def test_nobody_is_told_about_a_certificate_that_is_not_in_force(
    desk: Desk, clock: SteppedClock, user: User, state: str
) -> None:
    a_certificate(desk.database, user, issued_at=at(ISSUED_ON), state=state)
    for day in (WINDOW.renewable_from, WINDOW.first_expired_day):
        clock.jump(at(day))
        jobs_of(desk).run()
    assert causes(desk.database) == []


@pytest.mark.rule("E-11")
def test_whoever_renewed_hears_nothing_of_the_old_one_ever_again(
    desk: Desk, clock: SteppedClock, user: User, certificate: Certificate
) -> None:
    renewed_on = WINDOW.renewable_from
    newer = renewed(desk.database, user, renewed_on)
    for day in (WINDOW.renewable_from, WINDOW.first_expired_day):
        clock.jump(at(day, 23))
        jobs_of(desk).run()
    assert causes(desk.database) == []
    clock.jump(at(window_of_issue_day(renewed_on).first_expired_day))
    jobs_of(desk).run()
    assert causes(desk.database) == [f"expired:{newer.serial}"], "and not the year-old end of the first"


@pytest.mark.rule("E-11")
def test_whoever_lost_the_new_one_is_told_about_the_old_one_again(
    desk: Desk, clock: SteppedClock, user: User, certificate: Certificate
) -> None:
    newer = renewed(desk.database, user, WINDOW.renewable_from)
    lost_at = at(WINDOW.last_valid_date - timedelta(days=9))
    changed(
        desk.database,
        newer,
        state="revoked",
        slot=None,
        revoked_at=lost_at,
        revocation_reason="medium_lost",
        crl_entry=b"0\x00",
    )
    clock.jump(lost_at + timedelta(days=1))
    jobs_of(desk).run()
    assert causes(desk.database) == [f"expiring:{certificate.serial}"]


@pytest.mark.rule("E-11")
def test_a_revocation_long_after_the_old_one_expired_does_not_bring_it_back(
    desk: Desk, clock: SteppedClock, user: User, certificate: Certificate
) -> None:
    newer = renewed(desk.database, user, WINDOW.renewable_from)
    clock.jump(at(WINDOW.first_expired_day + timedelta(days=150)))
    changed(
        desk.database,
        newer,
        state="revoked",
        slot=None,
        revoked_at=clock.now(),
        revocation_reason="left",
        crl_entry=b"0\x00",
    )
    jobs_of(desk).run()
    assert causes(desk.database) == []


@pytest.mark.rule("R-04", "R-06", "I-18")
def test_the_letters_tell_the_last_valid_day(
    desk: Desk, clock: SteppedClock, certificate: Certificate
) -> None:
    pile = Pile()
    for day in (WINDOW.renewable_from, WINDOW.first_expired_day):
        clock.jump(at(day))
        jobs_of(desk).run()
        notices_of(desk, pile).send_due()
    texts = [text_of(letter.content) for letter in pile.letters]
    last = WINDOW.last_valid_date
    spelled = f"{last.year}年{last.month}月{last.day}日"
    assert f"有効期限:{spelled}" in texts[0]
    assert f"{spelled}で、電子証明書の有効期限が切れました。" in texts[1]


def test_what_was_queued_is_journaled_as_a_number(
    desk: Desk, clock: SteppedClock, certificate: Certificate, database: Database
) -> None:
    other = a_certificate(database, a_user(database), issued_at=at(ISSUED_ON))
    assert other.pk != certificate.pk
    clock.jump(at(WINDOW.renewable_from))
    done = jobs_of(desk).run()
    assert next(one.count for one in done if one.job is Job.EXPIRING) == 2
    entry = next(one for one in journal_of(database) if one.body["tag"] == "mail:notice:queued")
    assert entry.facts == {"kind": "expiring", "count": 2}


@pytest.mark.parametrize("holders", [3, 12])
def test_the_registry_is_asked_as_often_for_many_as_for_few(
    desk: Desk, clock: SteppedClock, holders: int
) -> None:
    for _ in range(holders):
        a_certificate(desk.database, a_user(desk.database), issued_at=at(ISSUED_ON))
    clock.jump(at(WINDOW.renewable_from))
    with counted_statements(desk.database) as asked:
        jobs_of(desk).run()
    assert sum("INSERT INTO outbox" in one for one in asked) == 1
    assert len(rows(desk.database)) == holders


def test_two_message_ids_are_never_the_same(desk: Desk, clock: SteppedClock) -> None:
    for _ in range(20):
        a_certificate(desk.database, a_user(desk.database), issued_at=at(ISSUED_ON))
    clock.jump(at(WINDOW.renewable_from))
    jobs_of(desk).run()
    found: list[Notice] = rows(desk.database)
    assert len({row.message_id for row in found}) == 20
    assert all(len(row.message_id) == 32 and int(row.message_id, 16) for row in found)
    assert found[0].created_at.tzinfo == UTC

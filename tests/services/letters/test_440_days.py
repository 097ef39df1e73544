"""More than a year of days with outages, double starts and kills: every notice exactly once (E-09 to E-11, I-18)."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

import pytest

from db.database import Database, open_database
from db.tables import Certificate, User
from kiosk.rules.validity import day_start, window_of_issue_day
from kiosk.services.letters.notices import Round
from tests.support.builders import a_certificate, a_desk, a_user, changed
from tests.support.clock import SteppedClock
from tests.support.jobs import jobs_of
from tests.support.killing import killed_at
from tests.support.mailing import Pile, notices_of, rows

FIRST: Final = date(2026, 3, 2)
DAYS: Final = 440
HOLDERS: Final = 40
KILLED: Final = frozenset({"kiosk.services.upkeep.jobs", "db.queries.expiry_notices"})


@dataclass
class Holder:
    """A user with certificates, and what has to be in the mailbox by now, worked out one by one."""

    user: User
    certificates: list[Certificate]
    told: set[str] = field(default_factory=set)

    @property
    def newest(self) -> Certificate:
        return self.certificates[-1]

    def hears(self, today: date) -> None:
        """What the rules say somebody is told on a day on which the jobs ran to their end."""
        for place, one in enumerate(self.certificates):
            window = window_of_issue_day(one.issue_date)
            later = self.certificates[place + 1 :]
            if one.state != "active" or any(
                other.state == "active"
                or (other.revoked_at is not None and other.revoked_at > window.not_after)
                for other in later
            ):
                continue
            if window.renewable_from <= today <= window.last_valid_date:
                self.told.add(f"expiring:{one.serial}")
            if window.first_expired_day <= today <= window.last_valid_date + timedelta(days=366):
                self.told.add(f"expired:{one.serial}")


def at(day: date, hour: int) -> datetime:
    return day_start(day) + timedelta(hours=hour)


@pytest.mark.rule("R-04", "R-06", "E-09", "E-10", "E-11", "I-18", "I-2")
@pytest.mark.timeout(300)
def test_in_440_days_every_notice_is_sent_exactly_once(
    database: Database, database_url: str, clock: SteppedClock
) -> None:
    chance = random.Random(9)  # noqa: S311  # the same year in every run
    holders = [_holder(database, FIRST - timedelta(days=chance.randrange(366))) for _ in range(HOLDERS)]
    pile = Pile()
    notices = notices_of(a_desk(database, clock), pile)
    outage = 0
    kills = 0
    for number in range(DAYS):
        today = FIRST + timedelta(days=number)
        clock.jump(at(today, 6))
        _a_day_at_the_counter(database, chance, holders, clock)
        outage = outage - 1 if outage else (9 if chance.random() < 0.02 else 0)
        if outage:
            continue
        kills += _run_with_accidents(database, database_url, chance, clock)
        for holder in holders:
            holder.hears(today)
        while notices.send_due() != Round():
            pass
    due = sorted(cause for holder in holders for cause in holder.told)
    assert len(due) > HOLDERS
    assert kills >= 5
    assert sorted(row.dedupe for row in rows(database)) == due
    assert {row.state for row in rows(database)} == {"sent"}
    assert len(pile.letters) == len(due)


def _holder(database: Database, issued_on: date) -> Holder:
    user = a_user(database)
    return Holder(user, [a_certificate(database, user, issued_at=at(issued_on, 1))])


def _a_day_at_the_counter(
    database: Database, chance: random.Random, holders: list[Holder], clock: SteppedClock
) -> None:
    """Some renew, some get another certificate after the end, some lose theirs."""
    today = clock.now()
    for holder in holders:
        window = window_of_issue_day(holder.newest.issue_date)
        renewable = holder.newest.state != "active" or window.renewable_from <= _jst(today)
        if chance.random() < (0.02 if renewable else 0.0):
            slot = (holder.newest.slot or 0) ^ 1
            holder.certificates = [
                _freed(database, one) if one.slot == slot else one for one in holder.certificates
            ]
            holder.certificates.append(a_certificate(database, holder.user, issued_at=today, slot=slot))
        elif holder.newest.state == "active" and chance.random() < 0.0015:
            holder.certificates[-1] = changed(
                database,
                holder.newest,
                state="revoked",
                slot=None,
                revoked_at=today,
                revocation_reason="medium_lost",
                crl_entry=b"0\x00",
            )


def _freed(database: Database, certificate: Certificate) -> Certificate:
    """An expired certificate gives up its place for the next but one."""
    return changed(database, certificate, slot=None)


def _jst(moment: datetime) -> date:
    return (moment + timedelta(hours=9)).date()


def _run_with_accidents(database: Database, url: str, chance: random.Random, clock: SteppedClock) -> int:
    """Run the jobs of a day to their end, often twice, sometimes at two places at once or after a kill; kills."""

    def run_elsewhere() -> None:
        with open_database(url) as elsewhere:
            jobs_of(a_desk(elsewhere, clock)).run()

    accident = chance.random()
    killed = 0
    if accident < 0.04:
        killed = int(killed_at(chance.randrange(1, 90), KILLED, run_elsewhere))
    if 0.04 <= accident < 0.07:
        _together(run_elsewhere)
    for _ in range(2 if accident > 0.9 else 1):
        jobs_of(a_desk(database, clock)).run()
    return killed


def _together(run: Callable[[], None]) -> None:
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(run), pool.submit(run)]:
            done.result()

"""Today at a glance: what waits, what expires, what is stuck."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from db.queries import board as counts
from db.queries import latest, media, outbox
from kiosk.rules.roles import Permission
from kiosk.rules.validity import RENEWAL_WINDOW_DAYS, jst_date
from kiosk.services._guard import Desk
from kiosk.services.acting import Actor
from kiosk.services.views import Board, WeekCount

_WEEK: Final = timedelta(weeks=1)


@dataclass(frozen=True, kw_only=True)
class Boards:
    """The board beside the menu."""

    desk: Desk

    def today(self, actor: Actor) -> Board:
        """Counts of the operator's branch (E-94); mails and CRL of the whole registry.

        Weeks begin today and reach through the renewal window. Raises `NotPermitted`.
        """
        with self.desk.looking(actor, Permission.INQUIRE) as look:
            today = jst_date(look.now)
            window_ends = today + timedelta(days=RENEWAL_WINDOW_DAYS)
            expiring = counts.expiring_by_day(look.session, look.scope, today, window_ends)
            mails = outbox.backlog(look.session)
            crl = latest.published_crl(look.session)
            return Board(
                unfinished=counts.unfinished_count(look.session, look.scope),
                undelivered=counts.undelivered_count(look.session, look.scope),
                approvals_waiting=0,  # no transaction of this release waits for a second person
                expiring_by_week=_by_week(expiring, today, window_ends),
                mails_queued=mails.queued,
                mails_failed=mails.failed,
                crl_number=None if crl is None else crl.published_number,
                crl_age_hours=None if crl is None else _hours(crl.published_at, look.now),
                media_in_stock=media.stock_count(look.session, look.scope),
            )


def _by_week(expiring: Mapping[date, int], first: date, last: date) -> tuple[WeekCount, ...]:
    weeks = []
    while first <= last:
        count = sum(number for day, number in expiring.items() if first <= day < first + _WEEK)
        weeks.append(WeekCount(first_day=first, count=count))
        first += _WEEK
    return tuple(weeks)


def _hours(since: datetime | None, now: datetime) -> float | None:
    return None if since is None else (now - since) / timedelta(hours=1)

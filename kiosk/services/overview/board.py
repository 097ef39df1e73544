"""Today at a glance: what waits, what expires, what is stuck."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from db.queries import approvals, emergencies, expiring, latest, letters, media, outbox
from db.queries import board as counts
from db.tables import CrlState
from kiosk.rules.approvals import REQUEST_LIFE
from kiosk.rules.renewals import RenewalList, span_of
from kiosk.rules.roles import Permission
from kiosk.rules.validity import jst_date
from kiosk.services.acting import Actor
from kiosk.services.desk.guard import Desk
from kiosk.services.overview._weeks import weeks_of_window
from kiosk.services.views import Board, CrlTrouble

UNREACHABLE_COUNTED: Final = 200
LIST_ENDS_SOON: Final = timedelta(days=3)
NOTHING_DUE: Final = emergencies.Due(approval=None, paper=None)


@dataclass(frozen=True, kw_only=True)
class Boards:
    """The board beside the menu."""

    desk: Desk

    def today(self, actor: Actor) -> Board:
        """Counts of the operator's branch (E-94); mails and CRL of the whole registry.

        Weeks begin today, reach through the renewal window and count who has not renewed. Raises `NotPermitted`.
        """
        with self.desk.looking(actor, Permission.INQUIRE) as look:
            today = jst_date(look.now)
            window = span_of(RenewalList.WINDOW, today)
            wanted = expiring.Wanted(first=window.first, last=window.last)
            days = expiring.by_day(look.session, wanted, look.scope)
            mails = outbox.backlog(look.session)
            crl = latest.published_crl(look.session)
            follow_ups = emergencies.open_count(look.session, look.scope)
            due = emergencies.first_due(look.session, look.scope) if follow_ups else NOTHING_DUE
            return Board(
                unfinished=counts.unfinished_count(look.session, look.scope),
                undelivered=counts.undelivered_count(look.session, look.scope),
                approvals_waiting=approvals.waiting_count(look.session, look.scope, look.now, REQUEST_LIFE),
                expiring_by_week=weeks_of_window(days, today),
                mails_queued=mails.queued,
                mails_failed=mails.failed,
                mails_oldest=counts.oldest_unsent(look.session),
                unreachable=len(letters.bounced(look.session, look.scope, UNREACHABLE_COUNTED)),
                crl_number=None if crl is None else crl.published_number,
                crl_age_hours=None if crl is None else _hours(crl.published_at, look.now),
                crl_trouble=None if crl is None else _trouble(crl, look.now),
                media_in_stock=media.stock_count(look.session, look.scope),
                follow_ups=follow_ups,
                follow_ups_overdue=emergencies.overdue_count(look.session, look.scope, look.now, today),
                approval_due=due.approval,
                paper_due=due.paper,
            )


def _trouble(crl: CrlState, now: datetime) -> CrlTrouble | None:
    if crl.number > (crl.published_number or 0):
        return CrlTrouble.WAITING
    if crl.announce_failure is not None:
        return CrlTrouble.NOT_ANNOUNCED
    if crl.next_update is not None and crl.next_update - now < LIST_ENDS_SOON:
        return CrlTrouble.ENDS_SOON
    return None


def _hours(since: datetime | None, now: datetime) -> float | None:
    return None if since is None else (now - since) / timedelta(hours=1)

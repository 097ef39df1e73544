"""Opens what the menu offers. Each screen is loaded when it is used: the first frame of the day waits for none."""

# ruff: noqa: PLC0415 - see above

from typing import Any

from textual.screen import Screen

from kiosk.rules.operations import Transaction
from screens import menu_entries
from screens.app import KioskApp


def begin_journey(app: KioskApp, transaction: Transaction, user_pk: int | None = None) -> None:
    """101 to 301 from step 1 on; `user_pk` when the clerk comes from a card. Raises ValueError for any other."""
    match transaction:
        case Transaction.FIRST_ISSUE | Transaction.RENEW | Transaction.REISSUE:
            from screens.issuing.wizard import start_issue

            start_issue(app, user_pk, transaction)
        case Transaction.REVOKE:
            from screens.revoking.journey import start_revocation

            start_revocation(app, user_pk)
        case Transaction.EMERGENCY_REVOKE:
            from screens.revoking.by_phone import start_emergency

            start_emergency(app, user_pk)
        case Transaction.UNBLOCK:
            from screens.unblocking.journey import start_unblocking

            start_unblocking(app, user_pk)
        case _:
            raise ValueError(transaction)


def resume_journey(app: KioskApp, transaction: Transaction | None, reception_no: str) -> None:
    """Take up an unfinished reception where it stands; what cannot be gone on with is told."""
    match transaction:
        case Transaction.REVOKE | Transaction.EMERGENCY_REVOKE:
            from screens.revoking.resuming import resume_revocation

            resume_revocation(app, reception_no, transaction)
        case Transaction.UNBLOCK:
            from screens.unblocking.journey import resume_unblocking

            resume_unblocking(app, reception_no)
        case _:
            from screens.issuing.wizard import resume_issue

            resume_issue(app, reception_no)


def screen_of(number: str, app: KioskApp) -> Screen[Any]:
    """The screen under a number of the menu that opens one. Raises ValueError for any other."""
    match number:
        case Transaction.UNFINISHED | menu_entries.FOLLOW_UPS | menu_entries.APPROVALS:
            return _what_waits(number)
        case Transaction.INQUIRY:
            from screens.search import Search

            return Search()
        case Transaction.EXPIRY_LIST:
            from screens.expiring import ExpiringScreen

            return ExpiringScreen()
        case Transaction.CASE_INQUIRY:
            from screens.cases import Cases

            return Cases()
        case Transaction.JOURNAL:
            from screens.journal import JournalScreen

            return JournalScreen()
        case menu_entries.ADMINISTRATION:
            from screens.administration import Administration

            return Administration()
        case menu_entries.STOCK:
            from screens.stock import StockScreen

            return StockScreen()
        case menu_entries.MAILBOX:
            return _mailbox(app)
    raise ValueError(number)


def _what_waits(number: str) -> Screen[Any]:
    """The lists of what somebody has still to settle or to decide."""
    match number:
        case menu_entries.APPROVALS:
            from screens.approving.inbox import Inbox

            return Inbox()
        case menu_entries.FOLLOW_UPS:
            from screens.revoking.follow_ups import FollowUps

            return FollowUps()
    from screens.unfinished import Unfinished

    return Unfinished()


def _mailbox(app: KioskApp) -> Screen[Any]:
    from screens.dialogs.mailbox import Letter, Mailbox

    def letters() -> list[Letter]:
        return [
            Letter(at=letter.at, recipient=letter.to, subject=letter.subject, body=letter.body)
            for letter in app.services.notices.open_mailbox(app.actor)
        ]

    return Mailbox(letters)

"""Opens what the menu offers. Each screen is loaded when it is used: the first frame of the day waits for none."""

# ruff: noqa: PLC0415 - see above

from typing import Any

from textual.screen import Screen

from kiosk.rules.operations import Transaction
from screens import menu_entries
from screens.app import KioskApp


def begin_issue(app: KioskApp, transaction: Transaction) -> None:
    """101 to 103: the journey of the nine steps."""
    from screens.issuing.wizard import start_issue

    start_issue(app, None, transaction)


def screen_of(number: str, app: KioskApp) -> Screen[Any]:
    """The screen under a number of the menu that opens one. Raises ValueError for any other."""
    match number:
        case Transaction.INQUIRY:
            from screens.search import Search

            return Search()
        case Transaction.EXPIRY_LIST:
            from screens.expiring import ExpiringScreen

            return ExpiringScreen()
        case Transaction.CASE_INQUIRY:
            from screens.cases import Cases

            return Cases()
        case Transaction.UNFINISHED:
            from screens.unfinished import Unfinished

            return Unfinished()
        case Transaction.JOURNAL:
            from screens.journal import JournalScreen

            return JournalScreen()
        case menu_entries.ADMINISTRATION:
            from screens.administration import Administration

            return Administration()
        case menu_entries.MAILBOX:
            return _mailbox(app)
    raise ValueError(number)


def _mailbox(app: KioskApp) -> Screen[Any]:
    from screens.dialogs.mailbox import Letter, Mailbox

    def letters() -> list[Letter]:
        return [
            Letter(at=letter.at, recipient=letter.to, subject=letter.subject, body=letter.body)
            for letter in app.services.notices.open_mailbox(app.actor)
        ]

    return Mailbox(letters)

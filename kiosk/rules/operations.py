"""What is done at the counter, and when a certificate may be issued (R-50, E-69 to E-73)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from kiosk.rules.validity import CertificateStanding, renewable_from, standing


class Transaction(StrEnum):
    """Everything the menu offers, by transaction number."""

    FIRST_ISSUE = "101"
    RENEW = "102"
    REISSUE = "103"
    REVOKE = "201"
    EMERGENCY_REVOKE = "202"
    UNBLOCK = "301"
    INQUIRY = "401"
    EXPIRY_LIST = "402"
    CASE_INQUIRY = "403"
    UNFINISHED = "801"
    OPEN_DAY = "901"
    CLOSE_DAY = "902"
    JOURNAL = "903"
    SIGN_OFF = "999"


class TransactionFamily(StrEnum):
    """Transactions of one family cannot be open twice for one user (E-90)."""

    ISSUE = "issue"
    REVOKE = "revoke"
    UNBLOCK = "unblock"


class IssueKind(StrEnum):
    """The three ways to a certificate; the program decides which (E-73)."""

    FIRST_ISSUE = "first_issue"
    RENEW = "renew"
    REISSUE = "reissue"

    @property
    def transaction(self) -> Transaction:
        """The transaction number of this kind."""
        return Transaction[self.name]


@dataclass(frozen=True, kw_only=True)
class Holding:
    """A signed certificate of a user, as far as the next issue is concerned."""

    last_valid_date: date
    revoked: bool
    delivered: bool
    """Does not open the door: an undelivered certificate closes it just as well (E-69)."""


_FAMILIES = {
    Transaction.FIRST_ISSUE: TransactionFamily.ISSUE,
    Transaction.RENEW: TransactionFamily.ISSUE,
    Transaction.REISSUE: TransactionFamily.ISSUE,
    Transaction.REVOKE: TransactionFamily.REVOKE,
    Transaction.EMERGENCY_REVOKE: TransactionFamily.REVOKE,
    Transaction.UNBLOCK: TransactionFamily.UNBLOCK,
}

LIVE_STANDINGS = frozenset({CertificateStanding.VALID, CertificateStanding.RENEWABLE})
"""Neither expired nor revoked: such a certificate logs in."""


def family_of(transaction: Transaction) -> TransactionFamily | None:
    """The family of a transaction that changes something for a user; None for the others."""
    return _FAMILIES.get(transaction)


def is_live(holding: Holding, now: datetime) -> bool:
    """Whether a certificate is neither revoked nor expired at `now`."""
    return standing(holding.last_valid_date, holding.revoked, now) in LIVE_STANDINGS


def door(holdings: Sequence[Holding], now: datetime) -> date | None:
    """None when a certificate may be issued at `now`, else the day in Japan from which it may (R-50, E-69).

    Closed by any certificate that is live and not yet renewable, so the newest decides (E-71).
    """
    closing = [
        holding.last_valid_date
        for holding in holdings
        if standing(holding.last_valid_date, holding.revoked, now) is CertificateStanding.VALID
    ]
    return renewable_from(max(closing)) if closing else None


def kind_of_issue(holdings: Sequence[Holding], now: datetime) -> IssueKind:
    """Which way to a certificate a user would take at `now` (E-73); `door` says whether it is open."""
    if any(is_live(holding, now) for holding in holdings):
        return IssueKind.RENEW
    return IssueKind.REISSUE if holdings else IssueKind.FIRST_ISSUE

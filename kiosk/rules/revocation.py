"""Why a certificate is revoked (E-79), and what a revocation by telephone leaves to be done."""

from datetime import date, datetime, timedelta
from enum import StrEnum

from kiosk.rules.validity import day_start, jst_date

EMERGENCY_PAPER_DAYS = 7
"""The sealed form of a revocation by phone is due so many days after the call."""


class RevocationReason(StrEnum):
    """The reasons a form names, and the one the program gives itself."""

    PC_CHANGE = "pc_change"
    P12_UNOPENED = "p12_unopened"
    """The p12 was never opened, or its import failed (R-85)."""
    MEDIUM_LOST = "medium_lost"
    PC_LOST = "pc_lost"
    LEFT = "left"
    """The user left or was removed, or the contract ended."""
    REASSIGNED = "reassigned"
    """Another department or another name."""
    OTHER = "other"
    UNDELIVERED = "undelivered"
    """Issued and never handed over (E-84, E-85)."""


_UNSPECIFIED = 0
_KEY_COMPROMISE = 1
_AFFILIATION_CHANGED = 3
_SUPERSEDED = 4
_CESSATION_OF_OPERATION = 5

_CODES = {
    RevocationReason.PC_CHANGE: _SUPERSEDED,
    RevocationReason.P12_UNOPENED: _SUPERSEDED,
    RevocationReason.MEDIUM_LOST: _KEY_COMPROMISE,
    RevocationReason.PC_LOST: _KEY_COMPROMISE,
    RevocationReason.LEFT: _CESSATION_OF_OPERATION,
    RevocationReason.REASSIGNED: _AFFILIATION_CHANGED,
    RevocationReason.OTHER: _UNSPECIFIED,
    RevocationReason.UNDELIVERED: _CESSATION_OF_OPERATION,
}


REASONS_ON_THE_FORM = tuple(
    reason for reason in RevocationReason if reason is not RevocationReason.UNDELIVERED
)
"""What the clerk may choose from, in the order of the form; the other one the program gives itself."""


def rfc5280_code(reason: RevocationReason) -> int:
    """The CRLReason number (RFC 5280 5.3.1); an entry with 0 leaves the extension out."""
    return _CODES[reason]


def paper_due(called_at: datetime) -> date:
    """The last day in Japan on which the sealed form of a revocation by phone may come in."""
    return jst_date(called_at) + timedelta(days=EMERGENCY_PAPER_DAYS)


def approval_due(executed_at: datetime) -> datetime:
    """Until when a supervisor confirms what one clerk revoked by phone: the end of that day in Japan."""
    return day_start(jst_date(executed_at) + timedelta(days=1))

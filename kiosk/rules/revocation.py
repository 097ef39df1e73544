"""Why a certificate is revoked (E-79)."""

from enum import StrEnum


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


def rfc5280_code(reason: RevocationReason) -> int:
    """The CRLReason number (RFC 5280 5.3.1); an entry with 0 leaves the extension out."""
    return _CODES[reason]

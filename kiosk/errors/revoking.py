"""Revoking and unblocking: what is refused, and what to do instead."""

from dataclasses import dataclass
from datetime import date, datetime

from kiosk.errors.base import KioskError


@dataclass(eq=False)
class RevocationNotNeeded(KioskError):
    """The certificate has expired (E-77)."""

    code = "ER02"
    last_valid_date: date


@dataclass(eq=False)
class AlreadyRevoked(KioskError):
    """Revoked on a day in Japan, by the reception of this number (E-78); empty when it is not known."""

    code = "ER03"
    revoked_on: date
    reception_no: str


@dataclass(eq=False)
class SecondActOpen(KioskError):
    """A certificate was revoked in this reception, and its re-issue is still to come (E-75)."""

    code = "ER06"


@dataclass(eq=False)
class UnblockedByMaster(KioskError):
    """A general user's block is lifted by the master user (R-52, E-37)."""

    code = "EU02"


@dataclass(eq=False)
class OnlyLocked(KioskError):
    """Not blocked; the lock ends by itself (E-38)."""

    code = "EU03"
    until: datetime


@dataclass(eq=False)
class NotBlocked(KioskError):
    """Neither blocked nor locked."""

    code = "EU04"

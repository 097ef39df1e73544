"""Staff: signing on, rights, branch, hours."""

from dataclasses import dataclass
from datetime import datetime

from kiosk.errors.base import KioskError


@dataclass(eq=False)
class SignOnRefused(KioskError):
    """Wrong operator ID or password; the two are not told apart."""

    code = "ET01"


@dataclass(eq=False)
class SignOnPaused(KioskError):
    """Too many wrong sign-ons for this operator."""

    code = "ET02"
    until: datetime


@dataclass(eq=False)
class NotPermitted(KioskError):
    """The role of the operator does not include this."""

    code = "ET03"
    permission: str


@dataclass(eq=False)
class AccountChanged(KioskError):
    """The operator was shut out, or given another role or branch, after signing on."""

    code = "ET05"


@dataclass(eq=False)
class OtherBranch(KioskError):
    """The user's home branch is another one (E-94)."""

    code = "ET04"
    branch_name: str


@dataclass(eq=False)
class OutOfHours(KioskError):
    """Outside the service hours of the settings."""

    code = "EC08"
    opens: str
    closes: str

"""Steps 1 to 3: what keeps a reception from going on."""

from dataclasses import dataclass
from datetime import date

from kiosk.errors.base import KioskError


@dataclass(eq=False)
class BadInput(KioskError):
    """A field does not hold what it must."""

    code = "EC00"
    field: str
    problem: str
    """A word of `kiosk.rules.texts.TextProblem`, or one of the use case that raises it."""


@dataclass(eq=False)
class ChecksOpen(KioskError):
    """The reception checklist is not finished."""

    code = "EC01"
    missing: tuple[str, ...]


@dataclass(eq=False)
class NothingSelected(KioskError):
    """Several certificates and none chosen (R-22)."""

    code = "EC02"


@dataclass(eq=False)
class UserNotFound(KioskError):
    """No such user in the operator's branch."""

    code = "EC04"


@dataclass(eq=False)
class ProxyCannotReceive(KioskError):
    """A proxy may not have a certificate issued."""

    code = "EC05"


@dataclass(eq=False)
class LiveCertificate(KioskError):
    """A certificate outside its renewal window closes the door (R-50, E-69)."""

    code = "EC06"
    renewable_from: date


@dataclass(eq=False)
class InitialRegistrationOpen(KioskError):
    """A master user who has not done the initial registration on the web (R-31, E-74)."""

    code = "EC07"


@dataclass(eq=False)
class TransactionNotPossible(KioskError):
    """This transaction does not fit the user's state now; `reason` is a word of `rules.next_actions.Reason`."""

    code = "EC09"
    reason: str


@dataclass(eq=False)
class CaseNotOpen(KioskError):
    """The reception was closed, voided or is in another step."""

    code = "EC10"
    reception_no: str
    state: str

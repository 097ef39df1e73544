"""Steps 6 and 7: the certificate and its p12."""

from dataclasses import dataclass

from kiosk.errors.base import Aftermath, KioskError


@dataclass(eq=False)
class IssueFailed(KioskError):
    """No certificate was made."""

    code = "ES20"


@dataclass(eq=False)
class IssueUnknown(KioskError):
    """The result cannot be told from here; the undelivered list knows."""

    code = "ES21"
    aftermath = Aftermath.UNKNOWN


@dataclass(eq=False)
class BundleUnusable(KioskError):
    """The p12 does not open again: its certificate was revoked at once, nothing usable is on the stick."""

    code = "ES16"
    aftermath = Aftermath.FINISHED


@dataclass(eq=False)
class NotVerified(KioskError):
    """Password and code were not confirmed in this case, or too long ago."""

    code = "ES05"


@dataclass(eq=False)
class IssueDayChanged(KioskError):
    """Midnight in Japan passed between what step 6 showed and the press: the dates are others now (E-08)."""

    code = "ES24"


@dataclass(eq=False)
class NoMailServer(KioskError):
    """Neither an SMTP server nor training mode: codes cannot be sent, so nothing is issued."""

    code = "ES06"


@dataclass(eq=False)
class IssuingClosed(KioskError):
    """The self-check found something; `failed` names the checks."""

    code = "ES07"
    failed: tuple[str, ...]


@dataclass(eq=False)
class SignerUnavailable(KioskError):
    """The signing process does not answer."""

    code = "ES08"


@dataclass(eq=False)
class SignerLocked(KioskError):
    """The CA key is not unlocked."""

    code = "ES09"


@dataclass(eq=False)
class CertificateRefusedByLint(KioskError):
    """The twin breaks the profile; nothing was signed."""

    code = "ES10"
    findings: tuple[str, ...]


@dataclass(eq=False)
class CaNotUsable(KioskError):
    """A CA could not be made or taken over; `problems` are words of `kiosk.pki.ca_creation.CaProblem`."""

    code = "ES15"
    problems: tuple[str, ...]

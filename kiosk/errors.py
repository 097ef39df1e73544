"""Refusals and failures a person can act on: facts only; `screens/problems.py` makes the sentences.

Every class names the message code of `docs/RULES.md` that the counter reads, and says which of three things is true
after it: nothing happened, it happened and finished, or the result is unknown (`aftermath`).
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar


class Aftermath(StrEnum):
    """What is true after a failure."""

    NOTHING_HAPPENED = "nothing"
    FINISHED = "finished"
    UNKNOWN = "unknown"


@dataclass(eq=False)
class KioskError(Exception):
    """The parent of everything the counter can explain."""

    code: ClassVar[str]
    aftermath: ClassVar[Aftermath] = Aftermath.NOTHING_HAPPENED

    def __str__(self) -> str:
        return f"{type(self).__name__} {self.code}"


# --- staff -----------------------------------------------------------------------------------------------------------


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


# --- reception -------------------------------------------------------------------------------------------------------


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


# --- customer authentication -----------------------------------------------------------------------------------------


@dataclass(eq=False)
class WrongCredentials(KioskError):
    """User ID or password wrong (R-47, E-35)."""

    code = "EA05"
    tries_left: int
    then_blocked: bool
    """The lock that would follow is the third one (E-26)."""


@dataclass(eq=False)
class LockedNow(KioskError):
    """The sixth wrong password in a row (E-20)."""

    code = "EA06"
    aftermath = Aftermath.FINISHED
    until: datetime


@dataclass(eq=False)
class StillLocked(KioskError):
    """Tried while locked; the password was not looked at (E-24)."""

    code = "EA07"
    until: datetime


@dataclass(eq=False)
class MasterBlocked(KioskError):
    """The user is blocked and a master user (R-54)."""

    code = "EA08"
    just_now: bool


@dataclass(eq=False)
class GeneralBlocked(KioskError):
    """The user is blocked and a general user (R-52)."""

    code = "EA09"
    just_now: bool


@dataclass(eq=False)
class CodeMailFailed(KioskError):
    """The password was right, the code could not be sent (E-58)."""

    code = "EA10"


@dataclass(eq=False)
class CannotCheckNow(KioskError):
    """The hash could not be computed (memory); never counted as wrong."""

    code = "EA11"


@dataclass(eq=False)
class TooManyCodes(KioskError):
    """More codes than an hour or a day allows (I-8)."""

    code = "EA12"
    again_at: datetime


@dataclass(eq=False)
class WrongCode(KioskError):
    """The verification code is wrong (E-55)."""

    code = "EB02"
    tries_left: int


@dataclass(eq=False)
class CodeExpired(KioskError):
    """The thirty minutes are over, or there is no live code (E-51)."""

    code = "EB03"


@dataclass(eq=False)
class CodeDead(KioskError):
    """The sixth wrong code (E-55)."""

    code = "EB04"
    aftermath = Aftermath.FINISHED


# --- media -----------------------------------------------------------------------------------------------------------


class LeftBehind(StrEnum):
    """What may be on the stick after a failed write."""

    NOTHING = "nothing"
    INCOMPLETE_POSSIBLE = "incomplete_possible"
    COMPLETE_UNCONFIRMED = "complete_unconfirmed"


@dataclass(eq=False)
class MediaError(KioskError):
    """The parent of what can go wrong with a stick."""

    code = "EM03"
    left_behind: LeftBehind = LeftBehind.NOTHING


@dataclass(eq=False)
class StickNotEmpty(MediaError):
    """The stick holds other files."""

    code = "EM01"


@dataclass(eq=False)
class StickRemoved(MediaError):
    """The stick is gone."""

    code = "EM02"


@dataclass(eq=False)
class NotTheSameStick(MediaError):
    """Another stick is in the port."""

    code = "EM04"


@dataclass(eq=False)
class StickReadOnly(MediaError):
    """Write-protected."""

    code = "EM03"


@dataclass(eq=False)
class StickFull(MediaError):
    """No room."""

    code = "EM03"


@dataclass(eq=False)
class FileAlreadyThere(MediaError):
    """A file of that name is on the stick and was left untouched."""

    code = "EM05"


@dataclass(eq=False)
class StickUnsupported(MediaError):
    """A file system that cannot be written here; never formatted."""

    code = "EM06"


@dataclass(eq=False)
class StickCorrupt(MediaError):
    """The stick is damaged."""

    code = "EM07"


@dataclass(eq=False)
class ReadBackDiffers(MediaError):
    """The stick did not keep the data."""

    code = "EM12"


@dataclass(eq=False)
class StickIoFailure(MediaError):
    """Reading or writing failed with the stick present."""

    code = "EM08"


@dataclass(eq=False)
class StickTimedOut(MediaError):
    """The stick does not answer."""

    code = "EM09"
    aftermath = Aftermath.UNKNOWN


@dataclass(eq=False)
class StickInUse(MediaError):
    """Another write to this stick is under way."""

    code = "EM10"


@dataclass(eq=False)
class MediaUnavailable(MediaError):
    """The terminal cannot use media at all; not the stick's fault."""

    code = "EM14"


@dataclass(eq=False)
class MediumNotInStock(KioskError):
    """The medium number is unknown, used, or of another branch."""

    code = "EM15"
    medium_no: str


@dataclass(eq=False)
class HandOverChecksOpen(KioskError):
    """The hand-over checklist is not finished."""

    code = "EM13"
    missing: tuple[str, ...]


# --- issuing ---------------------------------------------------------------------------------------------------------


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


# --- system ----------------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class ClockWrong(KioskError):
    """The clock stands before the newest record (E-91)."""

    code = "ES01"


@dataclass(eq=False)
class JournalNotWritable(KioskError):
    """No entry, no act."""

    code = "ES02"


@dataclass(eq=False)
class DatabaseUnavailable(KioskError):
    """The registry cannot be reached; nothing was changed."""

    code = "ES03"


@dataclass(eq=False)
class OutcomeUnknown(KioskError):
    """The connection was lost while a change was being stored; the registry tells after it is back."""

    code = "ES11"
    aftermath = Aftermath.UNKNOWN


@dataclass(eq=False)
class UserBusyElsewhere(KioskError):
    """Another reception of the same user and kind is open (E-90)."""

    code = "ES04"
    terminal_no: str
    reception_no: str


@dataclass(eq=False)
class SettingsWrong(KioskError):
    """The settings file does not hold; names file, key and limit."""

    code = "ES12"
    file: str
    key: str
    problem: str


@dataclass(eq=False)
class TerminalInUse(KioskError):
    """Another program runs on this terminal already."""

    code = "ES13"


@dataclass(eq=False)
class NotSetUp(KioskError):
    """`kiosk init` has not been run here, or not by this version; `missing` names what is not there."""

    code = "ES14"
    missing: str

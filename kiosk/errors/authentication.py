"""Steps 4 and 5: passwords, locks, codes."""

from dataclasses import dataclass
from datetime import datetime

from kiosk.errors.base import Aftermath, KioskError


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

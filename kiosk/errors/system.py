"""The terminal itself: clock, journal, registry, settings."""

from dataclasses import dataclass
from typing import Final

from kiosk.errors.base import Aftermath, KioskError


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


MAKE_CA: Final = "kiosk ca init"


@dataclass(eq=False)
class NotSetUp(KioskError):
    """`command` has not been run here, or not by this version; `missing` names what is not there."""

    code = "ES14"
    missing: str
    command: str = "kiosk init"


@dataclass(eq=False)
class RegistryGone(KioskError):
    """A CA was set up here, and its registry is not there: a new one would know of no certificate (I-25)."""

    code = "ES26"


@dataclass(eq=False)
class KeyGone(KioskError):
    """A counter was set up here, and the key of its passwords is not there: with a new one none is right (I-25)."""

    code = "ES27"
    path: str


@dataclass(eq=False)
class FilesNotOurs(KioskError):
    """The account that runs this may not use `path`."""

    code = "ES25"
    path: str

"""Sticks, and what may be left on one."""

from dataclasses import dataclass
from enum import StrEnum

from kiosk.errors.base import Aftermath, KioskError


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
    temporary: str = ""
    """The name of an incomplete copy, for the adapter to remember; made of nothing but random digits."""


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
    refusal: str = ""
    """A word of `StickRefusal` where more than the class is known."""


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
class StickEjectFailed(MediaError):
    """Written, verified and unmounted, but the port could not be switched off."""

    code = "EM19"
    aftermath = Aftermath.FINISHED


@dataclass(eq=False)
class StickNotAllowed(MediaError):
    """A device that may not be used here: not only a stick, a fixed disk, forbidden, or not registered."""

    code = "EM20"
    refusal: str = ""
    """A word of `StickRefusal` where more than the class is known."""


@dataclass(eq=False)
class FileNotOnStick(MediaError):
    """The p12 of an earlier try was looked for and is not on this stick, or not whole."""

    code = "EM21"


@dataclass(eq=False)
class LeftoverOnStick(MediaError):
    """The unfinished file of an earlier try is on the stick, and may be deleted from here."""

    code = "EM24"
    file_name: str = ""


@dataclass(eq=False)
class MediaUnavailable(MediaError):
    """The terminal cannot use media at all; not the stick's fault."""

    code = "EM14"


@dataclass(eq=False)
class MediaListWrong(KioskError):
    """A list of media was not imported; `problem` is a sentence, `line` counts from 1."""

    code = "EM22"
    file: str
    line: int
    column: str
    """Empty when the line as a whole is meant."""
    problem: str


@dataclass(eq=False)
class MediaListBroken(KioskError):
    """The list of media in the registry was not signed here, or was changed: nothing is registered."""

    code = "EM23"


@dataclass(eq=False)
class MediumNotInStock(KioskError):
    """The medium number is unknown, used, or of another branch."""

    code = "EM15"
    medium_no: str


@dataclass(eq=False)
class NoMediumBooked(KioskError):
    """Media have numbers here, and the reception has none yet: one certificate, one numbered medium (E-87)."""

    code = "EM25"


@dataclass(eq=False)
class HandOverChecksOpen(KioskError):
    """The hand-over checklist is not finished."""

    code = "EM13"
    missing: tuple[str, ...]

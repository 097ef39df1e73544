"""The staff screens outside a journey: lists that leave as files, and what other terminals left behind."""

from dataclasses import dataclass
from datetime import datetime

from kiosk.errors.base import KioskError


@dataclass(eq=False)
class NoExportFolder(KioskError):
    """The settings name no folder for lists that are saved."""

    code = "ES17"


@dataclass(eq=False)
class ExportFailed(KioskError):
    """The folder for saved lists does not take the file; nothing was left there."""

    code = "ES18"
    folder: str
    why: str


@dataclass(eq=False)
class TerminalStillThere(KioskError):
    """A terminal settles what is under way on it by itself, unless it has been silent long enough."""

    code = "ES19"
    terminal_no: str
    seen_at: datetime | None
    """When it last said that it runs; None when it never did."""


@dataclass(eq=False)
class MediumNotMovable(KioskError):
    """The ledger cannot note this of a medium in its state; one in use belongs to its reception."""

    code = "EM18"
    medium_no: str
    state: str

"""The staff screens outside a journey: lists that leave as files."""

from dataclasses import dataclass

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

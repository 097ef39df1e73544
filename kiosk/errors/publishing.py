"""The list of revoked certificates: what keeps it from being published. The revocation itself always stands."""

from dataclasses import dataclass
from enum import StrEnum

from kiosk.errors.base import KioskError


class FolderProblem(StrEnum):
    """Why the folder takes no list."""

    MISSING = "missing"
    FULL = "full"
    NOT_WRITABLE = "not_writable"


class ListProblem(StrEnum):
    """Why a list must not take the place of the one that is published (I-14)."""

    OTHER_ISSUER = "other_issuer"
    """The folder holds the list of another CA."""
    NOT_AS_ORDERED = "not_as_ordered"
    """The signer gave back something else than was asked for."""
    OVERTAKEN = "overtaken"
    """Whenever one was ready, a newer one was there already."""


@dataclass(eq=False)
class CrlFolderUnusable(KioskError):
    """The list could not be written; the one that is published stays as it is."""

    code = "ES22"
    folder: str
    why: FolderProblem


@dataclass(eq=False)
class CrlRefused(KioskError):
    """The publish gate let no list through; the one that is published stays as it is."""

    code = "ES23"
    why: ListProblem

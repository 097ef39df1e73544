"""Four eyes: what keeps a request from being decided or executed."""

from dataclasses import dataclass

from kiosk.errors.base import KioskError


@dataclass(eq=False)
class OwnRequest(KioskError):
    """The approver is the one who asked, under this ID or another one (I-16)."""

    code = "EP01"


@dataclass(eq=False)
class MayNotApprove(KioskError):
    """The approver's role does not include it, or the approver works at another branch."""

    code = "EP02"


@dataclass(eq=False)
class ApprovalStale(KioskError):
    """Something that was shown is different now; the request is void and must be asked anew (I-17)."""

    code = "EP04"


@dataclass(eq=False)
class ApprovalNeeded(KioskError):
    """This is not done without an approval, and none was given."""

    code = "EP05"


@dataclass(eq=False)
class ApprovalClosed(KioskError):
    """The third wrong sign-on of an approver: the request is void."""

    code = "EP06"


@dataclass(eq=False)
class NotTheAsker(KioskError):
    """Only the one who asked executes what was approved."""

    code = "EP07"
    name: str


@dataclass(eq=False)
class ApprovalExpired(KioskError):
    """The ten minutes of the request, or of the approval, are over."""

    code = "EP08"


@dataclass(eq=False)
class AlreadyDecided(KioskError):
    """Nobody decides twice; `state` is a word of `kiosk.rules.approvals.ApprovalState`."""

    code = "EP09"
    state: str

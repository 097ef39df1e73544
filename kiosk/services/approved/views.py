"""What a clerk may ask a second person for, and how far such a request is."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from kiosk.rules.approvals import ApprovalState
from kiosk.rules.deliveries import DeliveryState
from kiosk.rules.operations import Transaction
from kiosk.rules.revocation import RevocationReason
from kiosk.rules.shown import Shown
from kiosk.rules.unblocking import LockCycle, UnblockCause
from kiosk.services.views import UserCard, VisitorKind


@dataclass(frozen=True, kw_only=True)
class RevokeRequest:
    """Revoke this certificate; with `then_reissue` the same reception goes on to a new one (E-75)."""

    serial: str
    reason: RevocationReason
    note: str = ""
    then_reissue: bool = False


@dataclass(frozen=True, kw_only=True)
class UnblockRequest:
    """Lift the block of the reception's user."""

    cause: UnblockCause
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class IssueRequest:
    """Issue what the reception is about; only where the settings ask for an approval."""


@dataclass(frozen=True, kw_only=True)
class GiveUpRequest:
    """Revoke what lies verified on its medium and is not handed over; `outcome` says why."""

    outcome: DeliveryState


@dataclass(frozen=True, kw_only=True)
class ConfirmEmergency:
    """Look afterwards at what one clerk revoked by phone."""


Request = RevokeRequest | UnblockRequest | IssueRequest | GiveUpRequest | ConfirmEmergency


@dataclass(frozen=True, kw_only=True)
class ApprovalView:
    """A request as it stands now."""

    approval_pk: int
    state: ApprovalState
    shown: Shown
    digest: str
    """Of `shown`; handed back with the decision, so that what is decided is what stood on the screen."""
    request: Request
    asked_at: datetime
    expires_at: datetime | None
    """Asked: until when it can be decided. Approved: until when it can be executed."""
    decided_by: str
    """Staff ID; empty while undecided."""
    decided_by_name: str
    decided_at: datetime | None
    reject_reason: str
    tries_left: int
    """Sign-ons of an approver before the request is closed."""


class CallBackCheck(StrEnum):
    """What the clerk confirms about the call back, before anything is revoked by phone."""

    NUMBER_FROM_THE_REGISTER = "number_from_the_register"
    """Called under the number the bank has, not the one the caller gave."""
    CALLER_CONFIRMED = "caller_confirmed"


@dataclass(frozen=True, kw_only=True)
class PhoneCall:
    """What the clerk notes of a call and of the call back."""

    caller_name: str
    caller_kind: VisitorKind
    called_back_at: datetime
    called_back_to: str
    """Whom, and the last digits of the number."""
    confirmed: frozenset[CallBackCheck]
    operation_id: str
    """Made by the screen once per form, so that pressing again never opens a second reception."""


@dataclass(frozen=True, kw_only=True)
class FollowUp:
    """A revocation by phone that is not complete."""

    reception_no: str
    user_id: str
    user_name: str
    serial: str
    revoked_at: datetime
    approval_due: datetime | None
    """None: the approval is in."""
    paper_due: date | None
    """A day in Japan. None: the paper is in."""
    overdue: bool


@dataclass(frozen=True, kw_only=True)
class Revoked:
    """Two facts: stopped in the registry, and on a published list or not yet."""

    reception_no: str
    serial: str
    user_id: str
    reason: RevocationReason
    revoked_at: datetime
    approved_by: str
    """Staff ID; empty while a confirmation is still to come."""
    crl_number: int
    """Every list from this number on holds it."""
    published_crl_number: int | None
    """The list in force when it holds it; None: not published yet."""
    crl_published_at: datetime | None
    reissue: Transaction | None
    """How the same reception goes on; None when it is done."""
    another_stays: bool
    """Whether the user still logs in with another certificate."""
    follow_up: FollowUp | None


@dataclass(frozen=True, kw_only=True)
class StickReported:
    """What became of a report about a stick, and what is left to do."""

    serial: str
    request: RevokeRequest | GiveUpRequest | None
    """To be asked for next; None when there is nothing left to revoke."""
    ask_in: str
    """Number of the reception to ask in: that of the report, or the one that waits for its hand-over."""
    reissue: bool
    """Offer a re-issue on the spot."""
    give_up_at_once: bool
    """It was never verified on a stick: the list of unfinished receptions revokes it without approval."""


@dataclass(frozen=True, kw_only=True)
class UnblockPage:
    """How the block came, and how often before."""

    card: UserCard
    cycles: tuple[LockCycle, ...]
    recent_unblocks: tuple[datetime, ...]
    """Of the last `kiosk.rules.unblocking.REPEAT_DAYS`, newest first."""


@dataclass(frozen=True, kw_only=True)
class Unblocked:
    """The block is lifted; the password is what it was (E-36)."""

    reception_no: str
    user_id: str
    at: datetime
    approved_by: str

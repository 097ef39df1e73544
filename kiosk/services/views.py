"""What use cases take and give back: frozen values, never rows."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from kiosk.errors import MediaError
from kiosk.rules.approvals import ApprovalState
from kiosk.rules.cases import CaseState
from kiosk.rules.certificates import CertificateState
from kiosk.rules.deliveries import DeliveryState
from kiosk.rules.lockout import LockStanding
from kiosk.rules.next_actions import NextAction
from kiosk.rules.operations import IssueKind, Transaction
from kiosk.rules.parking import ParkReason
from kiosk.rules.users import UserRole
from kiosk.rules.validity import CertificateStanding


@dataclass(frozen=True, kw_only=True)
class CertificateView:
    """One certificate as the counter reads it."""

    serial: str
    """Hexadecimal, upper case, without separators."""
    state: CertificateState
    standing: CertificateStanding
    issue_date: date
    last_valid_date: date
    renewable_from: date
    pc_alias: str
    delivery: DeliveryState | None
    revoked_at: datetime | None
    revocation_reason: str | None


@dataclass(frozen=True, kw_only=True)
class UserRow:
    """A line of the search result."""

    user_pk: int
    user_id: str
    name: str
    kana: str
    role: UserRole
    organization_name: str
    organization_code: str


@dataclass(frozen=True, kw_only=True)
class LockView:
    """Where the user stands between wrong passwords, lock and block."""

    standing: LockStanding
    until: datetime | None
    tries_left: int
    lock_count: int


@dataclass(frozen=True, kw_only=True)
class TimelineEntry:
    """One thing that happened to the user, for the card; newest first."""

    at: datetime
    tag: str
    """A word of `kiosk.audit.events.EventTag` or of the lock history."""
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class UserCard:
    """The customer at hand: always this card, on every screen."""

    user_pk: int
    user_id: str
    name: str
    kana: str
    role: UserRole
    organization_name: str
    organization_code: str
    branch_name: str
    masked_email: str
    lock: LockView
    certificates: tuple[CertificateView, ...]
    """Live ones first, then newest first."""
    next_actions: tuple[NextAction, ...]
    timeline: tuple[TimelineEntry, ...] = ()


class Channel(StrEnum):
    """How the request reached the branch."""

    COUNTER = "counter"
    PHONE = "phone"


class VisitorKind(StrEnum):
    """Who stands at the counter."""

    SELF = "self"
    PROXY = "proxy"


class DocumentType(StrEnum):
    """Identity documents that suffice alone (one with a photo)."""

    DRIVING_LICENCE = "driving_licence"
    DRIVING_HISTORY = "driving_history"
    INDIVIDUAL_NUMBER_CARD = "individual_number_card"
    RESIDENCE_CARD = "residence_card"
    SPECIAL_PERMANENT_RESIDENT = "special_permanent_resident"
    PASSPORT = "passport"


WITHOUT_NUMBER = frozenset({DocumentType.INDIVIDUAL_NUMBER_CARD})
"""Documents of whose number nothing is kept, not even its end: the individual number is recorded nowhere."""


class ReceptionCheck(StrEnum):
    """The checklist of step 1."""

    FORM = "form"
    SEAL = "seal"
    IDENTITY = "identity"
    AUTHORITY = "authority"


@dataclass(frozen=True, kw_only=True)
class ReceptionForm:
    """What the clerk takes from paper and person at step 1."""

    form_no: str
    channel: Channel
    visitor_kind: VisitorKind
    visitor_name: str
    document_type: DocumentType
    document_last4: str
    """Last four characters only; empty for a document `WITHOUT_NUMBER`."""
    checks: frozenset[ReceptionCheck]
    operation_id: str
    """Made by the screen once per form, so that pressing again never opens a second reception."""
    begun_as: Transaction | None = None
    """What the clerk chose in the menu."""


@dataclass(frozen=True, kw_only=True)
class CaseView:
    """A reception and how far it is."""

    reception_no: str
    state: CaseState
    transaction: Transaction | None
    issue_kind: IssueKind | None
    opened_at: datetime
    visitor_name: str
    visitor_kind: VisitorKind
    medium_no: str | None
    pc_alias: str
    card: UserCard | None
    approval: ApprovalState | None = None
    """Of its newest request for a second pair of eyes."""
    revoked_serial: str | None = None
    """The certificate this reception has revoked."""


@dataclass(frozen=True, kw_only=True)
class CodeSent:
    """The password was right and the code is on its way."""

    masked_email: str
    valid_until: datetime


class IssueStage(StrEnum):
    """The stages step 7 shows."""

    KEY = "key"
    SIGNATURE = "signature"
    P12 = "p12"
    PREPARE = "prepare"
    """The stick is found again and mounted."""
    WRITE = "write"
    READ_BACK = "read_back"
    CONFIRM = "confirm"
    """Unmounted, mounted for reading only, and read once more."""
    EJECT = "eject"


@dataclass(frozen=True, kw_only=True)
class IssuePreview:
    """What step 6 shows before the point of no return."""

    organization_name: str
    name: str
    user_id: str
    kind: IssueKind
    issue_date: date
    last_valid_date: date
    medium_no: str


@dataclass(frozen=True, kw_only=True)
class Ready:
    """A certificate exists; its p12 lies in memory until it is verified on a stick."""

    reception_no: str
    serial: str
    file_name: str
    last_valid_date: date
    handle: str
    """The signer's name for it, until it is verified or given up."""
    p12: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Delivered:
    """The p12 was written and read back equal."""

    reception_no: str
    serial: str
    file_name: str
    medium_no: str
    simulated: bool
    finished: datetime
    not_ejected: MediaError | None = None
    """Why the stick may not be pulled out yet; None when it may."""
    copies_elsewhere: tuple[str, ...] = ()
    """Other sticks, by number or name, on which a copy may lie; they are kept and never handed over."""


class HandOverCheck(StrEnum):
    """The checklist of step 9."""

    MEDIUM = "medium"
    RECEIPT = "receipt"
    GUIDE = "guide"


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What the signed receipt must say (DOMAIN 5.9)."""

    reception_no: str
    user_id: str
    organization_name: str
    serial: str
    file_name: str
    medium_no: str
    handed_over_at: datetime
    operator: str
    simulated: bool
    revoked_serial: str | None = None
    """In a change of PC: the old certificate, revoked in the same reception (E-75)."""
    revoked_at: datetime | None = None


class NextStep(StrEnum):
    """The one thing to do about an unfinished reception."""

    HAND_OVER = "hand_over"
    """Verified on its medium: hand it over."""
    GIVE_UP = "give_up"
    """Issued and on no stick: revoke, then reissue."""
    RESUME_OR_VOID = "resume_or_void"
    """Nothing was issued: go on, or cancel the reception."""
    RESTART = "restart"
    """The program on its terminal settles it when it starts (E-85)."""
    WAIT_FOR_APPROVAL = "wait_for_approval"
    """A supervisor has not decided yet."""
    EXECUTE = "execute"
    """Approved and not executed yet."""
    REVOKE_WITH_APPROVAL = "revoke_with_approval"
    """Verified on a stick that will not be handed over: a supervisor agrees to its revocation."""
    REISSUE = "reissue"
    """A certificate was revoked; the re-issue of the same reception is still to come (E-75)."""


@dataclass(frozen=True, kw_only=True)
class Undelivered:
    """A line of the unfinished list: something a person must settle, and its one next action."""

    reception_no: str
    terminal_no: str
    """That has it: where it was opened, or where its user authenticated last."""
    serial: str | None
    user_id: str
    name: str
    case_state: CaseState
    delivery: DeliveryState | None
    since: datetime
    next_step: NextStep
    transaction: Transaction | None = None
    begun_as: Transaction | None = None
    """Chosen in the menu when the reception was opened; it can be gone on with as nothing else but an issue."""
    approval: ApprovalState | None = None
    revoked_serial: str | None = None
    file_name: str = ""
    """Of the p12 that exists for it; empty before it was made."""
    parked: ParkReason | None = None
    """What it waits for, when it was put aside (E-59)."""
    code_until: datetime | None = None
    """Until when the code of a parked reception can be used."""


@dataclass(frozen=True, kw_only=True)
class WeekCount:
    """Certificates that expire in one week."""

    first_day: date
    count: int


class CrlTrouble(StrEnum):
    """What keeps a revocation from being true for the web system."""

    WAITING = "waiting"
    """A list that was due is not out: somebody who is revoked may still log in."""
    NOT_ANNOUNCED = "not_announced"
    """The list is out, and the web system could not be told."""
    ENDS_SOON = "ends_soon"
    """In less than three days the web system refuses everybody."""


@dataclass(frozen=True, kw_only=True)
class Board:
    """Today at a glance."""

    unfinished: int
    undelivered: int
    approvals_waiting: int
    expiring_by_week: tuple[WeekCount, ...]
    mails_queued: int
    mails_failed: int
    mails_oldest: datetime | None
    """When the oldest letter that has not left was decided on."""
    unreachable: int
    """Users whom no mail reaches, at most as many as the list shows."""
    crl_number: int | None
    crl_age_hours: float | None
    media_in_stock: int
    follow_ups: int = 0
    """Revocations by phone whose confirmation or paper is not in yet."""
    follow_ups_overdue: int = 0
    """Those of them that are past a date."""
    approval_due: datetime | None = None
    """The first date, past or to come, by which one of them wants its confirmation."""
    paper_due: date | None = None
    """The first day, in Japan, by which one of them wants its paper."""
    crl_trouble: CrlTrouble | None = None


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """One line of the self-check."""

    name: str
    ok: bool
    fact: str
    """What was found, without secrets; shown beside the translated name."""
    closes_issuing: bool

"""Four eyes: who may approve what a colleague asks for, for how long, and what exactly (DOMAIN 3.2, I-16, I-17).

An approval is bound to a digest of everything the supervisor saw. It is asked for, decided and executed at three
moments, and everything is looked at again at each of them; nothing here reads a clock or a registry.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from kiosk.rules.roles import Permission, StaffRole, may

APPROVAL_MINUTES = 10
"""A request waits so long for its decision, and an approval so long for its execution."""

REQUEST_LIFE = timedelta(minutes=APPROVAL_MINUTES)

DIALOG_TRIES = 3
"""The third wrong sign-on of an approver closes the request."""


class ApprovalSubject(StrEnum):
    """What a second person is asked for."""

    REVOKE = "revoke"
    UNBLOCK = "unblock"
    ISSUE = "issue"
    """Where the setting asks for it; taken before the customer enters the password (DOMAIN 3.2.5)."""
    GIVE_UP = "give_up"
    """A certificate that lies verified on its medium and will not be handed over."""
    CONFIRM_EMERGENCY = "confirm_emergency"
    """Afterwards, for what one clerk revoked by phone."""


class ApprovalState(StrEnum):
    """How far a request is."""

    ASKED = "asked"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    """By the one who asked, or by asking anew."""
    VOID = "void"
    """What was shown has changed, or the dialog was closed by wrong sign-ons."""
    EXPIRED = "expired"
    EXECUTED = "executed"


ALLOWED: Mapping[ApprovalState, frozenset[ApprovalState]] = MappingProxyType(
    {
        ApprovalState.ASKED: frozenset(
            {
                ApprovalState.APPROVED,
                ApprovalState.REJECTED,
                ApprovalState.WITHDRAWN,
                ApprovalState.VOID,
                ApprovalState.EXPIRED,
            }
        ),
        ApprovalState.APPROVED: frozenset(
            {
                ApprovalState.EXECUTED,
                ApprovalState.WITHDRAWN,
                ApprovalState.VOID,
                ApprovalState.EXPIRED,
            }
        ),
        ApprovalState.REJECTED: frozenset(),
        ApprovalState.WITHDRAWN: frozenset(),
        ApprovalState.VOID: frozenset(),
        ApprovalState.EXPIRED: frozenset(),
        ApprovalState.EXECUTED: frozenset(),
    }
)
"""From each state, the states that may follow; the registry holds the same table in a trigger."""

LIVE_STATES = frozenset({ApprovalState.ASKED, ApprovalState.APPROVED})
"""States in which something may still come of a request; a reception has at most one such."""


class Objection(StrEnum):
    """Why a request is not decided or not executed; the first that applies is reported, in the order of this list."""

    NOT_LIVE = "not_live"
    """Rejected, withdrawn, void or executed already; or not approved yet when it should be executed."""
    EXPIRED = "expired"
    NOT_THE_ASKER = "not_the_asker"
    """Somebody else would execute what was approved for a colleague."""
    MAY_NOT_APPROVE = "may_not_approve"
    """The role does not include it, or the person works at another branch."""
    OWN_REQUEST = "own_request"
    """Maker and checker are one member of staff, or one human being with two IDs (I-16)."""
    CHANGED = "changed"
    """Something that was shown is different now."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """A member of staff, as far as four eyes are concerned."""

    staff_pk: int
    person_number: str
    """Names the human being; somebody may hold two staff IDs."""
    role: StaffRole
    branch_pk: int
    active: bool = True


@dataclass(frozen=True, kw_only=True)
class Approval:
    """What is stored about one request."""

    subject: ApprovalSubject
    state: ApprovalState
    branch_pk: int
    """Of the reception: only a supervisor of this branch decides."""
    maker_pk: int
    maker_person: str
    digest: str
    asked_at: datetime
    decided_at: datetime | None = None


def expires_at(approval: Approval) -> datetime | None:
    """When a live request dies by itself; None for a decided one that holds no longer, and for a confirmation.

    A confirmation of what was done already gives nobody leave to do anything, so it waits until somebody decides.
    """
    if approval.state not in LIVE_STATES or approval.subject is ApprovalSubject.CONFIRM_EMERGENCY:
        return None
    return (approval.decided_at or approval.asked_at) + REQUEST_LIFE


def state_at(approval: Approval, now: datetime) -> ApprovalState:
    """The state of a request at `now`: what is stored, or expired when its ten minutes are over."""
    ends = expires_at(approval)
    return ApprovalState.EXPIRED if ends is not None and now >= ends else approval.state


def objection_to_checker(approval: Approval, checker: Person) -> Objection | None:
    """Why this person may not be the second pair of eyes on a request (I-16)."""
    if (
        not (checker.active and may(checker.role, Permission.APPROVE))
        or checker.branch_pk != approval.branch_pk
    ):
        return Objection.MAY_NOT_APPROVE
    if checker.staff_pk == approval.maker_pk or checker.person_number == approval.maker_person:
        return Objection.OWN_REQUEST
    return None


def objection_to_decision(
    approval: Approval, checker: Person, *, seen: str, digest_now: str, now: datetime
) -> Objection | None:
    """Why `checker` cannot approve or reject at `now` what stood on the screen under the digest `seen`.

    `digest_now` is that of the same request made out of the registry as it stands now.
    """
    if approval.state is not ApprovalState.ASKED:
        return Objection.NOT_LIVE
    if state_at(approval, now) is ApprovalState.EXPIRED:
        return Objection.EXPIRED
    by_person = objection_to_checker(approval, checker)
    if by_person is not None:
        return by_person
    return None if seen == approval.digest == digest_now else Objection.CHANGED


def objection_to_execution(
    approval: Approval, executor_pk: int, checker: Person, *, digest_now: str, now: datetime
) -> Objection | None:
    """Why what `checker` approved is not executed at `now` by the member of staff `executor_pk` (I-17)."""
    if approval.state is not ApprovalState.APPROVED:
        return Objection.NOT_LIVE
    if state_at(approval, now) is ApprovalState.EXPIRED:
        return Objection.EXPIRED
    if executor_pk != approval.maker_pk:
        return Objection.NOT_THE_ASKER
    by_person = objection_to_checker(approval, checker)
    if by_person is not None:
        return by_person
    return None if approval.digest == digest_now else Objection.CHANGED


def may_move(a: ApprovalState, b: ApprovalState) -> bool:
    """Whether a request in state `a` may go to state `b`."""
    return b in ALLOWED[a]

"""What can be done for this user now, and why the rest cannot (S210, E-30)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from kiosk.rules import lockout
from kiosk.rules.lockout import LockStanding, LockState
from kiosk.rules.operations import (
    Holding,
    IssueKind,
    Transaction,
    TransactionFamily,
    door,
    family_of,
    is_live,
    kind_of_issue,
)
from kiosk.rules.roles import StaffRole, may_run
from kiosk.rules.users import UserRole
from kiosk.rules.validity import CertificateStanding, standing


class Reason(StrEnum):
    """Why a transaction is refused; the first that applies is reported, in the order of this list."""

    NOT_PERMITTED = "not_permitted"
    """The role of the operator does not include it."""
    OTHER_BRANCH = "other_branch"
    """Only the user's home branch serves the user (E-94)."""
    OUT_OF_HOURS = "out_of_hours"
    ALREADY_OPEN = "already_open"
    """A reception of this family is open for the user (E-90)."""
    ONLY_BY_PHONE = "only_by_phone"
    """202 is for a call; at the counter it is 201."""
    NOT_BY_PHONE = "not_by_phone"
    """By phone nothing but 202: everything else needs the person or the paper."""

    INITIAL_REGISTRATION_OPEN = "initial_registration_open"
    """A master user registers on the web first (R-31, E-74)."""
    LIVE_CERTIFICATE = "live_certificate"
    """Closed until `opens`, or until the live certificate is revoked (R-50)."""
    FIRST_ISSUE_INSTEAD = "first_issue_instead"
    """Never had a certificate: 101 (E-73)."""
    RENEW_INSTEAD = "renew_instead"
    """A live certificate is in its renewal window: 102 (E-73)."""
    REISSUE_INSTEAD = "reissue_instead"
    """Had certificates, none is live: 103 (E-73)."""
    MASTER_BLOCKED = "master_blocked"
    """To be unblocked first: 301 (R-54)."""
    GENERAL_BLOCKED = "general_blocked"
    """To be unblocked first, by the user's own master user (R-52)."""
    LOCKED = "locked"
    """Wait until `until` (R-48)."""
    PROXY_CANNOT_RECEIVE = "proxy_cannot_receive"
    """A certificate is issued to its user in person only."""

    EXPIRED_NEEDS_NO_REVOCATION = "expired_needs_no_revocation"
    """E-77."""
    NO_LIVE_CERTIFICATE = "no_live_certificate"
    """Nothing to revoke (E-76, E-78)."""

    UNBLOCKED_BY_MASTER = "unblocked_by_master"
    """A general user's block is lifted by the master user, never at the counter (R-52, E-37)."""
    ONLY_LOCKED = "only_locked"
    """Not blocked; the lock ends by itself at `until` (E-38)."""
    NOT_BLOCKED = "not_blocked"


MESSAGE_CODES: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.NOT_PERMITTED: "ET03",
        Reason.OTHER_BRANCH: "ET04",
        Reason.OUT_OF_HOURS: "EC08",
        Reason.ALREADY_OPEN: "ES04",
        Reason.ONLY_BY_PHONE: "EC09",
        Reason.NOT_BY_PHONE: "EC09",
        Reason.INITIAL_REGISTRATION_OPEN: "EC07",
        Reason.LIVE_CERTIFICATE: "EC06",
        Reason.FIRST_ISSUE_INSTEAD: "EC09",
        Reason.RENEW_INSTEAD: "EC09",
        Reason.REISSUE_INSTEAD: "EC09",
        Reason.MASTER_BLOCKED: "EA08",
        Reason.GENERAL_BLOCKED: "EA09",
        Reason.LOCKED: "EA07",
        Reason.PROXY_CANNOT_RECEIVE: "EC05",
        Reason.EXPIRED_NEEDS_NO_REVOCATION: "ER02",
        Reason.NO_LIVE_CERTIFICATE: "EC09",
        Reason.UNBLOCKED_BY_MASTER: "EU02",
        Reason.ONLY_LOCKED: "EU03",
        Reason.NOT_BLOCKED: "EU04",
    }
)
"""The message code the counter reads beside each reason."""


@dataclass(frozen=True, kw_only=True)
class UserSituation:
    """Everything about a user that the next transaction depends on."""

    role: UserRole
    initial_registration_done: bool
    lock: LockState
    holdings: tuple[Holding, ...]
    """Signed certificates only; a reservation is an open reception instead."""
    same_branch: bool
    open_families: frozenset[TransactionFamily]
    """Families of open receptions of this user, the one being served left out."""
    in_service: bool
    visitor_is_proxy: bool = False
    """Known once a reception is open."""
    by_phone: bool | None = None
    """Whether the reception is a call; None while none is open."""


@dataclass(frozen=True, kw_only=True)
class NextAction:
    """One transaction, allowed or refused."""

    transaction: Transaction
    allowed: bool
    reason: Reason | None
    opens: date | None
    """The day in Japan from which renewal is possible, when that is what the user waits for."""
    until: datetime | None
    """The end of the lock, when that is what the user waits for; aware, UTC."""


TRANSACTIONS_FOR_USERS = (
    Transaction.FIRST_ISSUE,
    Transaction.RENEW,
    Transaction.REISSUE,
    Transaction.REVOKE,
    Transaction.EMERGENCY_REVOKE,
    Transaction.UNBLOCK,
)
"""What the card lists, in this order."""

_INSTEAD = {
    IssueKind.FIRST_ISSUE: Reason.FIRST_ISSUE_INSTEAD,
    IssueKind.RENEW: Reason.RENEW_INSTEAD,
    IssueKind.REISSUE: Reason.REISSUE_INSTEAD,
}


def next_actions(situation: UserSituation, staff_role: StaffRole, now: datetime) -> tuple[NextAction, ...]:
    """Every transaction of `TRANSACTIONS_FOR_USERS` with its answer at `now`."""
    return tuple(
        next_action(situation, staff_role, transaction, now) for transaction in TRANSACTIONS_FOR_USERS
    )


def next_action(
    situation: UserSituation, staff_role: StaffRole, transaction: Transaction, now: datetime
) -> NextAction:
    """Whether one transaction of `TRANSACTIONS_FOR_USERS` is possible at `now`, for this user and operator."""
    reason = _at_the_counter(situation, staff_role, transaction) or _for_the_user(situation, transaction, now)
    return NextAction(
        transaction=transaction,
        allowed=reason is None,
        reason=reason,
        opens=door(situation.holdings, now) if reason is Reason.LIVE_CERTIFICATE else None,
        until=situation.lock.locked_until if reason in {Reason.LOCKED, Reason.ONLY_LOCKED} else None,
    )


def _at_the_counter(
    situation: UserSituation, staff_role: StaffRole, transaction: Transaction
) -> Reason | None:
    if not may_run(staff_role, transaction):
        return Reason.NOT_PERMITTED
    if not situation.same_branch:
        return Reason.OTHER_BRANCH
    if not situation.in_service:
        return Reason.OUT_OF_HOURS
    if family_of(transaction) in situation.open_families:
        return Reason.ALREADY_OPEN
    if situation.by_phone is not None and situation.by_phone != (transaction is Transaction.EMERGENCY_REVOKE):
        return Reason.NOT_BY_PHONE if situation.by_phone else Reason.ONLY_BY_PHONE
    return None


def _for_the_user(situation: UserSituation, transaction: Transaction, now: datetime) -> Reason | None:
    match family_of(transaction):
        case TransactionFamily.ISSUE:
            return _not_issuable(situation, transaction, now)
        case TransactionFamily.REVOKE:
            return _not_revocable(situation, now)
        case TransactionFamily.UNBLOCK:
            return _not_unblockable(situation, now)
    raise ValueError(f"{transaction.name} is not a transaction for a user")


def _not_issuable(situation: UserSituation, transaction: Transaction, now: datetime) -> Reason | None:
    if situation.role is UserRole.MASTER and not situation.initial_registration_done:
        return Reason.INITIAL_REGISTRATION_OPEN
    if door(situation.holdings, now) is not None:
        return Reason.LIVE_CERTIFICATE
    kind = kind_of_issue(situation.holdings, now)
    if transaction is not kind.transaction:
        return _INSTEAD[kind]
    match lockout.standing(situation.lock, now):
        case LockStanding.BLOCKED:
            return Reason.MASTER_BLOCKED if situation.role is UserRole.MASTER else Reason.GENERAL_BLOCKED
        case LockStanding.LOCKED:
            return Reason.LOCKED
    return Reason.PROXY_CANNOT_RECEIVE if situation.visitor_is_proxy else None


def _not_revocable(situation: UserSituation, now: datetime) -> Reason | None:
    """A lock or a block does not stand in the way: revoking reduces risk (E-39)."""
    if any(is_live(holding, now) for holding in situation.holdings):
        return None
    standings = {standing(holding.last_valid_date, holding.revoked, now) for holding in situation.holdings}
    if CertificateStanding.EXPIRED in standings:
        return Reason.EXPIRED_NEEDS_NO_REVOCATION
    return Reason.NO_LIVE_CERTIFICATE


def _not_unblockable(situation: UserSituation, now: datetime) -> Reason | None:
    match lockout.standing(situation.lock, now):
        case LockStanding.ACTIVE:
            return Reason.NOT_BLOCKED
        case LockStanding.LOCKED:
            return Reason.ONLY_LOCKED
    return None if situation.role is UserRole.MASTER else Reason.UNBLOCKED_BY_MASTER

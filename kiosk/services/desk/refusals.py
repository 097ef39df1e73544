"""What each reason of `kiosk.rules.next_actions` means for the clerk: the refusal with its facts."""

from sqlmodel import Session, col, select

from db.queries import cases, certificates
from db.tables.branch import Branch, Terminal
from db.tables.user import User
from kiosk.errors import (
    InitialRegistrationOpen,
    KioskError,
    LiveCertificate,
    NotBlocked,
    NotPermitted,
    OnlyLocked,
    OtherBranch,
    OutOfHours,
    ProxyCannotReceive,
    RevocationNotNeeded,
    TransactionNotPossible,
    UnblockedByMaster,
    UserBusyElsewhere,
)
from kiosk.rules.next_actions import NextAction, Reason
from kiosk.rules.operations import Transaction, family_of
from kiosk.rules.roles import PERMISSION_OF
from kiosk.rules.service_hours import ServiceHours
from kiosk.services.desk.guard import Act
from kiosk.services.desk.locks import standing_refusal
from kiosk.services.desk.row_views import lock_state_of


def refusal_for(act: Act, user: User, answer: NextAction, reason: Reason, hours: ServiceHours) -> KioskError:
    """The refusal for `reason`, which is that of `answer`."""
    refusal = (
        _at_the_counter(act, user, answer, reason, hours)
        or _of_an_issue(act, user, answer, reason)
        or _of_the_others(act, user, answer, reason)
    )
    return refusal or TransactionNotPossible(reason=reason)


def busy_elsewhere(session: Session, user: User, transaction: Transaction) -> UserBusyElsewhere:
    """Which terminal serves this user already (E-90)."""
    family = family_of(transaction)
    other = None if family is None else cases.open_case_of(session, user.pk, family)
    if other is None:
        return UserBusyElsewhere(terminal_no="", reception_no="")
    number = session.exec(select(Terminal.terminal_no).where(col(Terminal.pk) == other.terminal_pk)).one()
    return UserBusyElsewhere(terminal_no=number, reception_no=other.reception_no)


def _at_the_counter(
    act: Act, user: User, answer: NextAction, reason: Reason, hours: ServiceHours
) -> KioskError | None:
    match reason:
        case Reason.NOT_PERMITTED:
            return NotPermitted(permission=str(PERMISSION_OF[answer.transaction]))
        case Reason.OTHER_BRANCH:
            return OtherBranch(branch_name=act.session.get_one(Branch, user.branch_pk).name)
        case Reason.OUT_OF_HOURS:
            return OutOfHours(opens=f"{hours.opens:%H:%M}", closes=f"{hours.closes:%H:%M}")
        case Reason.ALREADY_OPEN:
            return busy_elsewhere(act.session, user, answer.transaction)
    return None


def _of_an_issue(act: Act, user: User, answer: NextAction, reason: Reason) -> KioskError | None:
    match reason:
        case Reason.INITIAL_REGISTRATION_OPEN:
            return InitialRegistrationOpen()
        case Reason.LIVE_CERTIFICATE if answer.opens is not None:
            return LiveCertificate(renewable_from=answer.opens)
        case Reason.PROXY_CANNOT_RECEIVE:
            return ProxyCannotReceive()
        case Reason.LOCKED | Reason.MASTER_BLOCKED | Reason.GENERAL_BLOCKED:
            return standing_refusal(user.role, lock_state_of(user), act.now)
    return None


def _of_the_others(act: Act, user: User, answer: NextAction, reason: Reason) -> KioskError | None:
    match reason:
        case Reason.EXPIRED_NEEDS_NO_REVOCATION:
            rows = certificates.of_user(act.session, user.pk)
            return RevocationNotNeeded(last_valid_date=max(row.last_valid_date for row in rows))
        case Reason.UNBLOCKED_BY_MASTER:
            return UnblockedByMaster()
        case Reason.ONLY_LOCKED if answer.until is not None:
            return OnlyLocked(until=answer.until)
        case Reason.NOT_BLOCKED:
            return NotBlocked()
    return None

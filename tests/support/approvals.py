"""Two people at a counter: what is asked for, and the supervisor who decides."""

from dataclasses import dataclass, replace
from typing import Any

from sqlmodel import col, select

from db.database import Database
from db.tables import Approval, Certificate, Staff, User
from kiosk.rules.operations import Transaction
from kiosk.rules.revocation import RevocationReason
from kiosk.rules.roles import StaffRole
from kiosk.rules.unblocking import UnblockCause
from kiosk.secret import Secret
from kiosk.services.acting import Actor
from kiosk.services.approved.views import ApprovalView, Request, Revoked, RevokeRequest, UnblockRequest
from tests.support.builders import STAFF_PASSWORD, a_certificate, a_staff, a_user
from tests.support.counters import Counter, a_form


@dataclass(frozen=True, kw_only=True)
class Reception:
    """A reception whose transaction is chosen, and whom it is about."""

    number: str
    user: User


def a_supervisor(database: Database, **other: Any) -> Staff:
    """Somebody who may approve at branch 012, with `STAFF_PASSWORD`."""
    return a_staff(database, **({"role": StaffRole.SUPERVISOR, "name": "承認 次郎"} | other))


def signed_on(counter: Counter, staff: Staff) -> Actor:
    """This member of staff as the operator of the counter's terminal."""
    return replace(
        counter.actor,
        staff_pk=staff.pk,
        staff_id=staff.staff_id,
        name=staff.name,
        role=StaffRole(staff.role),
    )


def received(counter: Counter, user: User, transaction: Transaction, **form: object) -> Reception:
    """Steps 1 to 3 of a reception that issues nothing."""
    case = counter.casework.open(counter.actor, a_form(**form))
    counter.casework.choose_user(counter.actor, case.reception_no, user.pk)
    counter.casework.choose_transaction(counter.actor, case.reception_no, transaction)
    return Reception(number=case.reception_no, user=user)


def a_revocation(
    counter: Counter, user: User | None = None, **request: Any
) -> tuple[Reception, RevokeRequest]:
    """A reception of 201 for a user with one certificate, and what to ask for."""
    user = user or a_user(counter.database)
    serial = request.pop("serial", None) or serial_of(counter, user)
    reception = received(counter, user, Transaction.REVOKE)
    values: dict[str, Any] = {"serial": serial, "reason": RevocationReason.LEFT} | request
    return reception, RevokeRequest(**values)


def an_unblocking(
    counter: Counter, user: User | None = None, **request: Any
) -> tuple[Reception, UnblockRequest]:
    """A reception of 301 for a blocked master user, and what to ask for."""
    user = user or a_blocked_user(counter.database)
    values: dict[str, Any] = {"cause": UnblockCause.MISTYPED} | request
    return received(counter, user, Transaction.UNBLOCK), UnblockRequest(**values)


def a_blocked_user(database: Database, **other: Any) -> User:
    """A user after eighteen wrong passwords."""
    return a_user(database, **({"status": "blocked", "lock_count": 3, "charges": 18} | other))


def serial_of(counter: Counter, user: User) -> str:
    """The serial of the user's certificate, which is made when there is none."""
    with counter.database.reading() as session:
        rows = session.exec(select(Certificate).where(Certificate.user_pk == user.pk)).all()
    return rows[-1].serial if rows else a_certificate(counter.database, user).serial


def approves(counter: Counter, asked: ApprovalView, supervisor: Staff) -> ApprovalView:
    """In the dialog, in the clerk's session."""
    return counter.approving.approve_here(
        counter.actor, asked.approval_pk, asked.digest, supervisor.staff_id, Secret(STAFF_PASSWORD)
    )


def decide_as(
    counter: Counter, asked: ApprovalView, staff: Staff, password: str = STAFF_PASSWORD
) -> ApprovalView:
    """Approve in the dialog with this ID and password, right or wrong."""
    return counter.approving.approve_here(
        counter.actor, asked.approval_pk, asked.digest, staff.staff_id, Secret(password)
    )


def approved(
    counter: Counter, reception: Reception, request: Request, supervisor: Staff | None = None
) -> ApprovalView:
    """Asked and approved."""
    asked = counter.approving.ask(counter.actor, reception.number, request)
    return approves(counter, asked, supervisor or a_supervisor(counter.database))


def revokes(counter: Counter, user: User | None = None, **request: Any) -> Revoked:
    """A whole revocation with its approval."""
    reception, wanted = a_revocation(counter, user, **request)
    approved(counter, reception, wanted)
    return counter.revoking.execute(counter.actor, reception.number)


def states_of(database: Database) -> list[str]:
    """The state of every request, oldest first."""
    with database.reading() as session:
        return list(session.exec(select(Approval.state).order_by(col(Approval.pk))))

"""Certificates: of a user, and by serial."""

from collections.abc import Callable, Collection
from datetime import date, datetime
from typing import Final, NamedTuple

from sqlalchemy import Integer, bindparam, or_
from sqlmodel import Session, col, select

from db.queries import cases, deliveries
from db.queries._made_once import Scoped, columns_of, facts, store, table_of
from db.queries._scope import is_alone, locked, once
from db.tables import Case, Certificate, Delivery, User
from db.tables.words import DELIVERY_WITH_THE_CUSTOMER


class Held(NamedTuple):
    """A certificate of a user, as far as the next transaction depends on it."""

    state: str
    last_valid_date: date


_CERTIFICATES: Final = table_of(Certificate)
_DELIVERIES: Final = table_of(Delivery)
_NEWEST_FIRST: Final = (_CERTIFICATES.c.reserved_at.desc(), _CERTIFICATES.c.pk.desc())
_OF_USER: Final = (
    select(Certificate).where(col(Certificate.user_pk) == bindparam("of_user")).order_by(*_NEWEST_FIRST)
)
_HELD: Final = (
    columns_of(Certificate, *Held._fields)
    .where(_CERTIFICATES.c.user_pk == bindparam("of_user"))
    .order_by(*_NEWEST_FIRST)
)
_IN_FORCE: Final = (
    columns_of(Certificate, "serial", "last_valid_date")
    .join(_DELIVERIES, _DELIVERIES.c.certificate_pk == _CERTIFICATES.c.pk)
    .where(
        _CERTIFICATES.c.user_pk == bindparam("of_user"),
        _CERTIFICATES.c.state == "active",
        or_(*(_DELIVERIES.c.state == state for state in DELIVERY_WITH_THE_CUSTOMER)),
    )
)
_BY_SERIAL: Final = Scoped(
    select(Certificate).join(User).where(col(Certificate.serial) == bindparam("of_serial")), User.branch_pk
)
_WITH_ITS_DELIVERY: Final = (
    select(Certificate, Delivery, Case.state)
    .join(User, col(User.pk) == col(Certificate.user_pk))
    .join(Case, col(Case.pk) == col(Certificate.case_pk))
    .join(Delivery, col(Delivery.certificate_pk) == col(Certificate.pk), isouter=True)
    .where(
        col(Certificate.serial) == bindparam("of_serial"),
        or_(bindparam("of_branch", type_=Integer).is_(None), col(User.branch_pk) == bindparam("of_branch")),
    )
)
_BY_PK_LOCKED: Final = locked(select(Certificate).where(col(Certificate.pk) == bindparam("of_pk")))


def of_user(session: Session, user_pk: int) -> tuple[Certificate, ...]:
    """Every certificate of the user in any state, newest first."""
    return tuple(session.exec(_OF_USER, params={"of_user": user_pk}))


def held_by(session: Session, user_pk: int) -> tuple[Held, ...]:
    """The same certificates, and of each only what the next transaction depends on."""
    return tuple(map(Held._make, facts(session, _HELD, of_user=user_pk)))


def in_force(session: Session, user_pk: int) -> tuple[tuple[str, date], ...]:
    """Serial and last valid date of the active certificates that are in the user's hands."""
    return tuple((row.serial, row.last_valid_date) for row in facts(session, _IN_FORCE, of_user=user_pk))


def by_serial(session: Session, serial: str, branch_pk: int | None) -> Certificate | None:
    """The certificate of this serial, if its user belongs to the branch."""

    def ask() -> Certificate | None:
        return _BY_SERIAL.ask(session, branch_pk, of_serial=serial).one_or_none()

    return _by_serial(session, serial, branch_pk, ask)


def _by_serial(
    session: Session, serial: str, branch_pk: int | None, ask: Callable[[], Certificate | None]
) -> Certificate | None:
    found = once(session, "serial", serial, branch_pk, ask=ask)
    if found is not None and branch_pk is not None:
        once(session, "serial", serial, None, ask=lambda: found)
    return found


def by_serial_for_update(session: Session, serial: str, branch_pk: int | None) -> Certificate | None:
    """The certificate of this serial, if its user belongs to the branch, locked until the commit."""
    found = by_serial(session, serial, branch_pk)
    if found is None or is_alone(session):
        return found
    return session.exec(_BY_PK_LOCKED, params={"of_pk": found.pk}).one()


class Issued(NamedTuple):
    """A certificate, and how the reception stands that issued it."""

    certificate: Certificate
    case_state: str


def issued_for_update(session: Session, serial: str, branch_pk: int | None) -> Issued | None:
    """The certificate of this serial, if its user belongs to the branch.

    The reception that issued it is locked until the commit, and the certificate is as it stands after that.
    """
    if is_alone(session):
        return _issued(session, serial, branch_pk)
    found = by_serial(session, serial, branch_pk)
    if found is None:
        return None
    case_state = cases.state_for_update(session, found.case_pk)
    session.refresh(found)  # another may have changed it while this transaction waited for the lock
    return Issued(found, case_state)


def _issued(session: Session, serial: str, branch_pk: int | None) -> Issued | None:
    """The same in one question, where nobody else can change anything."""
    asked = {"of_serial": serial, "of_branch": branch_pk}
    row = session.exec(_WITH_ITS_DELIVERY, params=asked).one_or_none()
    if row is None:
        return None
    certificate, delivery, case_state = row
    _by_serial(session, serial, branch_pk, lambda: certificate)
    if delivery is not None:
        deliveries.known(session, delivery)
    return Issued(certificate, case_state)


def store_revocation(
    session: Session,
    row: Certificate,
    state: str,
    at: datetime,
    *,
    reason: str,
    entry: bytes,
    crl_number: int,
    reception_no: str,
) -> None:
    """Store a revocation at once: why, its entry in DER, the list that must have it, and where it was asked for.

    The certificate leaves its slot.
    """
    store(
        session,
        row,
        state=state,
        slot=None,
        revoked_at=at,
        revocation_reason=reason,
        crl_entry=entry,
        crl_number=crl_number,
        revoked_in=reception_no,
    )


def revoked_in(session: Session, reception_no: str) -> Certificate | None:
    """The certificate that a reception revoked and had not issued itself: a revocation, not a delivery given up."""
    statement = (
        select(Certificate)
        .join(Case, col(Case.pk) == col(Certificate.case_pk))
        .where(col(Certificate.revoked_in) == reception_no, col(Case.reception_no) != reception_no)
    )
    return session.exec(statement).one_or_none()


def revoked_in_any(session: Session, reception_nos: Collection[str]) -> dict[str, str]:
    """The serial that each of these receptions has revoked, as `revoked_in` tells it for one."""
    statement = (
        select(Certificate.revoked_in, Certificate.serial)
        .join(Case, col(Case.pk) == col(Certificate.case_pk))
        .where(
            col(Certificate.revoked_in).in_(reception_nos),
            col(Case.reception_no) != col(Certificate.revoked_in),
        )
    )
    return {number: serial for number, serial in session.exec(statement) if number is not None}


def given_up_in(session: Session, reception_no: str) -> Certificate | None:
    """The newest certificate that a reception had issued itself and revoked again."""
    statement = (
        select(Certificate)
        .join(Case, col(Case.pk) == col(Certificate.case_pk))
        .where(col(Certificate.revoked_in) == reception_no, col(Case.reception_no) == reception_no)
    )
    return session.exec(statement.order_by(col(Certificate.pk).desc()).limit(1)).one_or_none()


def by_operation(session: Session, operation_id: str) -> Certificate | None:
    """The certificate that was reserved with this operation ID."""
    statement = select(Certificate).where(col(Certificate.operation_id) == operation_id)
    return session.exec(statement).one_or_none()


def live_slots(session: Session, user_pk: int) -> frozenset[int]:
    """The slots of the user that are taken; the index allows 0 and 1, one certificate each (I-1)."""
    statement = select(Certificate.slot).where(
        col(Certificate.user_pk) == user_pk, col(Certificate.slot).is_not(None)
    )
    return frozenset(slot for slot in session.exec(statement) if slot is not None)

"""Certificates: of a user, and by serial."""

from collections.abc import Collection
from datetime import date
from typing import Final

from sqlalchemy import bindparam
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from db.queries._scope import is_alone, locked, once, within
from db.tables import Case, Certificate, Delivery, User

_OF_USER: Final = (
    select(Certificate)
    .where(col(Certificate.user_pk) == bindparam("of_user"))
    .order_by(col(Certificate.reserved_at).desc(), col(Certificate.pk).desc())
)
_IN_FORCE: Final = (
    select_columns(col(Certificate.serial), col(Certificate.last_valid_date))
    .join(Delivery, col(Delivery.certificate_pk) == col(Certificate.pk))
    .where(
        col(Certificate.user_pk) == bindparam("of_user"),
        col(Certificate.state) == "active",
        col(Delivery.state).in_(bindparam("delivered", expanding=True)),
    )
)
"""Made once: they are asked several times in one act, and making a statement takes as long as asking it."""


def of_user(session: Session, user_pk: int) -> tuple[Certificate, ...]:
    """Every certificate of the user in any state, newest first."""
    return tuple(session.exec(_OF_USER, params={"of_user": user_pk}))


def in_force(session: Session, user_pk: int, delivered: Collection[str]) -> tuple[tuple[str, date], ...]:
    """Serial and last valid date of the user's active certificates whose delivery is in one of these states."""
    session.flush()
    asked = {"of_user": user_pk, "delivered": [*delivered]}
    return tuple((row[0], row[1]) for row in session.connection().execute(_IN_FORCE, asked))


def by_serial(session: Session, serial: str, branch_pk: int | None) -> Certificate | None:
    """The certificate of this serial, if its user belongs to the branch."""

    def ask() -> Certificate | None:
        statement = select(Certificate).join(User).where(col(Certificate.serial) == serial)
        return session.exec(within(statement, User.branch_pk, branch_pk)).one_or_none()

    found = once(session, "serial", serial, branch_pk, ask=ask)
    if found is not None and branch_pk is not None:
        once(session, "serial", serial, None, ask=lambda: found)
    return found


def by_serial_for_update(session: Session, serial: str, branch_pk: int | None) -> Certificate | None:
    """The certificate of this serial, if its user belongs to the branch, locked until the commit."""
    found = by_serial(session, serial, branch_pk)
    if found is None or is_alone(session):
        return found
    return session.exec(locked(select(Certificate).where(col(Certificate.pk) == found.pk))).one()


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

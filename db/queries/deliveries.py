"""Deliveries: of a certificate, of a user, and those that wait for a person."""

from typing import Final, NamedTuple

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from db.queries._scope import is_alone, locked, once, within
from db.tables import Case, Certificate, Delivery, User
from db.tables.words import DELIVERY_UNDELIVERED

_OF_CERTIFICATE: Final = select(Delivery).where(col(Delivery.certificate_pk) == bindparam("of"))
_OF_CERTIFICATE_LOCKED: Final = locked(_OF_CERTIFICATE)


class UndeliveredItem(NamedTuple):
    """A p12 that exists and has not reached its customer."""

    delivery: Delivery
    certificate: Certificate
    case: Case
    user: User


def of_certificate(session: Session, certificate_pk: int) -> Delivery | None:
    """The delivery of a certificate."""
    return once(
        session,
        *("delivery of", certificate_pk),
        ask=lambda: session.exec(_OF_CERTIFICATE, params={"of": certificate_pk}).one_or_none(),
    )


def known(session: Session, delivery: Delivery) -> None:
    """The delivery came with the answer to another question: `of_certificate` need not ask for it."""
    once(session, "delivery of", delivery.certificate_pk, ask=lambda: delivery)


def of_certificate_for_update(session: Session, certificate_pk: int) -> Delivery | None:
    """The delivery of a certificate, locked until the commit."""
    if is_alone(session):
        return of_certificate(session, certificate_pk)
    return session.exec(_OF_CERTIFICATE_LOCKED, params={"of": certificate_pk}).one_or_none()


def of_user(session: Session, user_pk: int) -> tuple[Delivery, ...]:
    """The deliveries of all certificates of a user, oldest first."""
    statement = select(Delivery).join(Certificate).where(col(Certificate.user_pk) == user_pk)
    return tuple(session.exec(statement.order_by(col(Delivery.pk))))


def undelivered(session: Session, branch_pk: int | None) -> tuple[UndeliveredItem, ...]:
    """What was issued at the branch and not handed over (発行済・未交付), oldest first."""
    statement = (
        select(Delivery, Certificate, Case, User)
        .join(Certificate, col(Certificate.pk) == col(Delivery.certificate_pk))
        .join(Case, col(Case.pk) == col(Certificate.case_pk))
        .join(User, col(User.pk) == col(Certificate.user_pk))
        .where(
            col(Delivery.state).in_(DELIVERY_UNDELIVERED), col(Certificate.state).in_(("signed", "active"))
        )
        .order_by(col(Certificate.issued_at), col(Certificate.pk))
    )
    return tuple(UndeliveredItem(*row) for row in session.exec(within(statement, Case.branch_pk, branch_pk)))

"""The certificate a reception leads to, and what an interrupted one left behind."""

from datetime import datetime

from sqlalchemy import String, case, cast, exists
from sqlmodel import Session, col, or_, select, union

from db.queries._scope import locked
from db.tables import Case, Certificate, Delivery, Notice, User
from db.tables.words import CASE_CLOSED


def certificate_of_for_update(session: Session, case_pk: int) -> Certificate | None:
    """The newest certificate of a reception, locked until the commit; voided reservations are left out.

    A change of PC may have given up an earlier one and gone on.
    """
    statement = select(Certificate).where(
        col(Certificate.case_pk) == case_pk, col(Certificate.state) != "voided"
    )
    newest = statement.order_by(col(Certificate.pk).desc()).limit(1)
    return session.exec(locked(newest)).one_or_none()


def certificate_of(session: Session, case_pk: int) -> Certificate | None:
    """The same without a lock."""
    statement = select(Certificate).where(
        col(Certificate.case_pk) == case_pk, col(Certificate.state) != "voided"
    )
    return session.exec(statement.order_by(col(Certificate.pk).desc()).limit(1)).one_or_none()


def delivery_of_for_update(session: Session, case_pk: int) -> Delivery | None:
    """The delivery of a reception's certificate, locked until the commit."""
    certificate = certificate_of_for_update(session, case_pk)
    if certificate is None:
        return None
    statement = select(Delivery).where(col(Delivery.certificate_pk) == certificate.pk)
    return session.exec(locked(statement)).one_or_none()


def slot_holders_for_update(session: Session, user_pk: int) -> tuple[Certificate, ...]:
    """The certificates that hold one of the user's two places, locked until the commit (I-1)."""
    statement = select(Certificate).where(
        col(Certificate.user_pk) == user_pk, col(Certificate.slot).is_not(None)
    )
    return tuple(session.exec(locked(statement.order_by(col(Certificate.pk)))))


def open_on_terminal(session: Session, terminal_pk: int) -> tuple[Case, ...]:
    """Every reception of a terminal that is neither done nor voided, oldest first."""
    statement = select(Case).where(col(Case.terminal_pk) == terminal_pk, col(Case.state).not_in(CASE_CLOSED))
    return tuple(session.exec(statement.order_by(col(Case.pk))))


def locked_without_letter(
    session: Session, *, ended_after: datetime, charged_by: datetime, user_pk: int | None = None
) -> tuple[int, ...]:
    """Users who are blocked, or locked until a moment after `ended_after`, and have no letter of it (R-51).

    Only those whose last try was counted at `charged_by` or before: a younger one may be compared at this moment. A
    letter names its cause as `locked:<user>:<charges>` or `blocked:<user>:<charges>`. With `user_pk` only this user.
    """
    blocked = col(User.status) == "blocked"
    cause = (
        case((blocked, "blocked:"), else_="locked:")
        + cast(col(User.pk), String)
        + ":"
        + cast(col(User.charges), String)
    )
    # each by an index of its own; joined by OR they are looked for among all users
    either = union(
        select(User.pk).where(blocked), select(User.pk).where(col(User.locked_until) > ended_after)
    )
    statement = select(User.pk).where(
        col(User.pk).in_(either),
        col(User.charges) > 0,
        or_(col(User.charged_at).is_(None), col(User.charged_at) <= charged_by),
        ~exists().where(col(Notice.dedupe) == cause),
    )
    if user_pk is not None:
        statement = statement.where(col(User.pk) == user_pk)
    return tuple(session.exec(statement.order_by(col(User.pk))))

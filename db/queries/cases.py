"""Receptions: by number, open ones, unfinished ones, and the next number."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Final, NamedTuple

from sqlalchemy import Date, Integer, and_, bindparam, text
from sqlmodel import Session, col, select

from db.queries._made_once import Scoped, columns_of, facts, store, table_of
from db.queries._scope import is_alone, locked, once, within
from db.tables import Case, Certificate, Delivery, IdentityEvidence, Organization, User
from db.tables.words import CASE_CLOSED

_NEXT_NUMBER = text(
    "INSERT INTO reception_counters (terminal_pk, business_date, last) VALUES (:terminal_pk, :business_date, 1)"
    " ON CONFLICT (terminal_pk, business_date) DO UPDATE SET last = reception_counters.last + 1 RETURNING last"
).bindparams(bindparam("terminal_pk", type_=Integer), bindparam("business_date", type_=Date))
_OF_NUMBER: Final = select(Case).where(col(Case.reception_no) == bindparam("number"))
_BY_NUMBER: Final = Scoped(_OF_NUMBER, Case.branch_pk)
_BY_NUMBER_LOCKED: Final = Scoped(locked(_OF_NUMBER), Case.branch_pk)
_BY_PK_LOCKED: Final = locked(select(Case).where(col(Case.pk) == bindparam("of_pk")))
_STATE_LOCKED: Final = (
    columns_of(Case, "state").where(table_of(Case).c.pk == bindparam("of_pk")).with_for_update()
)


class Evidence(NamedTuple):
    """Which document the clerk looked at in a reception, and who has checked what."""

    document_type: str
    form_checked_by: str | None
    seal_checked_by: str | None
    identity_checked_by: str | None
    authority_checked_by: str | None


class Employer(NamedTuple):
    """The organization of a user, as it is shown."""

    name: str
    code: str


class Circumstances(NamedTuple):
    """What a reception's request is judged by, beside the reception and its user."""

    employer: Employer
    evidence: Evidence | None


_CIRCUMSTANCES: Final = (
    columns_of(Organization, *Employer._fields)
    .join(
        table_of(IdentityEvidence),
        table_of(IdentityEvidence).c.case_pk == bindparam("of_case"),
        isouter=True,
    )
    .add_columns(*(table_of(IdentityEvidence).c[name] for name in ("case_pk", *Evidence._fields)))
    .where(table_of(Organization).c.pk == bindparam("of_organization"))
)


class UnfinishedCase(NamedTuple):
    """A reception that is neither done nor voided, with whatever it has by now."""

    case: Case
    user: User | None
    certificate: Certificate | None
    delivery: Delivery | None


def by_number(session: Session, reception_no: str, branch_pk: int | None) -> Case | None:
    """The reception of this number."""
    return _BY_NUMBER.ask(session, branch_pk, number=reception_no).one_or_none()


def by_number_for_update(session: Session, reception_no: str, branch_pk: int | None) -> Case | None:
    """The reception of this number, locked until the commit."""
    return _BY_NUMBER_LOCKED.ask(session, branch_pk, number=reception_no).one_or_none()


def by_pk_for_update(session: Session, case_pk: int) -> Case | None:
    """The reception of this row, locked until the commit."""
    if is_alone(session):
        return once(session, "case", case_pk, ask=lambda: session.get(Case, case_pk))
    return session.exec(_BY_PK_LOCKED, params={"of_pk": case_pk}).one_or_none()


def state_for_update(session: Session, case_pk: int) -> str:
    """The state of the reception of this row, which is locked until the commit."""
    state: str = facts(session, _STATE_LOCKED, of_pk=case_pk).scalar_one()
    return state


def circumstances_of(session: Session, case_pk: int, user: User) -> Circumstances:
    """Whom the user of a reception works for, or is a member of, and what was checked in it."""
    asked = {"of_case": case_pk, "of_organization": user.organization_pk}
    row = facts(session, _CIRCUMSTANCES, **asked).one()
    employer = Employer(row.name, row.code)
    return Circumstances(
        employer, None if row.case_pk is None else Evidence._make(row[-len(Evidence._fields) :])
    )


def store_end(session: Session, case: Case, state: str, at: datetime) -> None:
    """Store at once that a reception has ended."""
    store(session, case, state=state, closed_at=at)


def by_operation(session: Session, operation_id: str) -> Case | None:
    """The reception that was opened with this operation ID."""
    return session.exec(select(Case).where(col(Case.operation_id) == operation_id)).one_or_none()


def open_case_of(session: Session, user_pk: int, family: str) -> Case | None:
    """The user's reception of this transaction family that is neither done nor voided; there is at most one (E-90)."""
    statement = select(Case).where(
        col(Case.user_pk) == user_pk, col(Case.family) == family, col(Case.state).not_in(CASE_CLOSED)
    )
    return session.exec(statement).one_or_none()


def next_reception_number(session: Session, terminal_pk: int, business_date: date) -> int:
    """The next number of this terminal on this day in Japan, from 1 and without gaps: a rollback gives it back."""
    taken: int = (
        session.connection()
        .execute(_NEXT_NUMBER, {"terminal_pk": terminal_pk, "business_date": business_date})
        .scalar_one()
    )
    return taken


def unfinished(
    session: Session, branch_pk: int | None, states: Collection[str] | None = None
) -> tuple[UnfinishedCase, ...]:
    """Receptions that are neither done nor voided, oldest first; with `states`, only those in one of them."""
    statement = (
        select(Case, User, Certificate, Delivery)
        .join(User, col(User.pk) == col(Case.user_pk), isouter=True)
        .join(
            Certificate,
            and_(
                col(Certificate.case_pk) == col(Case.pk),
                col(Certificate.state).not_in(("voided", "revoked")),
            ),
            isouter=True,
        )
        .join(Delivery, col(Delivery.certificate_pk) == col(Certificate.pk), isouter=True)
        .where(col(Case.state).not_in(CASE_CLOSED))
        .order_by(col(Case.opened_at), col(Case.pk))
    )
    if states is not None:
        statement = statement.where(col(Case.state).in_(states))
    return tuple(UnfinishedCase(*row) for row in session.exec(within(statement, Case.branch_pk, branch_pk)))

"""Members of staff by the ID they sign on with."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import bindparam, or_
from sqlmodel import Session, col, select

from db.queries._made_once import columns_of, facts, table_of
from db.queries._scope import locked
from db.queries.latest import HIGH_WATER
from db.tables import Branch, Staff


class Standing(NamedTuple):
    """What somebody may do here, and where."""

    active: bool
    role: str
    branch_pk: int
    newest: datetime | None
    """The latest moment that the journal knows: whoever asks for the account asks for the time as well."""


class Colleague(NamedTuple):
    """A member of staff, as far as the others need to know."""

    pk: int
    staff_id: str
    name: str
    person_number: str
    role: str
    branch_pk: int
    active: bool


_THIS_ONE: Final = table_of(Staff).c.pk == bindparam("of_pk")
_STANDING: Final = (
    columns_of(Staff, "active", "role", "branch_pk")
    .add_columns(HIGH_WATER.scalar_subquery())
    .where(_THIS_ONE)
)
_COLLEAGUE: Final = columns_of(Staff, *Colleague._fields).where(_THIS_ONE)
_TWO: Final = columns_of(Staff, *Colleague._fields).where(
    or_(_THIS_ONE, table_of(Staff).c.pk == bindparam("other_pk"))
)


def standing(session: Session, staff_pk: int) -> Standing:
    """How the member of staff of this row stands now, and how late it is at least (E-91)."""
    return Standing._make(facts(session, _STANDING, of_pk=staff_pk).one())


def everybody(session: Session) -> Sequence[tuple[Staff, Branch]]:
    """All members of staff with their branches, in the order of their IDs, active or not."""
    statement = select(Staff, Branch).join(Branch, col(Branch.pk) == col(Staff.branch_pk))
    return session.exec(statement.order_by(col(Staff.staff_id))).all()


def by_staff_id(session: Session, staff_id: str) -> Staff | None:
    """The member of staff of exactly this ID, active or not."""
    return session.exec(select(Staff).where(col(Staff.staff_id) == staff_id)).one_or_none()


def by_pk(session: Session, staff_pk: int) -> Colleague:
    """The member of staff of this row, as it is now."""
    return Colleague._make(facts(session, _COLLEAGUE, of_pk=staff_pk).one())


def two_by_pk(session: Session, one_pk: int, other_pk: int) -> tuple[Colleague, Colleague]:
    """Two members of staff, as they are now; they may be one and the same."""
    found = {row.pk: Colleague._make(row) for row in facts(session, _TWO, of_pk=one_pk, other_pk=other_pk)}
    return found[one_pk], found[other_pk]


def by_staff_id_for_update(session: Session, staff_id: str) -> Staff | None:
    """The member of staff of exactly this ID, active or not, locked until the commit."""
    return session.exec(locked(select(Staff).where(col(Staff.staff_id) == staff_id))).one_or_none()

"""Members of staff by the ID they sign on with."""

from typing import Final

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from db.queries._scope import locked
from db.tables import Staff

_BY_PK: Final = (
    select(Staff).where(col(Staff.pk) == bindparam("of_pk")).execution_options(populate_existing=True)
)


def by_staff_id(session: Session, staff_id: str) -> Staff | None:
    """The member of staff of exactly this ID, active or not."""
    return session.exec(select(Staff).where(col(Staff.staff_id) == staff_id)).one_or_none()


def by_pk(session: Session, staff_pk: int) -> Staff:
    """The member of staff of this row, as it is now."""
    return session.exec(_BY_PK, params={"of_pk": staff_pk}).one()


def by_staff_id_for_update(session: Session, staff_id: str) -> Staff | None:
    """The member of staff of exactly this ID, active or not, locked until the commit."""
    return session.exec(locked(select(Staff).where(col(Staff.staff_id) == staff_id))).one_or_none()

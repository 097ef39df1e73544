"""The ledger of numbered media: what there is, and where each medium has been."""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import func
from sqlmodel import Session, col, select

from db.queries._scope import within
from db.tables import Branch, MediaList, Medium, MediumMovement, Staff


class Moved(NamedTuple):
    """A line of the ledger and who wrote it."""

    movement: MediumMovement
    staff_id: str | None


def counts(session: Session, branch_pk: int | None) -> dict[str, int]:
    """How many media are in each state; states without any are left out."""
    statement = select(Medium.state, func.count()).group_by(col(Medium.state))
    return dict(session.exec(within(statement, Medium.branch_pk, branch_pk)).all())


def page(
    session: Session, branch_pk: int | None, state: str | None, behind: str, limit: int
) -> tuple[tuple[Medium, Branch], ...]:
    """At most `limit` media whose numbers come after `behind`; an empty text begins at the first."""
    statement = select(Medium, Branch).join(Branch, col(Branch.pk) == col(Medium.branch_pk))
    statement = statement.where(col(Medium.medium_no) > behind)
    if state is not None:
        statement = statement.where(col(Medium.state) == state)
    in_order = within(statement, Medium.branch_pk, branch_pk).order_by(col(Medium.medium_no)).limit(limit)
    return tuple((medium, branch) for medium, branch in session.exec(in_order))


def by_number(session: Session, medium_no: str, branch_pk: int | None) -> Medium | None:
    """The medium of this number, if it belongs to the branch."""
    statement = select(Medium).where(col(Medium.medium_no) == medium_no)
    return session.exec(within(statement, Medium.branch_pk, branch_pk)).one_or_none()


def known(session: Session, numbers: Collection[str]) -> tuple[str, ...]:
    """Which of these numbers are in the ledger already, of any branch."""
    statement = select(Medium.medium_no).where(col(Medium.medium_no).in_(numbers))
    return tuple(session.exec(statement.order_by(col(Medium.medium_no))))


def movements(session: Session, medium_pks: Collection[int]) -> tuple[Moved, ...]:
    """The lines of these media, oldest first."""
    statement = (
        select(MediumMovement, Staff.staff_id)
        .join(Staff, col(Staff.pk) == col(MediumMovement.staff_pk), isouter=True)
        .where(col(MediumMovement.medium_pk).in_(medium_pks))
        .order_by(col(MediumMovement.at), col(MediumMovement.pk))
    )
    return tuple(Moved(movement, staff_id) for movement, staff_id in session.exec(statement))


def list_in_force(session: Session) -> MediaList | None:
    """The newest of the bank's lists of media."""
    return session.exec(select(MediaList).order_by(col(MediaList.pk).desc()).limit(1)).one_or_none()

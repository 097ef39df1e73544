"""What is under way for a user."""

from sqlmodel import Session, col, select

from db.tables import Case
from db.tables.words import CASE_CLOSED


def numbers_by_family(session: Session, user_pk: int) -> dict[str, str]:
    """The reception that is open for the user in each transaction family; at most one each (E-90)."""
    statement = select(Case.family, Case.reception_no).where(
        col(Case.user_pk) == user_pk, col(Case.family).is_not(None), col(Case.state).not_in(CASE_CLOSED)
    )
    return {family: number for family, number in session.exec(statement) if family is not None}

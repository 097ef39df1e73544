"""What is under way for a user."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Final

from sqlalchemy import bindparam, exists
from sqlmodel import Session, col, or_, select

from db.queries._made_once import columns_of, facts, table_of
from db.tables import Case, Certificate
from db.tables.case import OPEN

_BY_FAMILY: Final = columns_of(Case, "family", "reception_no").where(
    table_of(Case).c.user_pk == bindparam("of_user"), OPEN
)
"""In the words of `ONE_OPEN_CASE`, so that the index finds them."""


def numbers_by_family(session: Session, user_pk: int) -> dict[str, str]:
    """The reception that is open for the user in each transaction family; at most one each (E-90)."""
    return {row.family: row.reception_no for row in facts(session, _BY_FAMILY, of_user=user_pk)}


def on_the_way_to_their_issue(
    session: Session, reception_nos: Collection[str], terminal_pk: int
) -> frozenset[str]:
    """Those of `reception_nos` whose password was right at this terminal and is still needed."""
    statement = select(Case.reception_no).where(
        col(Case.reception_no).in_(reception_nos),
        col(Case.terminal_pk) == terminal_pk,
        col(Case.state).in_(("password_ok", "code_ok", "issuing", "issued")),
        col(Case.parked_at).is_(None),
    )
    return frozenset(session.exec(statement))


def left_from_before(
    session: Session, day: date, states: Collection[str], opened_by: datetime
) -> tuple[str, ...]:
    """Receptions of an earlier business day than `day`, opened at `opened_by` or before, that are in one of `states`.

    Those of a revocation or an unblocking are left out: they may wait for a second person. So are those that have
    revoked a certificate and still owe the re-issue (E-75).
    """
    statement = select(Case.reception_no).where(
        col(Case.business_date) < day,
        col(Case.opened_at) <= opened_by,
        col(Case.state).in_(states),
        or_(col(Case.family).is_(None), col(Case.family) == "issue"),
        ~exists().where(col(Certificate.revoked_in) == col(Case.reception_no)),
    )
    return tuple(session.exec(statement.order_by(col(Case.pk))))

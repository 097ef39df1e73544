"""Users in the order of their IDs, a page at a time."""

from sqlmodel import Session, col, select

from db.queries._scope import within
from db.queries.users import FoundUser
from db.tables import Organization, User


def users_after(session: Session, user_id: str, branch_pk: int | None, limit: int) -> tuple[FoundUser, ...]:
    """At most `limit` users whose IDs come after `user_id`, by code point; an empty text begins at the first."""
    statement = select(User, Organization).join(Organization).where(col(User.user_id) > user_id)
    in_order = within(statement, User.branch_pk, branch_pk).order_by(col(User.user_id)).limit(limit)
    return tuple(FoundUser(user, organization) for user, organization in session.exec(in_order))

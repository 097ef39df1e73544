"""Users: one by name or number, many by what is being typed."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from sqlalchemy import bindparam, delete
from sqlmodel import Session, col, select

from db.queries._made_once import Scoped
from db.queries._scope import locked, within
from db.tables import LookupKey, Organization, User

_LAST_BEFORE_SURROGATES = 0xD7FF
_FIRST_AFTER_SURROGATES = "\ue000"
_LAST_CODE_POINT = "\U0010ffff"


class FoundUser(NamedTuple):
    """A hit of the search."""

    user: User
    organization: Organization


_OF_PK: Final = select(User).where(col(User.pk) == bindparam("of_pk"))
_BY_PK: Final = Scoped(_OF_PK, User.branch_pk)
_BY_PK_LOCKED: Final = Scoped(locked(_OF_PK), User.branch_pk)


def by_user_id(session: Session, user_id: str, branch_pk: int | None) -> User | None:
    """The user of exactly this ID; capitals and small letters are told apart (R-41)."""
    statement = select(User).where(col(User.user_id) == user_id)
    return session.exec(within(statement, User.branch_pk, branch_pk)).one_or_none()


def by_pk(session: Session, user_pk: int, branch_pk: int | None) -> User | None:
    """The user of this row."""
    return _BY_PK.ask(session, branch_pk, of_pk=user_pk).one_or_none()


def by_pk_for_update(session: Session, user_pk: int, branch_pk: int | None = None) -> User | None:
    """The user of this row, locked until the commit."""
    return _BY_PK_LOCKED.ask(session, branch_pk, of_pk=user_pk).one_or_none()


def search(session: Session, keys: Sequence[str], branch_pk: int | None, limit: int) -> tuple[FoundUser, ...]:
    """At most `limit` users with a search key that begins with one of `keys`, in the order of `keys`, then by key."""
    found: dict[int, None] = {}
    for key in keys:
        if key:
            _add_matches(found, session, key, branch_pk, limit)
    if not found:
        return ()
    statement = select(User, Organization).join(Organization).where(col(User.pk).in_(found))
    hits = {user.pk: FoundUser(user, organization) for user, organization in session.exec(statement)}
    return tuple(hits[user_pk] for user_pk in found)


def set_lookup_keys(session: Session, user: User, keys: Iterable[str]) -> None:
    """Let the user be found by exactly these search keys; the user has a primary key already."""
    session.execute(delete(LookupKey).where(col(LookupKey.user_pk) == user.pk))
    unique_keys = dict.fromkeys(key for key in keys if key)
    session.add_all(LookupKey(branch_pk=user.branch_pk, key=key, user_pk=user.pk) for key in unique_keys)


def after_prefix(prefix: str) -> str | None:
    """The first text after all that begin with `prefix`, ordered by code point; None when there is none."""
    shortened = prefix.rstrip(_LAST_CODE_POINT)
    if not shortened:
        return None
    last = ord(shortened[-1])
    following = _FIRST_AFTER_SURROGATES if last == _LAST_BEFORE_SURROGATES else chr(last + 1)
    return shortened[:-1] + following


def _add_matches(
    found: dict[int, None], session: Session, prefix: str, branch_pk: int | None, limit: int
) -> None:
    """Page through one range of the index until `limit` users are there; a user may match by several keys."""
    statement = select(LookupKey.user_pk).where(col(LookupKey.key) >= prefix)
    end = after_prefix(prefix)
    if end is not None:
        statement = statement.where(col(LookupKey.key) < end)
    statement = within(statement, LookupKey.branch_pk, branch_pk)
    statement = statement.order_by(col(LookupKey.key), col(LookupKey.user_pk))
    offset = 0
    while len(found) < limit:
        page = session.exec(statement.limit(limit).offset(offset)).all()
        for user_pk in page:
            if len(found) < limit:
                found[user_pk] = None
        if len(page) < limit:
            return
        offset += limit

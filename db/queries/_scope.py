"""The branch scope: what staff of one branch may see is decided in the WHERE clause (E-94)."""

from collections.abc import Callable
from typing import Any, Protocol, Self, TypeVar

from sqlmodel import Session, col


class _Query(Protocol):
    """What SQLModel's two kinds of SELECT have in common."""

    def where(self, *whereclause: Any) -> Self: ...

    def with_for_update(self, *, skip_locked: bool) -> Self: ...

    def execution_options(self, *, populate_existing: bool) -> Self: ...


Statement = TypeVar("Statement", bound=_Query)
Found = TypeVar("Found")


def within(statement: Statement, branch: int, branch_pk: int | None) -> Statement:
    """Keep only rows whose branch column, such as `Case.branch_pk`, is this branch; None means all branches."""
    if branch_pk is None:
        return statement
    return statement.where(col(branch) == branch_pk)


def once(session: Session, *name: object, ask: Callable[[], Found | None]) -> Found | None:
    """Ask for a row by a name that never changes, and only once in a session.

    Asked again it would be the same object, and not read anew either.
    """
    known: dict[tuple[object, ...], Found] = session.info.setdefault("asked once", {})
    row = known.get(name)
    if row is None or row not in session:
        row = ask()
        if row is not None:
            known[name] = row
    return row


def is_alone(session: Session) -> bool:
    """Whether nobody else can change a row before the commit: on SQLite the transaction holds the one write lock."""
    return session.connection().dialect.name == "sqlite"


def locked(statement: Statement, *, skip_locked: bool = False) -> Statement:
    """Lock the rows until the commit and read them anew, even when the session has seen them before.

    SQLite leaves the clause out: there the transaction holds the one write lock already.
    """
    return statement.with_for_update(skip_locked=skip_locked).execution_options(populate_existing=True)

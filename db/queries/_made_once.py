"""Questions that are made once, with the module that asks them: making one takes as long as asking it."""

from functools import lru_cache
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    CursorResult,
    Executable,
    ScalarResult,
    Select,
    Table,
    Update,
    bindparam,
    select,
    update,
)
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.exc import StaleDataError
from sqlmodel import Session, col
from sqlmodel.sql.expression import SelectOfScalar

from db.tables import Row, metadata

Found = TypeVar("Found")


class Scoped(Generic[Found]):
    """A question for rows of one branch, or of all of them (E-94)."""

    def __init__(self, statement: SelectOfScalar[Found], branch: int) -> None:
        """`branch` is the column that names the branch, such as `Case.branch_pk`."""
        self._of_all = statement
        self._of_one = statement.where(col(branch) == bindparam("of_branch"))

    def ask(self, session: Session, branch_pk: int | None, **values: object) -> ScalarResult[Found]:
        """The rows of this branch, or of all where it is None; `values` are what the statement leaves open."""
        if branch_pk is None:
            return session.exec(self._of_all, params=values)
        return session.exec(self._of_one, params={**values, "of_branch": branch_pk})


def table_of(row: type[Row]) -> Table:
    """The table behind a class, for questions that want some columns and no rows."""
    return metadata.tables[str(row.__tablename__)]


def columns_of(row: type[Row], *names: str) -> Select[Any]:
    """SELECT of these columns; the names are as well those of the fields of the tuple they go into."""
    return select(*(table_of(row).c[name] for name in names))


def facts(session: Session, statement: Executable, **values: object) -> CursorResult[Any]:
    """What the registry holds of some columns; the session's own changes are stored first.

    It goes past the object mapper, which takes several times as long as such a question itself.
    """
    session.flush()
    return session.connection().execute(statement, values)


def store(session: Session, row: Row, **values: object) -> None:
    """Store these values of one row now, and have the row say them.

    It goes past the object mapper as well, which takes several times as long to find out what has changed. Raises
    `StaleDataError`, as the mapper does, when the row is gone.
    """
    stored = session.connection().execute(_update_of(type(row)), {"of_pk": row.pk, **values})
    if stored.rowcount != 1:
        raise StaleDataError(f"{type(row).__name__} {row.pk} is gone")
    for name, value in values.items():
        set_committed_value(row, name, value)


@lru_cache(maxsize=32)
def _update_of(row: type[Row]) -> Update:
    table = table_of(row)
    return update(table).where(table.c.pk == bindparam("of_pk"))

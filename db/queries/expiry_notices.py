"""Whom to tell that a certificate expires or has expired: one set, asked of the whole registry (E-09 to E-11, I-18).

There is no "today's batch": whatever is in the window and was not told yet is found, however long nobody asked.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Insert, Text, and_, cast, exists, func, literal, or_
from sqlalchemy import select as select_columns
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from db.tables import Certificate, Notice

_COLUMNS: Final = (
    *("kind", "dedupe", "user_pk", "certificate_pk", "state", "payload"),
    *("priority", "created_at", "due_at", "tries", "message_id"),
)


class Telling(NamedTuple):
    """What is told, and about which certificates."""

    kind: str
    """`expiring` or `expired`; with the serial it names the cause of the letter."""
    first: date
    """Of the last valid days that are told about."""
    last: date
    priority: int


def untold(session: Session, telling: Telling) -> tuple[int, ...]:
    """The certificates somebody has to be told about, in the order of their rows; takes no lock."""
    statement = select(Certificate.pk).where(_to_tell(telling)).order_by(col(Certificate.pk))
    return tuple(session.exec(statement))


def queue(session: Session, telling: Telling, certificate_pks: Sequence[int], now: datetime) -> int:
    """Queue the letters about those of these certificates that are still untold; how many those were.

    Two at the same time queue every letter once: the name of the cause is unique.
    """
    outbox: Any = Notice.__table__  # type: ignore[attr-defined]  # SQLModel does not tell the type checker
    columns = outbox.c
    letters = select_columns(
        literal(telling.kind),
        _cause(telling.kind),
        col(Certificate.user_pk),
        col(Certificate.pk),
        literal("queued"),
        literal("{}"),
        literal(telling.priority),
        literal(now, columns.created_at.type),
        literal(now, columns.due_at.type),
        literal(0),
        _new_message_id(session),
    ).where(col(Certificate.pk).in_(certificate_pks), _to_tell(telling))
    statement = _insert(session, outbox).from_select(_COLUMNS, letters)
    counting = statement.execution_options(preserve_rowcount=True)
    return int(session.execute(counting).rowcount)  # type: ignore[attr-defined]  # an insertion counts its rows


def _to_tell(telling: Telling) -> ColumnElement[bool]:
    """In force, in the window, not followed by a newer one, and not told yet."""
    newer = aliased(Certificate)
    superseded = exists().where(
        col(newer.user_pk) == col(Certificate.user_pk),
        col(newer.pk) > col(Certificate.pk),
        or_(
            col(newer.state).in_(("signed", "active")),
            # it was in force when this one ended: its holder was never left without one
            and_(col(newer.state) == "revoked", col(newer.revoked_at) > col(Certificate.not_after)),
        ),
    )
    told = exists().where(col(Notice.dedupe) == _cause(telling.kind))
    return and_(
        col(Certificate.state) == "active",
        col(Certificate.last_valid_date).between(telling.first, telling.last),
        ~superseded,
        ~told,
    )


def _cause(kind: str) -> ColumnElement[str]:
    return literal(f"{kind}:") + col(Certificate.serial)


def _new_message_id(session: Session) -> ColumnElement[str]:
    """128 random bits in hexadecimal, drawn by the database for each row."""
    if session.get_bind().dialect.name == "sqlite":
        return func.lower(func.hex(func.randomblob(16)))
    return func.replace(cast(func.gen_random_uuid(), Text), "-", "")


def _insert(session: Session, table: Any) -> Insert:
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    inserting: Insert = dialect.insert(table).on_conflict_do_nothing(index_elements=["dedupe"])
    return inserting

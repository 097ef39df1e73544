"""How far the CRL is, and what it must list: its number is taken in the transaction of the revocation that needs it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Executable,
    LargeBinary,
    Row,
    String,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlmodel import Session, col, select

from db.queries._made_once import columns_of, table_of
from db.queries._scope import locked
from db.tables import Certificate, CrlState


class Counted(NamedTuple):
    """How far the list is when a number for the next one has just been taken."""

    number: int
    """The one that was taken."""
    published_number: int | None
    this_update: datetime | None
    tail: bytes | None


class Published(NamedTuple):
    """The list that was published last, as the registry knows it."""

    published_number: int | None
    published_at: datetime | None


_FIRST_STATE = text(
    "INSERT INTO crl_states (key_id, number) VALUES (:key_id, 0) ON CONFLICT (key_id) DO NOTHING"
).bindparams(bindparam("key_id", type_=String))


_STATE_LOCKED: Final = locked(select(CrlState).where(col(CrlState.key_id) == bindparam("of_key")))
_STATES: Final = table_of(CrlState)
_TAKE_NUMBER: Final = (
    update(_STATES)
    .where(_STATES.c.key_id == bindparam("of_key"))
    .values(number=_STATES.c.number + 1)
    .returning(*(_STATES.c[name] for name in Counted._fields))
)
_PUBLISHED_LOCKED: Final = (
    columns_of(CrlState, *Published._fields).where(_STATES.c.key_id == bindparam("of_key")).with_for_update()
)
_NOTHING: ColumnElement[str] = literal_column("''")
"""Between entries: as a parameter it would cost half as much again."""
_AT_ONCE = 500
"""Serials in one question; SQLite takes no more than 999 values."""


def state(session: Session, key_id: str) -> CrlState | None:
    """How far the list of this CA key is."""
    return session.exec(select(CrlState).where(col(CrlState.key_id) == key_id)).one_or_none()


def state_for_update(session: Session, key_id: str) -> CrlState:
    """How far the list of this CA key is, locked until the commit; made when it is not there yet."""
    found = session.exec(_STATE_LOCKED, params={"of_key": key_id}).one_or_none()
    if found is None:
        _make_first_state(session, key_id)
        found = session.exec(_STATE_LOCKED, params={"of_key": key_id}).one()
    return found


def published_for_update(session: Session, key_id: str) -> Published:
    """The list of this CA key that is in force, its row locked until the commit; made when it is not there yet."""
    return Published._make(_columns(session, _PUBLISHED_LOCKED, key_id))


def _columns(session: Session, statement: Executable, key_id: str) -> Row[Any]:
    """What a statement that locks the row tells of it; the row is made when it is not there yet."""
    connection, asked = session.connection(), {"of_key": key_id}
    row = connection.execute(statement, asked).one_or_none()
    if row is None:
        _make_first_state(session, key_id)
        row = connection.execute(statement, asked).one()
    return row


def _make_first_state(session: Session, key_id: str) -> None:
    """Of two terminals at once one makes it."""
    session.connection().execute(_FIRST_STATE, {"key_id": key_id})


def next_number(session: Session, key_id: str) -> int:
    """Take the next CRL number in the caller's transaction: it may be skipped, it is never used twice (I-14)."""
    return take_number(session, key_id).number


def take_number(session: Session, key_id: str) -> Counted:
    """The same, and how far the list is.

    What else the transaction has changed is stored with its next question, all at once.
    """
    return Counted._make(_columns(session, _TAKE_NUMBER, key_id))


class Listed(NamedTuple):
    """What a list must hold."""

    size: int
    by_expiry: Mapping[datetime, bytes]
    """The DER entries of the certificates that end at one moment, one after the other in the order of their octets."""

    @property
    def joined(self) -> bytes:
        """As they stand in a list."""
        return b"".join(self.by_expiry.values())


def entries(session: Session, valid_until: datetime, up_to_number: int | None = None) -> Listed:
    """The entry of every revoked certificate that is valid until this moment or later, in the order of expiry.

    With `up_to_number` only of those that this list had to name. They are joined where they lie: a hundred thousand
    of them as rows would cost more than everything else about a list. An index holds all that is asked for.
    """
    entry, until = col(Certificate.crl_entry), col(Certificate.not_after)
    joined: ColumnElement[bytes]
    if session.connection().dialect.name == "postgresql":
        joined = func.string_agg(entry, aggregate_order_by(literal(b""), entry.asc()))
    else:
        joined = cast(func.group_concat(entry, _NOTHING), LargeBinary)
    statement = (
        select(until, func.count(), joined)
        .where(col(Certificate.state) == "revoked", until >= valid_until)
        .group_by(until)
        .order_by(until)
    )
    if up_to_number is not None:
        statement = statement.where(func.coalesce(Certificate.crl_number, 0) <= up_to_number)
    rows = session.connection().execute(statement).all()
    return Listed(sum(row[1] for row in rows), {row[0]: row[2] for row in rows})


class Standing(NamedTuple):
    """How a certificate stands that a list names."""

    state: str
    not_after: datetime
    crl_entry: bytes | None


def standings(session: Session, serials: Iterable[str]) -> dict[str, Standing]:
    """How the certificates of these serials stand; a serial that nobody knows is left out."""
    found: dict[str, Standing] = {}
    waiting = iter(serials)
    while some := list(islice(waiting, _AT_ONCE)):
        found |= _standings(session, some)
    return found


def _standings(session: Session, serials: Sequence[str]) -> dict[str, Standing]:
    statement = select(
        Certificate.serial, Certificate.state, Certificate.not_after, Certificate.crl_entry
    ).where(col(Certificate.serial).in_(serials))
    return {
        serial: Standing(state, not_after, entry)
        for serial, state, not_after, entry in session.exec(statement)
    }

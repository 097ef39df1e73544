"""How far the CRL is, and what it must list: its number is taken in the transaction of the revocation that needs it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    LargeBinary,
    String,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from db.queries._scope import locked
from db.tables import Certificate, CrlState

WITHOUT_OCTETS: Final = defer(CrlState.der)  # type: ignore[arg-type]  # SQLModel declares columns as values
"""The list itself is megabytes with many entries; it is read only when somebody asks for it."""

_FIRST_STATE = text(
    "INSERT INTO crl_states (key_id, number) VALUES (:key_id, 0) ON CONFLICT (key_id) DO NOTHING"
).bindparams(bindparam("key_id", type_=String))


_NOTHING: ColumnElement[str] = literal_column("''")
"""Between entries: as a parameter it would cost half as much again."""
_AT_ONCE = 500
"""Serials in one question; SQLite takes no more than 999 values."""


def _states() -> SelectOfScalar[CrlState]:
    return select(CrlState).options(WITHOUT_OCTETS)


def state(session: Session, key_id: str) -> CrlState | None:
    """How far the list of this CA key is."""
    return session.exec(_states().where(col(CrlState.key_id) == key_id)).one_or_none()


def state_for_update(session: Session, key_id: str) -> CrlState:
    """How far the list of this CA key is, locked until the commit; made when it is not there yet."""
    statement = locked(_states().where(col(CrlState.key_id) == key_id))
    found = session.exec(statement).one_or_none()
    if found is None:
        session.connection().execute(
            _FIRST_STATE, {"key_id": key_id}
        )  # of two terminals at once one makes it
        found = session.exec(statement).one()
    return found


def next_number(session: Session, key_id: str) -> int:
    """Take the next CRL number in the caller's transaction: it may be skipped, it is never used twice (I-14)."""
    row = state_for_update(session, key_id)
    row.number += 1
    session.flush()
    return row.number


class Listed(NamedTuple):
    """What a list must hold."""

    size: int
    joined: bytes
    """The DER entries one after the other."""


def entries(session: Session, valid_until: datetime) -> Listed:
    """The entry of every revoked certificate that is valid until this moment or later.

    They are joined where they lie: a hundred thousand of them as rows would cost more than everything else about a
    list. An index holds all that is asked for, in the order of expiry.
    """
    entry, until = col(Certificate.crl_entry), col(Certificate.not_after)
    joined: ColumnElement[bytes]
    if session.connection().dialect.name == "postgresql":
        joined = func.string_agg(entry, aggregate_order_by(literal(b""), until.asc(), entry.asc()))
    else:
        joined = cast(func.group_concat(entry, _NOTHING), LargeBinary)
    statement = select(func.count(), joined).where(col(Certificate.state) == "revoked", until >= valid_until)
    size, octets = session.connection().execute(statement).one()
    return Listed(size, octets or b"")


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

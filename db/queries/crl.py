"""How far the CRL is: its number is taken in the transaction of the revocation that needs it."""

from sqlalchemy import String, bindparam, text
from sqlmodel import Session, col, select

from db.queries._scope import locked
from db.tables import CrlState

_FIRST_STATE = text(
    "INSERT INTO crl_states (key_id, number) VALUES (:key_id, 0) ON CONFLICT (key_id) DO NOTHING"
).bindparams(bindparam("key_id", type_=String))


def state(session: Session, key_id: str) -> CrlState | None:
    """How far the list of this CA key is."""
    return session.exec(select(CrlState).where(col(CrlState.key_id) == key_id)).one_or_none()


def state_for_update(session: Session, key_id: str) -> CrlState:
    """How far the list of this CA key is, locked until the commit; made when it is not there yet."""
    statement = locked(select(CrlState).where(col(CrlState.key_id) == key_id))
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

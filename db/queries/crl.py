"""The CRL's number and what it lists."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from db.tables.certificate import Certificate
from db.tables.crl import CrlState


def state_for_update(session: Session, key_id: str) -> CrlState:
    """The state of the CA's list, its row locked; made when it is not there yet."""
    found = session.exec(select(CrlState).where(col(CrlState.key_id) == key_id).with_for_update()).one_or_none()
    if found is None:
        found = CrlState(key_id=key_id)
        session.add(found)
        session.flush()  # two terminals at once: the unique key lets one of them make it
    return found


def state(session: Session, key_id: str) -> CrlState | None:
    """The state of the CA's list, without a lock."""
    return session.exec(select(CrlState).where(col(CrlState.key_id) == key_id)).one_or_none()


def next_number(session: Session, key_id: str) -> int:
    """Take the next CRL number in the caller's transaction: it may be skipped, it is never used twice (I-14)."""
    row = state_for_update(session, key_id)
    row.number += 1
    session.flush()
    return row.number


def entries(session: Session, expired_before: datetime) -> Sequence[bytes]:
    """The DER entries of a list, ascending by serial: revoked certificates that had not expired at `expired_before`."""
    rows = session.exec(
        select(Certificate.serial, Certificate.crl_entry).where(
            col(Certificate.crl_entry).is_not(None), col(Certificate.not_after) >= expired_before
        )
    ).all()
    ordered = sorted(((int(serial, 16), entry) for serial, entry in rows if entry is not None))
    return [entry for _, entry in ordered]


def unpublished(session: Session, key_id: str) -> bool:
    """Whether a number was taken that no published list carries yet."""
    row = state(session, key_id)
    return row is not None and (row.published_number or 0) < row.number

"""Signed statements of how long a chain was and where it ended, kept where the database's owner cannot reach them.

A chain alone does not notice that its tail was cut off or that all of it was written anew; a checkpoint does. Each is
stored beside the journal and appended to a file outside the database (`kiosk.audit.keeping`).
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from db.database import Database
from db.errors import is_busy, is_unique_violation
from db.queries import journal
from db.tables import Checkpoint
from kiosk.audit.chain import GENESIS, HASH_BYTES, canonical
from kiosk.errors import JournalNotWritable

EVERY_ENTRIES: Final = 100
EVERY: Final = timedelta(hours=1)
_PURPOSE: Final = b"madoguchi journal checkpoint 1\n"
"""Begins every signed message, so that no signature can be taken for one over something else."""


@dataclass(frozen=True, kw_only=True)
class SignedCheckpoint:
    """That the chain `node` had `head` as its newest hash when it was `seq` entries long."""

    node: str
    seq: int
    head: bytes
    at: datetime
    """Aware."""
    key_id: str
    signature: bytes

    def holds(self, public_key: Ed25519PublicKey) -> bool:
        """Whether it was signed with that key and not changed since."""
        try:
            message = statement(node=self.node, seq=self.seq, head=self.head, at=self.at, key_id=self.key_id)
            public_key.verify(self.signature, message)
        except (ValueError, InvalidSignature):
            return False
        return True

    def line(self) -> bytes:
        """As one line of a file."""
        said = _spelled(self.node, self.seq, self.head, self.at, self.key_id)
        return canonical({**said, "signature": self.signature.hex()}) + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> Self:
        """Raises `ValueError` for anything but a line that `line` made."""
        try:
            read: dict[str, Any] = json.loads(line)
            made = cls(
                node=str(read["node"]),
                seq=int(read["seq"]),
                head=bytes.fromhex(read["head"]),
                at=datetime.fromisoformat(read["at"]),
                key_id=str(read["key_id"]),
                signature=bytes.fromhex(read["signature"]),
            )
        except (KeyError, TypeError, RecursionError) as error:
            raise ValueError("not a checkpoint") from error
        if made.line().rstrip() != line.rstrip():
            raise ValueError("not a checkpoint")
        return made

    @classmethod
    def from_row(cls, row: Checkpoint) -> Self:
        """As the database keeps it."""
        return cls(
            node=row.node, seq=row.seq, head=row.head, at=row.at, key_id=row.key_id, signature=row.signature
        )


def statement(*, node: str, seq: int, head: bytes, at: datetime, key_id: str) -> bytes:
    """The bytes that are signed. Raises `ValueError` for a hash of another length or a naive moment."""
    if len(head) != HASH_BYTES or at.tzinfo is None:
        raise ValueError("not the head of a chain at a moment")
    return _PURPOSE + canonical(_spelled(node, seq, head, at, key_id))


def _spelled(node: str, seq: int, head: bytes, at: datetime, key_id: str) -> dict[str, str | int]:
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    return {"node": node, "seq": seq, "head": head.hex(), "at": moment, "key_id": key_id}


def due(*, entries_since: int, last_at: datetime | None, now: datetime, closing: bool = False) -> bool:
    """Whether it is time for a checkpoint: every 100 entries, every hour, at closing; never without a new entry.

    `last_at` is None before the first one. A clock that was set back makes one due rather than putting it off.
    """
    if entries_since <= 0:
        return False
    if closing or last_at is None or entries_since >= EVERY_ENTRIES:
        return True
    return not timedelta(0) <= now - last_at < EVERY


def is_due(database: Database, node: str, now: datetime, *, closing: bool = False) -> bool:
    """`due`, asked of the chain as it stands."""
    with database.reading() as session:
        last = journal.newest_checkpoint(session, node)
        length, _ = _end_of(session, node)
    entries_since = length - (last.seq if last else 0)
    return due(entries_since=entries_since, last_at=last.at if last else None, now=now, closing=closing)


def make(
    database: Database, node: str, *, attest: Callable[[bytes], bytes], key_id: str, now: datetime
) -> SignedCheckpoint | None:
    """Sign where the chain ends now and store that; None while there is nothing new to sign.

    `attest` gives an Ed25519 signature; it is called with no transaction open. Raises what it raises, and
    `JournalNotWritable` when the checkpoint cannot be stored.
    """
    with database.reading() as session:
        last = journal.newest_checkpoint(session, node)
        seq, head = _end_of(session, node)
    if seq == 0 or (last is not None and last.seq >= seq):
        return None
    message = statement(node=node, seq=seq, head=head, at=now, key_id=key_id)
    made = SignedCheckpoint(node=node, seq=seq, head=head, at=now, key_id=key_id, signature=attest(message))
    return made if _stored(database, made) else None


def _end_of(session: Session, node: str) -> tuple[int, bytes]:
    return next(((head.seq, head.hash) for head in journal.heads(session) if head.node == node), (0, GENESIS))


def _stored(database: Database, made: SignedCheckpoint) -> bool:
    """False when another one of the same length, or a longer one, came first."""
    values = {
        "node": made.node,
        "seq": made.seq,
        "head": made.head,
        "at": made.at,
        "key_id": made.key_id,
        "signature": made.signature,
    }
    try:
        with database.transaction() as session:
            newest = journal.newest_checkpoint(session, made.node)
            if newest is not None and newest.seq >= made.seq:
                return False
            session.execute(insert(Checkpoint).values(values))
    except DBAPIError as error:
        if is_unique_violation(error, "uq_checkpoints_node_seq"):
            return False
        if error.connection_invalidated or is_busy(error):
            raise
        raise JournalNotWritable from error
    return True

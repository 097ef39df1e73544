"""The journal: hash-chained entries per writing process, and the checkpoints over them."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field

from db.tables.base import LARGEST_BIG_INTEGER, Row, between, lengths, one_of
from db.tables.words import OUTCOME


class JournalEntry(Row, table=True):
    """One entry of a chain. `body` is the canonical form that was hashed; the other columns are there to search.

    Append-only: triggers refuse changes, deletions and gaps in `seq`, which counts from 1 in each `node`.
    """

    __tablename__: ClassVar[str] = "journal"
    __table_args__ = (
        UniqueConstraint("node", "seq"),
        Index("ix_journal_at", "at"),
        Index("ix_journal_user_id", "user_id"),
        Index("ix_journal_reception_no", "reception_no"),
        lengths("node", 1, 60),
        between("seq", 1, LARGEST_BIG_INTEGER),
        lengths("tag", 1, 64),
        one_of("outcome", OUTCOME),
        lengths("staff_id", 1, 20),
        lengths("branch_no", 1, 3),
        lengths("terminal_no", 1, 2),
        lengths("reception_no", 1, 40),
        lengths("user_id", 1, 12),
        lengths("serial", 1, 40),
        lengths("body", 1, 100_000),
        lengths("previous_hash", 32, 32),
        lengths("hash", 32, 32),
    )

    node: str = Field(max_length=60)
    seq: int = Field(sa_type=BigInteger)
    at: datetime
    tag: str = Field(max_length=64)
    outcome: str = Field(default="done", max_length=20)
    staff_id: str | None = Field(default=None, max_length=20)
    branch_no: str | None = Field(default=None, max_length=3)
    terminal_no: str | None = Field(default=None, max_length=2)
    reception_no: str | None = Field(default=None, max_length=40)
    user_id: str | None = Field(default=None, max_length=12)
    serial: str | None = Field(default=None, max_length=40)
    body: bytes = Field(repr=False)
    previous_hash: bytes
    hash: bytes


class JournalHead(Row, table=True):
    """Where a chain ends; the row every writer of the chain locks."""

    __tablename__: ClassVar[str] = "journal_heads"
    __table_args__ = (
        lengths("node", 1, 60),
        between("seq", 0, LARGEST_BIG_INTEGER),
        lengths("hash", 32, 32),
    )

    node: str = Field(unique=True, max_length=60)
    seq: int = Field(default=0, sa_type=BigInteger)
    hash: bytes


class Checkpoint(Row, table=True):
    """A signed statement that a chain had this head at this length. Append-only: triggers refuse changes."""

    __tablename__: ClassVar[str] = "checkpoints"
    __table_args__ = (
        UniqueConstraint("node", "seq"),
        lengths("node", 1, 60),
        between("seq", 0, LARGEST_BIG_INTEGER),
        lengths("head", 32, 32),
        lengths("signature", 64, 64),
        lengths("key_id", 1, 64),
    )

    node: str = Field(max_length=60)
    seq: int = Field(sa_type=BigInteger)
    head: bytes
    at: datetime
    signature: bytes
    key_id: str = Field(max_length=64)

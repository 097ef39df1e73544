"""The history of wrong passwords, locks and blocks."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Index
from sqlmodel import Field

from db.tables.base import Row, between, lengths, one_of
from db.tables.words import LOCK_EVENT


class LockEvent(Row, table=True):
    """One change of a user's lock state and where it came from. Append-only: triggers refuse changes."""

    __tablename__: ClassVar[str] = "lock_events"
    __table_args__ = (
        Index("ix_lock_events_user_pk_at", "user_pk", "at"),
        one_of("kind", LOCK_EVENT),
        between("failures", 0, 6),
        between("lock_count", 0, 3),
        lengths("branch_no", 1, 3),
        lengths("terminal_no", 1, 2),
        lengths("staff_id", 1, 20),
        lengths("reception_no", 1, 40),
    )

    user_pk: int = Field(foreign_key="customers.pk")
    kind: str = Field(max_length=20)
    at: datetime
    failures: int
    lock_count: int
    branch_no: str | None = Field(default=None, max_length=3)
    terminal_no: str | None = Field(default=None, max_length=2)
    staff_id: str | None = Field(default=None, max_length=20)
    reception_no: str | None = Field(default=None, max_length=40)

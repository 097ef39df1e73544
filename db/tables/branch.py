"""Branches of the labor bank (取引店) and their counter terminals."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from db.tables.base import DIGITS, Row, lengths, spelled_with


class Branch(Row, table=True):
    """A branch; users, staff and media belong to one."""

    __tablename__: ClassVar[str] = "branches"
    __table_args__ = (
        lengths("branch_no", 3, 3),
        spelled_with("branch_no", DIGITS),
        lengths("name", 1, 100),
        lengths("phone", 0, 30),
    )

    branch_no: str = Field(unique=True, max_length=3)
    name: str = Field(max_length=100)
    phone: str = Field(default="", max_length=30)


class Terminal(Row, table=True):
    """A counter terminal (取扱端末) of a branch. `seen_at`: when its program last said that it runs."""

    __tablename__: ClassVar[str] = "terminals"
    __table_args__ = (
        UniqueConstraint("branch_pk", "terminal_no"),
        lengths("terminal_no", 2, 2),
        spelled_with("terminal_no", DIGITS),
    )

    branch_pk: int = Field(foreign_key="branches.pk")
    terminal_no: str = Field(max_length=2)
    seen_at: datetime | None = None

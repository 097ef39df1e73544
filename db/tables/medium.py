"""The ledger of numbered media (媒体受払)."""

from datetime import datetime
from typing import ClassVar

from sqlmodel import Field

from db.tables.base import Row, lengths, one_of
from db.tables.words import MEDIUM_STATE


class Medium(Row, table=True):
    """A numbered USB medium of a branch."""

    __tablename__: ClassVar[str] = "media"
    __table_args__ = (lengths("medium_no", 1, 20), one_of("state", MEDIUM_STATE))

    medium_no: str = Field(unique=True, max_length=20)
    branch_pk: int = Field(foreign_key="branches.pk", index=True)
    state: str = Field(default="in_stock", max_length=20)


class MediumMovement(Row, table=True):
    """A line of the ledger; `kind` is the state the medium went to."""

    __tablename__: ClassVar[str] = "medium_movements"
    __table_args__ = (one_of("kind", MEDIUM_STATE), lengths("reception_no", 1, 40))

    medium_pk: int = Field(foreign_key="media.pk", index=True)
    kind: str = Field(max_length=20)
    at: datetime
    staff_pk: int | None = Field(default=None, foreign_key="staff.pk")
    reception_no: str | None = Field(default=None, max_length=40)

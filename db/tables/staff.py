"""Members of staff who may sign on."""

from datetime import datetime
from typing import ClassVar

from sqlmodel import Field

from db.tables.base import LETTERS_AND_DIGITS, Row, between, code_points, lengths, one_of, spelled_with
from db.tables.words import STAFF_ROLE


class Staff(Row, table=True):
    """An operator. `person_number` names the human being: maker and checker may not share it (I-16)."""

    __tablename__: ClassVar[str] = "staff"
    __table_args__ = (
        lengths("staff_id", 1, 20),
        spelled_with("staff_id", LETTERS_AND_DIGITS),
        lengths("person_number", 1, 20),
        lengths("name", 1, 100),
        one_of("role", STAFF_ROLE),
        lengths("password_hash", 1, 300),
        between("failures", 0),
    )

    staff_id: str = Field(unique=True, sa_type=code_points(20))
    person_number: str = Field(max_length=20)
    name: str = Field(max_length=100)
    role: str = Field(max_length=20)
    branch_pk: int = Field(foreign_key="branches.pk", index=True)
    password_hash: str = Field(max_length=300, repr=False)
    failures: int = 0
    paused_until: datetime | None = None
    active: bool = True
    created_at: datetime

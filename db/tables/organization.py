"""Organizations (団体) whose members or employees are users."""

from typing import ClassVar

from sqlmodel import Field

from db.tables.base import Row, lengths, one_of
from db.tables.words import ORGANIZATION_KIND


class Organization(Row, table=True):
    """A contract party (会員 or 事業主) of a branch."""

    __tablename__: ClassVar[str] = "organizations"
    __table_args__ = (
        lengths("code", 1, 20),
        lengths("name", 1, 100),
        one_of("kind", ORGANIZATION_KIND),
        lengths("phone", 0, 30),
    )

    code: str = Field(unique=True, max_length=20)
    name: str = Field(max_length=100)
    kind: str = Field(max_length=20)
    branch_pk: int = Field(foreign_key="branches.pk", index=True)
    phone: str = Field(default="", max_length=30)

"""Users of the wage deduction system: the people who carry certificates."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Index
from sqlmodel import Field

from db.tables.base import LETTERS_AND_DIGITS, Row, between, code_points, lengths, one_of, spelled_with
from db.tables.words import USER_ROLE, USER_STATUS


class User(Row, table=True):
    """A user with the state of wrong passwords (R-47 to R-54).

    `user_id` tells capitals from small letters (R-41, E-45). `charges` counts every password try that was ever let
    through to the comparison, so that a try can tell whether another one came in between; `charged_at` is when the
    last of them was counted.
    """

    __tablename__: ClassVar[str] = "customers"
    __table_args__ = (
        Index("ix_customers_branch_pk_organization_pk", "branch_pk", "organization_pk"),
        # both for the look every half minute for locks that nobody was told of
        Index("ix_customers_status", "status"),
        Index("ix_customers_locked_until", "locked_until"),
        lengths("user_id", 6, 12),
        spelled_with("user_id", LETTERS_AND_DIGITS),
        one_of("role", USER_ROLE),
        lengths("name", 1, 100),
        lengths("kana", 0, 100),
        lengths("email", 3, 254),
        lengths("password_hash", 1, 300),
        one_of("status", USER_STATUS),
        between("consecutive_failures", 0, 6),
        between("lock_count", 0, 3),
        between("charges", 0),
    )

    user_id: str = Field(unique=True, sa_type=code_points(12))
    role: str = Field(max_length=20)
    name: str = Field(max_length=100)
    kana: str = Field(default="", max_length=100)
    email: str = Field(max_length=254, repr=False)
    organization_pk: int = Field(foreign_key="organizations.pk", index=True)
    branch_pk: int = Field(foreign_key="branches.pk")
    password_hash: str = Field(max_length=300, repr=False)
    status: str = Field(default="active", max_length=20)
    consecutive_failures: int = 0
    lock_count: int = 0
    locked_until: datetime | None = None
    charges: int = 0
    charged_at: datetime | None = None
    initial_registration_done: bool = True
    created_at: datetime

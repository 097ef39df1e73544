"""The search keys of users: what a type-ahead query runs over."""

from typing import ClassVar

from sqlalchemy import Index
from sqlmodel import Field

from db.tables.base import Row, code_points, lengths


class LookupKey(Row, table=True):
    """One way to find a user: the search key of ID, name, kana or organization (`kiosk.rules.lookup`).

    The indexes hold everything a query needs, once with the branch in front and once without, and keys are ordered
    by code point, so that a prefix is a range of the index on both engines.
    """

    __tablename__: ClassVar[str] = "lookup_keys"
    __table_args__ = (
        Index("ix_lookup_keys_within_branch", "branch_pk", "key", "user_pk", unique=True),
        Index("ix_lookup_keys_everywhere", "key", "user_pk"),
        lengths("key", 1, 200),
    )

    branch_pk: int = Field(foreign_key="branches.pk")
    key: str = Field(sa_type=code_points(200))
    user_pk: int = Field(foreign_key="customers.pk", index=True, ondelete="CASCADE")

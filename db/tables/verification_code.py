"""Verification codes that were mailed: their HMAC, never the digits."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from db.tables.base import Row, between, lengths, one_of
from db.tables.words import CODE_END

ONE_LIVE_CODE = "one_live_code_per_user"
"""The index that refuses a second live code of a user (E-53, I-8)."""

_LIVE = text("ended IS NULL")


class VerificationCode(Row, table=True):
    """A code of one case and session; valid from `created_at` (inclusive) to `expires_at` (exclusive)."""

    __tablename__: ClassVar[str] = "verification_codes"
    __table_args__ = (
        Index(ONE_LIVE_CODE, "user_pk", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
        Index("ix_verification_codes_user_pk_created_at", "user_pk", "created_at"),
        lengths("session", 1, 64),
        lengths("code_hmac", 32, 32),
        CheckConstraint("created_at < expires_at", name="validity_order"),
        between("wrong_tries", 0, 6),
        one_of("ended", CODE_END),
        CheckConstraint("(ended IS NULL) = (ended_at IS NULL)", name="end_has_a_time"),
    )

    case_pk: int = Field(foreign_key="cases.pk", index=True)
    user_pk: int = Field(foreign_key="customers.pk")
    session: str = Field(max_length=64)
    code_hmac: bytes = Field(repr=False)
    created_at: datetime
    expires_at: datetime
    wrong_tries: int = 0
    ended: str | None = Field(default=None, max_length=20)
    ended_at: datetime | None = None

"""How far the certificate revocation list is."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import BigInteger, CheckConstraint
from sqlmodel import Field

from db.tables.base import LARGEST_BIG_INTEGER, Row, between, lengths


class CrlState(Row, table=True):
    """The CRL of one CA key: `number` was taken last, `published_number` lies in the folder (never above it, I-14).

    Dates are those of the published list. Its octets are `head`, the entries of certificates that end at `listed_from`
    or later and were revoked up to `published_number`, and `tail`; without `listed_from`, they are `head` alone.
    `announced_number` is the last one that the hook told the web
    system about; `announce_failure` says why a later one could not be told.
    """

    __tablename__: ClassVar[str] = "crl_states"
    __table_args__ = (
        lengths("key_id", 1, 64),
        between("number", 0, LARGEST_BIG_INTEGER),
        between("published_number", 1, LARGEST_BIG_INTEGER),
        between("announced_number", 1, LARGEST_BIG_INTEGER),
        lengths("announce_failure", 1, 20),
        CheckConstraint("published_number <= number", name="published_not_ahead"),
        CheckConstraint("this_update < next_update", name="update_order"),
    )

    key_id: str = Field(unique=True, max_length=64)
    number: int = Field(default=0, sa_type=BigInteger)
    this_update: datetime | None = None
    next_update: datetime | None = None
    published_number: int | None = Field(default=None, sa_type=BigInteger)
    published_at: datetime | None = None
    head: bytes | None = Field(default=None, repr=False)
    tail: bytes | None = Field(default=None, repr=False)
    listed_from: datetime | None = None
    announced_number: int | None = Field(default=None, sa_type=BigInteger)
    announce_failure: str | None = Field(default=None, max_length=20)

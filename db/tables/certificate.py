"""Certificates, from the reserved serial to the revocation."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlmodel import Field

from db.tables.base import (
    LARGEST_BIG_INTEGER,
    LOWER_HEX,
    UPPER_HEX,
    Row,
    between,
    lengths,
    one_of,
    spelled_with,
    whenever,
)
from db.tables.words import CERTIFICATE_STATE, REVOCATION_REASON

ONE_CERTIFICATE_PER_SLOT = "one_certificate_per_user_and_slot"
"""The index that refuses a live certificate beyond the renewal overlap (I-1)."""

ONE_PRESS = "uq_certificates_operation_id"
"""The constraint that refuses a press that is sent twice (I-23)."""

_IN_A_SLOT = text("slot IS NOT NULL")
_REVOKED = text("state = 'revoked'")


class Certificate(Row, table=True):
    """A certificate and the intent to sign it: the row exists before the signature does (I-4).

    `serial` is upper-case hexadecimal of even length. A certificate that is neither expired, revoked nor voided holds
    `slot` 0 or 1; the index on it allows the old one and the new one of a renewal and no third. `not_before` and
    `not_after` are the first and the last valid second (RFC 5280 4.1.2.5); the dates are days in Japan.
    """

    __tablename__: ClassVar[str] = "certificates"
    __table_args__ = (
        Index(
            ONE_CERTIFICATE_PER_SLOT,
            "user_pk",
            "slot",
            unique=True,
            sqlite_where=_IN_A_SLOT,
            postgresql_where=_IN_A_SLOT,
        ),
        Index("ix_certificates_user_pk_state_last_valid_date", "user_pk", "state", "last_valid_date"),
        Index("ix_certificates_state_last_valid_date_user_pk", "state", "last_valid_date", "user_pk"),
        Index(
            "ix_certificates_state_not_after_crl_entry",
            "state",
            "not_after",
            "crl_entry",
            sqlite_where=_REVOKED,
            postgresql_where=_REVOKED,
        ),
        lengths("serial", 2, 40),
        CheckConstraint("length(serial) / 2 * 2 = length(serial)", name="serial_octets"),
        spelled_with("serial", UPPER_HEX),
        lengths("operation_id", 1, 64),
        one_of("state", CERTIFICATE_STATE),
        between("slot", 0, 1),
        lengths("key_sha256", 64, 64),
        spelled_with("key_sha256", LOWER_HEX),
        lengths("tbs_sha256", 64, 64),
        spelled_with("tbs_sha256", LOWER_HEX),
        lengths("subject", 1, 500),
        lengths("profile", 1, 60),
        CheckConstraint("not_before < not_after", name="validity_order"),
        CheckConstraint("issue_date <= last_valid_date", name="days_order"),
        lengths("der", 1, 20_000),
        lengths("pc_alias", 0, 40),
        one_of("revocation_reason", REVOCATION_REASON),
        lengths("crl_entry", 1, 200),
        between("crl_number", 1, LARGEST_BIG_INTEGER),
        lengths("revoked_in", 1, 40),
        whenever("state", ("reserved", "voided"), "der IS NULL", name="unsigned_has_no_der"),
        whenever(
            "state", ("signed", "active"), "der IS NOT NULL AND issued_at IS NOT NULL", name="signed_has_der"
        ),
        whenever("state", ("reserved", "signed"), "slot IS NOT NULL", name="unfinished_holds_slot"),
        whenever("state", ("revoked", "voided"), "slot IS NULL", name="ended_gives_up_slot"),
        whenever(
            "state",
            ("revoked",),
            "revoked_at IS NOT NULL AND revocation_reason IS NOT NULL AND crl_entry IS NOT NULL",
            name="revoked_is_complete",
        ),
    )

    serial: str = Field(unique=True, max_length=40)
    operation_id: str = Field(unique=True, max_length=64)
    user_pk: int = Field(foreign_key="customers.pk")
    case_pk: int = Field(foreign_key="cases.pk", index=True)
    state: str = Field(default="reserved", max_length=20)
    slot: int | None = None
    key_sha256: str = Field(max_length=64)
    tbs_sha256: str = Field(max_length=64)
    subject: str = Field(max_length=500)
    profile: str = Field(max_length=60)
    not_before: datetime
    not_after: datetime
    issue_date: date
    last_valid_date: date
    reserved_at: datetime
    issued_at: datetime | None = None
    der: bytes | None = Field(default=None, repr=False)
    pc_alias: str = Field(default="", max_length=40)
    revoked_at: datetime | None = None
    revocation_reason: str | None = Field(default=None, max_length=20)
    crl_entry: bytes | None = Field(default=None, repr=False)
    crl_number: int | None = Field(default=None, sa_type=BigInteger)
    revoked_in: str | None = Field(default=None, max_length=40, index=True)
    """Number of the reception that revoked it (E-78); `case_pk` is the one that issued it."""

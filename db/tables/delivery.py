"""Deliveries: the p12 on its way to the customer."""

from datetime import datetime
from typing import ClassVar

from sqlmodel import Field

from db.tables.base import LOWER_HEX, Row, between, lengths, one_of, spelled_with, whenever
from db.tables.words import DELIVERY_STATE


class Delivery(Row, table=True):
    """How far the p12 of a certificate came. `simulated`: the medium was a folder of the training mode."""

    __tablename__: ClassVar[str] = "deliveries"
    __table_args__ = (
        one_of("state", DELIVERY_STATE),
        lengths("medium_no", 1, 20),
        lengths("file_name", 1, 64),
        lengths("p12_sha256", 64, 64),
        spelled_with("p12_sha256", LOWER_HEX),
        between("tries", 0),
        lengths("handed_over_by", 1, 20),
        whenever("state", ("verified",), "verified_at IS NOT NULL", name="verified_has_a_time"),
        whenever(
            "state",
            ("handed_over", "confirmed"),
            "verified_at IS NOT NULL AND handed_over_at IS NOT NULL",
            name="handed_over_has_a_time",
        ),
    )

    certificate_pk: int = Field(foreign_key="certificates.pk", unique=True)
    state: str = Field(default="key_ready", max_length=20, index=True)
    medium_no: str | None = Field(default=None, max_length=20)
    file_name: str = Field(max_length=64)
    p12_sha256: str | None = Field(default=None, max_length=64)
    tries: int = 0
    written_at: datetime | None = None
    verified_at: datetime | None = None
    handed_over_at: datetime | None = None
    handed_over_by: str | None = Field(default=None, max_length=20)
    simulated: bool = False

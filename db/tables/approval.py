"""Requests for a second pair of eyes, and what became of them."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlmodel import Field

from db.tables.base import LOWER_HEX, Row, between, lengths, one_of, spelled_with, whenever
from db.tables.words import APPROVAL_STATE, APPROVAL_SUBJECT

ONE_LIVE_APPROVAL = "one_live_approval_per_case"
"""The index that refuses a second live request of a reception."""

ONE_EXECUTED = "one_executed_approval_per_case_and_subject"
"""The index that refuses to do twice in one reception what was approved once (I-17)."""

LIVE_STATES = ("asked", "approved")
LIVE = text(f"state IN {LIVE_STATES}")
"""Of a request from which something may still come."""
_EXECUTED_ONCE = text("state = 'executed' AND subject <> 'issue'")
"""An issue that was approved may fail without a certificate and be approved again in the same reception."""


class Approval(Row, table=True):
    """One request. `shown` is the text that `digest` was made of; `request` is what the clerk asked for.

    A trigger allows only the moves of `kiosk.rules.approvals`, so nothing is decided or executed twice and nothing
    that was asked is changed afterwards. Maker and checker are never one row nor one person (I-16).
    """

    __tablename__: ClassVar[str] = "approvals"
    __table_args__ = (
        Index(ONE_LIVE_APPROVAL, "case_pk", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
        Index(
            ONE_EXECUTED,
            "case_pk",
            "subject",
            unique=True,
            sqlite_where=_EXECUTED_ONCE,
            postgresql_where=_EXECUTED_ONCE,
        ),
        Index("ix_approvals_case_pk", "case_pk"),
        one_of("subject", APPROVAL_SUBJECT),
        one_of("state", APPROVAL_STATE),
        lengths("digest", 64, 64),
        spelled_with("digest", LOWER_HEX),
        lengths("shown", 2, 10_000),
        lengths("request", 2, 2_000),
        lengths("maker_person", 1, 20),
        lengths("checker_person", 1, 20),
        between("wrong_sign_ons", 0, 3),
        lengths("reject_reason", 1, 200),
        lengths("void_reason", 1, 20),
        CheckConstraint("checker_pk <> maker_pk AND checker_person <> maker_person", name="four_eyes"),
        CheckConstraint("(checker_pk IS NULL) = (checker_person IS NULL)", name="checker_is_complete"),
        whenever(
            "state",
            ("approved", "rejected", "executed"),
            "checker_pk IS NOT NULL AND decided_at IS NOT NULL",
            name="decided_by_somebody",
        ),
        whenever("state", ("asked",), "checker_pk IS NULL AND decided_at IS NULL", name="asked_is_undecided"),
        whenever("state", ("rejected",), "reject_reason IS NOT NULL", name="rejected_has_a_reason"),
        whenever("state", ("executed",), "executed_at IS NOT NULL", name="executed_has_a_time"),
    )

    case_pk: int = Field(foreign_key="cases.pk")
    subject: str = Field(max_length=20)
    state: str = Field(default="asked", max_length=20)
    digest: str = Field(max_length=64)
    shown: str = Field(sa_type=Text, repr=False)
    request: str = Field(sa_type=Text, repr=False)
    maker_pk: int = Field(foreign_key="staff.pk")
    maker_person: str = Field(max_length=20)
    asked_at: datetime
    wrong_sign_ons: int = 0
    checker_pk: int | None = Field(default=None, foreign_key="staff.pk")
    checker_person: str | None = Field(default=None, max_length=20)
    decided_at: datetime | None = None
    reject_reason: str | None = Field(default=None, max_length=200)
    void_reason: str | None = Field(default=None, max_length=20)
    executed_at: datetime | None = None

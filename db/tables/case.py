"""Receptions (受付), their numbering and the identity evidence taken at the counter."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from db.tables.base import Row, between, lengths, one_of, whenever
from db.tables.words import (
    BEGINNINGS,
    CASE_STATE,
    CASE_WITH_TRANSACTION,
    CHANNEL,
    DOCUMENT_TYPE,
    ISSUE_KIND,
    TRANSACTION,
    TRANSACTION_FAMILY,
    VISITOR_KIND,
)

ONE_OPEN_CASE = "one_open_case_per_user_and_family"
"""The index that refuses a second open case of a user and kind (E-90)."""

OPEN = text("family IS NOT NULL AND user_pk IS NOT NULL AND state NOT IN ('done', 'voided')")
"""Of a case with a user and a transaction that is under way."""


class Case(Row, table=True):
    """A reception, from the request form to the hand-over. `business_date` is a day in Japan.

    `begun_as` is what was chosen in the menu; the transaction stands only once its user does. `parked_reason` stands
    while it is put aside; `parked_at` until step 4 is passed again, because so long a code that went out before is good
    (E-59).
    """

    __tablename__: ClassVar[str] = "cases"
    __table_args__ = (
        Index(ONE_OPEN_CASE, "user_pk", "family", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_cases_branch_pk_state", "branch_pk", "state"),
        lengths("reception_no", 1, 40),
        lengths("operation_id", 1, 64),
        one_of('"transaction"', TRANSACTION, name="transaction"),  # a reserved word of SQLite
        one_of("family", TRANSACTION_FAMILY),
        one_of("issue_kind", ISSUE_KIND),
        one_of("state", CASE_STATE),
        lengths("form_no", 1, 40),
        one_of("channel", CHANNEL),
        one_of("visitor_kind", VISITOR_KIND),
        lengths("visitor_name", 1, 100),
        lengths("pc_alias", 0, 40),
        lengths("medium_no", 1, 20),
        lengths("void_reason", 1, 200),
        lengths("parked_reason", 1, 60),
        lengths("session", 1, 64),
        one_of("begun_as", BEGINNINGS),
        CheckConstraint('(family IS NULL) = ("transaction" IS NULL)', name="family_of_transaction"),
        CheckConstraint("family <> 'issue' OR issue_kind IS NOT NULL", name="issue_has_a_kind"),
        whenever("state", ("user_chosen",), "user_pk IS NOT NULL", name="chosen_user"),
        whenever(
            "state",
            CASE_WITH_TRANSACTION,
            'user_pk IS NOT NULL AND "transaction" IS NOT NULL',
            name="chosen_transaction",
        ),
    )

    reception_no: str = Field(unique=True, max_length=40)
    operation_id: str = Field(unique=True, max_length=64)
    branch_pk: int = Field(foreign_key="branches.pk")
    terminal_pk: int = Field(foreign_key="terminals.pk")
    staff_pk: int = Field(foreign_key="staff.pk", index=True)
    business_date: date = Field(index=True)
    user_pk: int | None = Field(default=None, foreign_key="customers.pk", index=True)
    transaction: str | None = Field(default=None, max_length=3)
    family: str | None = Field(default=None, max_length=20)
    issue_kind: str | None = Field(default=None, max_length=20)
    state: str = Field(default="reception", max_length=20)
    form_no: str = Field(max_length=40)
    channel: str = Field(default="counter", max_length=20)
    visitor_kind: str = Field(default="self", max_length=20)
    visitor_name: str = Field(max_length=100)
    pc_alias: str = Field(default="", max_length=40)
    medium_no: str | None = Field(default=None, max_length=20)
    opened_at: datetime
    closed_at: datetime | None = None
    verified_at: datetime | None = None
    void_reason: str | None = Field(default=None, max_length=200)
    parked_at: datetime | None = None
    parked_reason: str | None = Field(default=None, max_length=60)
    session: str = Field(max_length=64)
    begun_as: str | None = Field(default=None, max_length=3)


class IdentityEvidence(Row, table=True):
    """What was shown and who checked it; of a document only its type and last four characters."""

    __tablename__: ClassVar[str] = "identity_evidence"
    __table_args__ = (
        one_of("document_type", DOCUMENT_TYPE),
        lengths("document_last4", 4, 4),
        lengths("form_checked_by", 1, 20),
        lengths("seal_checked_by", 1, 20),
        lengths("identity_checked_by", 1, 20),
        lengths("authority_checked_by", 1, 20),
    )

    case_pk: int = Field(foreign_key="cases.pk", unique=True)
    document_type: str = Field(max_length=40)
    document_last4: str = Field(max_length=4, repr=False)
    form_checked_by: str | None = Field(default=None, max_length=20)
    seal_checked_by: str | None = Field(default=None, max_length=20)
    identity_checked_by: str | None = Field(default=None, max_length=20)
    authority_checked_by: str | None = Field(default=None, max_length=20)
    checked_at: datetime


class ReceptionCounter(Row, table=True):
    """The last reception number a terminal gave out on a business day, so that there are no gaps."""

    __tablename__: ClassVar[str] = "reception_counters"
    __table_args__ = (UniqueConstraint("terminal_pk", "business_date"), between("last", 0, 9999))

    terminal_pk: int = Field(foreign_key="terminals.pk")
    business_date: date
    last: int = 0

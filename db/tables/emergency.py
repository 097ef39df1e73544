"""Revocations by telephone, and what has to come in afterwards."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from db.tables.base import Row, lengths


class Emergency(Row, table=True):
    """The call-back of a reception by phone and, once it is executed, until when approval and paper are due.

    `approval_due_at` is empty where the approval was given before; `paper_due` is a day in Japan.
    """

    __tablename__: ClassVar[str] = "emergencies"
    __table_args__ = (
        lengths("called_back_to", 1, 60),
        lengths("called_back_by", 1, 20),
        lengths("paper_received_by", 1, 20),
        CheckConstraint("(executed_at IS NULL) = (paper_due IS NULL)", name="executed_wants_paper"),
        CheckConstraint("approval_due_at IS NULL OR executed_at IS NOT NULL", name="approval_comes_after"),
        CheckConstraint(
            "(paper_received_at IS NULL) = (paper_received_by IS NULL)", name="paper_was_taken_by_somebody"
        ),
    )

    case_pk: int = Field(foreign_key="cases.pk", unique=True)
    called_back_at: datetime
    called_back_to: str = Field(max_length=60, repr=False)
    called_back_by: str = Field(max_length=20)
    executed_at: datetime | None = None
    approval_due_at: datetime | None = None
    paper_due: date | None = None
    paper_received_at: datetime | None = None
    paper_received_by: str | None = Field(default=None, max_length=20)

"""The outbox: mails that were decided on and wait to be sent."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Index, Text
from sqlmodel import Field

from db.tables.base import Row, between, lengths, one_of, whenever
from db.tables.words import NOTICE_KIND, NOTICE_STATE


class Notice(Row, table=True):
    """A mail to a user, written in the transaction of its cause (R-60, I-18).

    `dedupe` names the cause, so that the same mail is never queued twice. `payload` is JSON and never holds a secret.
    Lower `priority` goes first: codes before everything else. `tries` counts the times the notice was claimed.
    `sent_to` is the masked address of the last try, `answer` what the mail server said to it.
    """

    __tablename__: ClassVar[str] = "outbox"
    __table_args__ = (
        Index("ix_outbox_state_priority_due_at", "state", "priority", "due_at"),
        one_of("kind", NOTICE_KIND),
        lengths("dedupe", 1, 120),
        one_of("state", NOTICE_STATE),
        lengths("payload", 2, 10_000),
        between("priority", 0, 9),
        between("tries", 0),
        lengths("message_id", 1, 250),
        lengths("last_error", 0, 300),
        lengths("sent_to", 1, 254),
        lengths("answer", 0, 300),
        whenever("state", ("sending",), "leased_until IS NOT NULL", name="sending_is_leased"),
        whenever("state", ("sent",), "sent_at IS NOT NULL", name="sent_has_a_time"),
    )

    kind: str = Field(max_length=20)
    dedupe: str = Field(unique=True, max_length=120)
    user_pk: int = Field(foreign_key="customers.pk", index=True)
    certificate_pk: int | None = Field(default=None, foreign_key="certificates.pk", index=True)
    state: str = Field(default="queued", max_length=20)
    payload: str = Field(default="{}", sa_type=Text, repr=False)
    priority: int = 5
    created_at: datetime
    due_at: datetime
    tries: int = 0
    leased_until: datetime | None = None
    message_id: str = Field(unique=True, max_length=250)
    last_error: str | None = Field(default=None, max_length=300)
    sent_at: datetime | None = None
    sent_to: str | None = Field(default=None, max_length=254)
    answer: str | None = Field(default=None, max_length=300)

"""The outbox as mailers see it: what is due, and what piled up."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import and_, func, or_
from sqlmodel import Session, col, select

from db.queries._scope import locked
from db.tables import Notice


class Backlog(NamedTuple):
    """Mails that have not left."""

    queued: int
    """Waiting or being sent."""
    failed: int
    """Refused for good or given up."""
    oldest_due: datetime | None
    """When the one that waits longest should have left."""


def claim(session: Session, now: datetime, lease: timedelta, limit: int) -> tuple[Notice, ...]:
    """Take up to `limit` notices that are due, most urgent first, for this mailer alone until `now + lease`.

    They become `sending` and their `tries` go up by one, so a mailer that dies while sending has used up a try; its
    notices are due again when the lease is over. Mailers at work at the same time never get the same notice.
    """
    due = and_(col(Notice.state) == "queued", col(Notice.due_at) <= now)
    abandoned = and_(col(Notice.state) == "sending", col(Notice.leased_until) <= now)
    statement = (
        select(Notice)
        .where(or_(due, abandoned))
        .order_by(col(Notice.priority), col(Notice.due_at), col(Notice.pk))
        .limit(limit)
    )
    claimed = tuple(session.exec(locked(statement, skip_locked=True)))
    for notice in claimed:
        _lease(notice, now + lease)
    return claimed


def claim_one(session: Session, notice_pk: int, now: datetime, lease: timedelta) -> Notice | None:
    """Take this notice although it may not be due; None when it has left or another mailer holds it."""
    statement = select(Notice).where(col(Notice.pk) == notice_pk)
    notice = session.exec(locked(statement, skip_locked=True)).one_or_none()
    if notice is None or notice.state not in ("queued", "sending"):
        return None
    if notice.state == "sending" and notice.leased_until is not None and notice.leased_until > now:
        return None
    _lease(notice, now + lease)
    return notice


def by_pk_for_update(session: Session, notice_pk: int) -> Notice | None:
    """The notice of this row, locked until the commit."""
    return session.exec(locked(select(Notice).where(col(Notice.pk) == notice_pk))).one_or_none()


def backlog(session: Session) -> Backlog:
    """How many mails wait, how many failed, and since when the oldest should have left."""
    waiting = col(Notice.state).in_(("queued", "sending"))
    queued, oldest = session.exec(select(func.count(), func.min(col(Notice.due_at))).where(waiting)).one()
    failed = session.exec(
        select(func.count()).select_from(Notice).where(col(Notice.state).in_(("bounced", "gave_up")))
    ).one()
    return Backlog(queued=queued, failed=failed, oldest_due=oldest)


def _lease(notice: Notice, until: datetime) -> None:
    notice.state = "sending"
    notice.tries += 1
    notice.leased_until = until

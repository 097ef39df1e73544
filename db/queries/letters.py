"""Letters as the counter looks at them: those of one user, those that came back, how many wait."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import exists, func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from db.queries._scope import within
from db.tables import Notice, Organization, User


class Queue(NamedTuple):
    """What waits and what failed."""

    waiting: int
    failed: int
    oldest_queued: datetime | None
    oldest_due: datetime | None


def of_user(session: Session, user_pk: int, limit: int) -> list[Notice]:
    """The newest letters of a user, newest first."""
    statement = select(Notice).where(col(Notice.user_pk) == user_pk)
    return list(session.exec(statement.order_by(col(Notice.pk).desc()).limit(limit)))


def bounced(session: Session, branch_pk: int | None, limit: int) -> list[tuple[Notice, User, str]]:
    """Letters refused for good that nothing sent or queued later has overtaken, with user and organization."""
    later = aliased(Notice)
    overtaken = exists().where(
        col(later.user_pk) == col(Notice.user_pk),
        col(later.pk) > col(Notice.pk),
        col(later.state).in_(("sent", "bounced")),
    )
    statement = (
        select(Notice, User, Organization.name)
        .join(User, col(User.pk) == col(Notice.user_pk))
        .join(Organization, col(Organization.pk) == col(User.organization_pk))
        .where(col(Notice.state) == "bounced", ~overtaken)
        .order_by(col(Notice.pk).desc())
        .limit(limit)
    )
    return list(session.exec(within(statement, User.branch_pk, branch_pk)))


def queue(session: Session, branch_pk: int | None) -> Queue:
    """How many letters to users of the branch wait, since when, and how many failed."""
    waiting = (
        select(func.count(), func.min(col(Notice.created_at)), func.min(col(Notice.due_at)))
        .join(User, col(User.pk) == col(Notice.user_pk))
        .where(col(Notice.state).in_(("queued", "sending")))
    )
    failed = (
        select(func.count())
        .select_from(Notice)
        .join(User, col(User.pk) == col(Notice.user_pk))
        .where(col(Notice.state).in_(("bounced", "gave_up")))
    )
    count, oldest_queued, oldest_due = session.exec(within(waiting, User.branch_pk, branch_pk)).one()
    return Queue(
        waiting=count,
        failed=session.exec(within(failed, User.branch_pk, branch_pk)).one(),
        oldest_queued=oldest_queued,
        oldest_due=oldest_due,
    )

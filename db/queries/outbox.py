"""The outbox as mailers see it: what is due, what each letter is about, and what piled up."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, update
from sqlalchemy import select as select_columns
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from db.queries._scope import locked
from db.tables import Branch, Certificate, Notice, User

LONGEST_WAIT: Final = timedelta(hours=3)
"""No pause is that long: a letter that waits longer was put off by a clock that has been set back since."""


class Backlog(NamedTuple):
    """Mails that have not left."""

    queued: int
    """Waiting or being sent."""
    failed: int
    """Refused for good or given up."""
    oldest_due: datetime | None
    """When the one that waits longest should have left."""


class Claimed(NamedTuple):
    """A letter that is one mailer's alone until its lease is over, with whom and what it is about."""

    pk: int
    kind: str
    tries: int
    created_at: datetime
    message_id: str
    payload: str
    user_id: str
    role: str
    email: str
    branch_name: str
    branch_phone: str
    serial: str | None
    issue_date: date | None
    last_valid_date: date | None
    revoked_at: datetime | None
    revocation_reason: str | None


class Ending(NamedTuple):
    """What became of one try."""

    state: str
    """`queued` when it is tried again."""
    last_error: str | None
    answer: str | None
    sent_to: str
    """Masked."""
    sent_at: datetime | None
    due_at: datetime | None
    """None leaves the time it was due."""


_LETTERS: Final = (
    select_columns(
        col(Notice.pk),
        col(Notice.kind),
        col(Notice.tries),
        col(Notice.created_at),
        col(Notice.message_id),
        col(Notice.payload),
        col(User.user_id),
        col(User.role),
        col(User.email),
        col(Branch.name),
        col(Branch.phone),
        col(Certificate.serial),
        col(Certificate.issue_date),
        col(Certificate.last_valid_date),
        col(Certificate.revoked_at),
        col(Certificate.revocation_reason),
    )
    .join(User, col(User.pk) == col(Notice.user_pk))
    .join(Branch, col(Branch.pk) == col(User.branch_pk))
    .outerjoin(Certificate, col(Certificate.pk) == col(Notice.certificate_pk))
)
"""The columns of `Claimed`."""

_OUTBOX: Final[Any] = Notice.__table__  # type: ignore[attr-defined]  # SQLModel does not tell the type checker
_END: Final = (
    update(_OUTBOX)
    .where(
        _OUTBOX.c.pk == bindparam("letter"),
        or_(
            and_(_OUTBOX.c.state == "sending", _OUTBOX.c.tries == bindparam("claim")),
            and_(
                bindparam("new_state", type_=_OUTBOX.c.state.type) == "sent",
                _OUTBOX.c.state.in_(("sending", "queued")),
            ),
        ),
    )
    .values(
        leased_until=None,
        due_at=func.coalesce(bindparam("new_due_at", type_=_OUTBOX.c.due_at.type), _OUTBOX.c.due_at),
        **{
            name: bindparam(f"new_{name}") for name in ("state", "last_error", "answer", "sent_to", "sent_at")
        },
    )
)
"""Made once: it runs with every letter."""
_QUEUE_ONCE: Final = {
    dialect: insert(_OUTBOX).on_conflict_do_nothing(index_elements=["dedupe"]).returning(_OUTBOX.c.pk)
    for dialect, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}


def queue_once(session: Session, letter: Mapping[str, Any]) -> int:
    """Put a letter into the outbox unless one of the same cause (`dedupe`) is there; the `pk` of the one that is."""
    connection = session.connection()
    statement = _QUEUE_ONCE[connection.dialect.name]
    queued: int | None = connection.execute(statement, {"tries": 0, **letter}).scalar_one_or_none()
    if queued is None:
        queued = session.exec(select(Notice.pk).where(col(Notice.dedupe) == letter["dedupe"])).one()
    return queued


def anything_due(session: Session, now: datetime) -> bool:
    """Whether a claim would find something; it takes no lock."""
    return bool(_abandoned(session, now, 1, lock=False) or _due(session, now, 1, lock=False))


def claim(session: Session, now: datetime, lease: timedelta, limit: int) -> tuple[Claimed, ...]:
    """Take up to `limit` letters that are due, most urgent first, for this mailer alone until `now + lease`.

    They become `sending` and their `tries` go up by one, so a mailer that dies while sending has used up a try; its
    letters are due again when the lease is over. Mailers at work at the same time never get the same letter.
    """
    pks = _abandoned(session, now, limit)
    pks += _due(session, now, limit - len(pks))
    return _leased(session, pks, now + lease)


def claim_one(session: Session, notice_pk: int, now: datetime, lease: timedelta) -> Claimed | None:
    """Take this letter although it may not be due; None when it has left or another mailer holds it."""
    free = or_(col(Notice.state) == "queued", _without_mailer(now))
    statement = select(Notice.pk).where(col(Notice.pk) == notice_pk, free)
    pks = list(session.exec(locked(statement, skip_locked=True)))
    return next(iter(_leased(session, pks, now + lease)), None)


def give_back(session: Session, notice_pks: Collection[int], leased_until: datetime) -> None:
    """Queue letters again that were claimed until `leased_until` and not tried; the claim is not counted."""
    session.execute(
        update(Notice)
        .where(
            col(Notice.pk).in_(notice_pks),
            col(Notice.state) == "sending",
            col(Notice.leased_until) == leased_until,
        )
        .values(state="queued", leased_until=None, tries=col(Notice.tries) - 1)
        .execution_options(synchronize_session=False)
    )


def end(session: Session, notice_pk: int, tries: int, ending: Ending) -> bool:
    """Store what became of one try; whether it was still open.

    The lease of the `tries`-th claim may have run out meanwhile: then another mailer decides, but what was sent stays
    sent, whoever claimed it since. Doing it again changes nothing.
    """
    values = {f"new_{name}": value for name, value in ending._asdict().items()}
    stored = session.connection().execute(_END, {"letter": notice_pk, "claim": tries, **values})
    return stored.rowcount > 0


def state_of(session: Session, notice_pk: int) -> str | None:
    """The state this letter is in; None when it is gone."""
    return session.exec(select(Notice.state).where(col(Notice.pk) == notice_pk)).one_or_none()


def by_message_ids(session: Session, message_ids: Collection[str]) -> tuple[Claimed, ...]:
    """These letters, with whom and what they are about, as far as there are such; takes no lock."""
    statement = _LETTERS.where(col(Notice.message_id).in_(message_ids)).order_by(col(Notice.pk))
    return tuple(Claimed(*row) for row in session.execute(statement))


def backlog(session: Session) -> Backlog:
    """How many mails wait, how many failed, and since when the oldest should have left."""
    waiting = col(Notice.state).in_(("queued", "sending"))
    queued, oldest = session.exec(select(func.count(), func.min(col(Notice.due_at))).where(waiting)).one()
    failed = session.exec(
        select(func.count()).select_from(Notice).where(col(Notice.state).in_(("bounced", "gave_up")))
    ).one()
    return Backlog(queued=queued, failed=failed, oldest_due=oldest)


def _abandoned(session: Session, now: datetime, limit: int, *, lock: bool = True) -> list[int]:
    """Letters of mailers that are gone."""
    statement = (
        select(Notice.pk)
        .where(_without_mailer(now))
        .order_by(col(Notice.priority), col(Notice.due_at))
        .limit(limit)
    )
    return list(session.exec(locked(statement, skip_locked=True) if lock else statement))


def _without_mailer(now: datetime) -> ColumnElement[bool]:
    leased_until = col(Notice.leased_until)
    return and_(col(Notice.state) == "sending", or_(leased_until <= now, leased_until > now + LONGEST_WAIT))


def _due(session: Session, now: datetime, limit: int, *, lock: bool = True) -> list[int]:
    """In the order of the index on state, priority and time, so that a claim never sorts a long queue."""
    statement = (
        select(Notice.pk)
        .where(
            col(Notice.state) == "queued",
            or_(col(Notice.due_at) <= now, col(Notice.due_at) > now + LONGEST_WAIT),
        )
        .order_by(col(Notice.priority), col(Notice.due_at))
        .limit(limit)
    )
    return list(session.exec(locked(statement, skip_locked=True) if lock else statement))


def _leased(session: Session, pks: Sequence[int], until: datetime) -> tuple[Claimed, ...]:
    if not pks:
        return ()
    session.execute(
        update(Notice)
        .where(col(Notice.pk).in_(pks))
        .values(state="sending", tries=col(Notice.tries) + 1, leased_until=until)
        .execution_options(synchronize_session=False)
    )
    urgent_first = (col(Notice.priority), col(Notice.due_at), col(Notice.pk))
    statement = _LETTERS.where(col(Notice.pk).in_(pks)).order_by(*urgent_first)
    return tuple(Claimed(*row) for row in session.execute(statement))

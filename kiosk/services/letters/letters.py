"""What became of letters, for whoever is asked about one: when it went, where to, and what the mail server said."""

from dataclasses import dataclass
from datetime import datetime

from db.queries import letters as letter_queries
from db.queries import users as user_queries
from db.tables import Notice
from kiosk.audit.events import EventTag
from kiosk.errors import UserNotFound
from kiosk.rules.notices import NoticeKind, NoticeState
from kiosk.rules.roles import Permission
from kiosk.rules.texts import mask_email
from kiosk.services.acting import Actor
from kiosk.services.desk.guard import Desk


@dataclass(frozen=True, kw_only=True)
class LetterView:
    """One letter of a user; its text is told to nobody but the user."""

    pk: int
    kind: NoticeKind
    state: NoticeState
    queued_at: datetime
    sent_at: datetime | None
    """When the mail server took it."""
    next_try_at: datetime | None
    """While it waits."""
    tries: int
    sent_to: str | None
    """Masked address of the last try; None before the first."""
    answer: str | None
    """Of the mail server, or why there was none; addresses in it are masked."""


@dataclass(frozen=True, kw_only=True)
class BouncedView:
    """A user whose newest letter was refused for good: the address is probably wrong (R-63)."""

    user_pk: int
    user_id: str
    name: str
    organization_name: str
    email: str
    """The registered address, masked; it is changed by the change notice, never at the counter."""
    kind: NoticeKind
    bounced_at: datetime
    """When the letter was queued."""
    answer: str | None


@dataclass(frozen=True, kw_only=True)
class QueueView:
    """How the outbox is."""

    waiting: int
    failed: int
    """Refused for good or given up, ever."""
    oldest_queued_at: datetime | None
    """Of the letters that wait."""
    oldest_due_at: datetime | None
    server: bool
    """There is a mail server, or the folder of training."""


@dataclass(frozen=True, kw_only=True)
class Letters:
    """Look at letters of the operator's branch, or of all branches for those who may (E-94)."""

    desk: Desk
    server: bool

    def of_user(self, actor: Actor, user_pk: int, limit: int = 100) -> tuple[LetterView, ...]:
        """The letters of one user, newest first; journaled. Raises `UserNotFound` and `NotPermitted`."""
        with self.desk.looking(actor, Permission.INQUIRE) as look:
            user = user_queries.by_pk(look.session, user_pk, look.scope)
            found = [] if user is None else letter_queries.of_user(look.session, user_pk, limit)
        if user is None:
            raise UserNotFound
        self.desk.note(actor, EventTag.LETTERS_INQUIRED, user_id=user.user_id, found=len(found))
        return tuple(map(_letter, found))

    def bounced(self, actor: Actor, limit: int = 200) -> tuple[BouncedView, ...]:
        """Users whose newest letter was refused for good, newest first; journaled. Raises `NotPermitted`."""
        with self.desk.looking(actor, Permission.INQUIRE) as look:
            found = letter_queries.bounced(look.session, look.scope, limit)
        self.desk.note(actor, EventTag.LETTERS_INQUIRED, found=len(found))
        return tuple(
            BouncedView(
                user_pk=user.pk,
                user_id=user.user_id,
                name=user.name,
                organization_name=organization,
                email=mask_email(user.email),
                kind=NoticeKind(notice.kind),
                bounced_at=notice.created_at,
                answer=notice.answer or notice.last_error,
            )
            for notice, user, organization in found
        )

    def queue(self, actor: Actor) -> QueueView:
        """Numbers of the branch's letters. Raises `NotPermitted`."""
        with self.desk.looking(actor, Permission.INQUIRE) as look:
            queue = letter_queries.queue(look.session, look.scope)
        return QueueView(
            waiting=queue.waiting,
            failed=queue.failed,
            oldest_queued_at=queue.oldest_queued,
            oldest_due_at=queue.oldest_due,
            server=self.server,
        )


def _letter(notice: Notice) -> LetterView:
    state = NoticeState(notice.state)
    return LetterView(
        pk=notice.pk,
        kind=NoticeKind(notice.kind),
        state=state,
        queued_at=notice.created_at,
        sent_at=notice.sent_at,
        next_try_at=notice.due_at if state is NoticeState.QUEUED else None,
        tries=notice.tries,
        sent_to=notice.sent_to,
        answer=notice.answer or notice.last_error,
    )

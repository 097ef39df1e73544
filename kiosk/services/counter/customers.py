"""Finding a user, and the card of the one at hand (S200, S210). Looking is an access to personal data: journaled."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from sqlmodel import Session

from db.queries import cases as case_queries
from db.queries import users as user_queries
from db.tables.branch import Branch
from db.tables.user import User
from kiosk.audit.events import EventTag
from kiosk.errors import BadInput, KioskError, OtherBranch, UserNotFound
from kiosk.rules.credentials import check_user_id
from kiosk.rules.lookup import prefixes
from kiosk.rules.operations import Transaction
from kiosk.rules.roles import Permission
from kiosk.rules.service_hours import ServiceHours
from kiosk.services.acting import Actor
from kiosk.services.desk.guard import Desk, View
from kiosk.services.desk.row_views import Viewer, user_card, user_row
from kiosk.services.views import UserCard, UserRow

FOUND_AT_MOST: Final = 50
HITS_TOLD_EVERY: Final = timedelta(minutes=1)
LONGEST_QUERY: Final = 100
"""Characters that are looked at; nobody types more, and a key that stuck must not cost time."""


@dataclass
class _Hits:
    """When each sign-on was last told of in the journal, for the names it saw while it was typing."""

    _told: dict[str, datetime] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def are_news(self, session: str, now: datetime) -> bool:
        """Whether a while has passed."""
        with self._lock:
            last = self._told.get(session)
        return last is None or not timedelta(0) <= now - last < HITS_TOLD_EVERY

    def are_told(self, session: str, now: datetime) -> None:
        """The journal has taken the entry: the while begins anew."""
        with self._lock:
            self._told = {one: at for one, at in self._told.items() if now - at < HITS_TOLD_EVERY}
            self._told[session] = now


@dataclass(frozen=True, kw_only=True)
class Customers:
    """Look at users of the operator's branch, or of all branches for those who may (E-94)."""

    desk: Desk
    hours: ServiceHours
    _hits: _Hits = field(default_factory=_Hits, init=False, repr=False)

    def search(
        self, actor: Actor, text: str, limit: int = FOUND_AT_MOST, *, journal: bool = False
    ) -> tuple[UserRow, ...]:
        """Users whose ID, name, kana or organization begins with `text`; kana may be typed as romaji.

        Empty for an empty text. Called with every key: names that are seen so are told to the journal once a minute,
        and a search that the operator commits (`journal`) always; how many were found, never what was typed. Raises
        `NotPermitted`.
        """
        keys = prefixes(text[:LONGEST_QUERY])
        with self.desk.looking(actor, Permission.INQUIRE) as look:
            found = user_queries.search(look.session, keys, look.scope, limit) if keys else []
            rows = tuple(user_row(user, organization) for user, organization in found)
        if journal or (rows and self._hits.are_news(actor.session, look.now)):
            self.desk.note(
                actor,
                EventTag.USERS_SEARCHED,
                transaction=Transaction.INQUIRY,
                found=len(rows),
                typing=None if journal else True,
            )
            if not journal:
                self._hits.are_told(actor.session, look.now)
        return rows

    def card(self, actor: Actor, user_pk: int, reception_no: str | None = None) -> UserCard:
        """The card of a user, as it reads for the reception at hand if there is one.

        Raises `UserNotFound`, `OtherBranch` and `NotPermitted`.
        """
        with self.desk.looking(actor, Permission.INQUIRE) as look:
            user = user_queries.by_pk(look.session, user_pk, look.scope)
            answer = (
                self._card(look, user, actor, reception_no)
                if user is not None
                else _nobody(look.session, look.session.get(User, user_pk))
            )
        return self._journaled(actor, answer, reception_no)

    def by_user_id(self, actor: Actor, user_id: str) -> UserCard:
        """The card of exactly this user ID, capitals and small letters told apart (R-41).

        Raises `BadInput` for what cannot be a user ID (E-40), `UserNotFound`, `OtherBranch` and `NotPermitted`.
        """
        problem = check_user_id(user_id)
        if problem is not None:
            raise BadInput(field="user_id", problem=problem)
        with self.desk.looking(actor, Permission.INQUIRE) as look:
            user = user_queries.by_user_id(look.session, user_id, look.scope)
            answer = (
                self._card(look, user, actor, None)
                if user is not None
                else _nobody(look.session, user_queries.by_user_id(look.session, user_id, None))
            )
        return self._journaled(actor, answer, None)

    def _card(self, look: View, user: User, actor: Actor, reception_no: str | None) -> UserCard:
        case = (
            None if reception_no is None else case_queries.by_number(look.session, reception_no, look.scope)
        )
        if case is not None and case.user_pk not in {None, user.pk}:
            case = None  # somebody else's reception says nothing about this user
        viewer = Viewer(actor=actor, hours=self.hours)
        return user_card(look.session, user, viewer, look.now, case=case, with_timeline=True)

    def _journaled(self, actor: Actor, answer: UserCard | KioskError, reception_no: str | None) -> UserCard:
        """Give the card out once the look is in the journal, or refuse; what was typed is never in it (E-31)."""
        if isinstance(answer, KioskError):
            raise self.desk.refusal(actor, answer, EventTag.USER_NOT_FOUND, {"reception_no": reception_no})
        self.desk.note(
            actor,
            EventTag.USER_INQUIRED,
            user_id=answer.user_id,
            reception_no=reception_no,
            transaction=Transaction.INQUIRY,
        )
        return answer


def _nobody(session: Session, elsewhere: User | None) -> KioskError:
    """A user of another branch is guided there (E-94); an ID that nobody has is not found."""
    if elsewhere is None:
        return UserNotFound()
    return OtherBranch(branch_name=session.get_one(Branch, elsewhere.branch_pk).name)

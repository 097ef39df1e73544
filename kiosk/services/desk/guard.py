"""What every use case stands on: who may, in which branch, at what time, in one transaction, with its journal entry.

A use case reads:

    with self.desk.acting(actor, Permission.RECEIVE, EventTag.USER_CHOSEN) as act:
        user = users.by_user_id(act.session, user_id, act.scope)
        if user is None:
            raise UserNotFound                     # nothing of the block is kept; journaled as refused
        act.about(user_id=user.user_id)            # every later entry of this act names the user
        if wrong:
            act.refuse(WrongCredentials(...))      # the block is kept (the try was counted); raised after the commit
        else:
            act.record()

Hashing, signing, sticks and mail have their place between such blocks, never inside one.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from db.database import Database, is_busy, is_connection_lost
from db.queries.latest import high_water
from db.queries.staff import standing
from kiosk.audit.chain import Fact
from kiosk.audit.events import EventTag
from kiosk.audit.trail import Draft, Outcome, Trail, Who, draft_of
from kiosk.clock import Clock
from kiosk.errors import (
    AccountChanged,
    ClockWrong,
    DatabaseUnavailable,
    JournalNotWritable,
    KioskError,
    NotPermitted,
    OtherBranch,
    OutcomeUnknown,
    OutOfHours,
    SignOnPaused,
)
from kiosk.rules.clock_watch import runs_back
from kiosk.rules.roles import Permission, StaffRole, may
from kiosk.services.acting import Actor

_NOTHING_CAN_BE_STORED = (JournalNotWritable, DatabaseUnavailable, OutcomeUnknown)
_TAGS: Mapping[type[KioskError], EventTag] = {
    NotPermitted: EventTag.NOT_PERMITTED,
    AccountChanged: EventTag.NOT_PERMITTED,
    OtherBranch: EventTag.OTHER_BRANCH_REFUSED,
    OutOfHours: EventTag.OUT_OF_HOURS_REFUSED,
    ClockWrong: EventTag.CLOCK_REFUSED,
    SignOnPaused: EventTag.SIGN_ON_PAUSED,
}
"""Refusals that read the same in the journal whatever was being done."""


def branch_scope(actor: Actor) -> int | None:
    """The branch whose users and cases `actor` sees; None means all of them (E-94)."""
    return None if may(actor.role, Permission.SEE_ALL_BRANCHES) else actor.terminal.branch_pk


@dataclass(kw_only=True)
class Act:
    """One transaction of a use case."""

    session: Session = field(init=False)
    now: datetime
    """Aware; asked once, so that everything the act stores has one time."""
    who: Who | None
    """Whom the journal names."""
    scope: int | None
    """For the queries: the branch whose rows may be seen, None for all."""
    tag: EventTag
    """What is being tried; of every entry that names no other tag."""
    _trail: Trail
    _about: dict[str, Fact]
    pending: KioskError | None = field(default=None, init=False)
    """What is raised once this transaction is stored."""
    _told: list[tuple[Who | None, Draft]] = field(default_factory=list, init=False, repr=False)
    """Entries that are written when the act has nothing else left to do."""
    _meanwhile: Callable[[], None] | None = field(default=None, init=False, repr=False)

    def about(self, **facts: Fact) -> None:
        """Name what the act is about in all of its later entries, a refusal included."""
        self._about.update(facts)

    def record(self, tag: EventTag | None = None, **facts: Fact) -> None:
        """Journal in this transaction that it was done."""
        self._write(tag or self.tag, Outcome.DONE, facts)

    def refuse(self, refusal: KioskError, tag: EventTag | None = None, **facts: Fact) -> None:
        """Keep what this transaction changed, journal the refusal and raise it once both are stored."""
        self._write(tag or _tag_of(refusal, self.tag), Outcome.REFUSED, {**facts, "code": refusal.code})
        self.pending = refusal

    def while_stored(self, begin: Callable[[], None]) -> None:
        """Have something begun when all is written and the commit is all that is left.

        For what another thread can do meanwhile without the registry, and what is gone again when the commit fails.
        `begin` itself waits for nothing.
        """
        self._meanwhile = begin

    def _write(self, tag: EventTag, outcome: Outcome, facts: dict[str, Fact]) -> None:
        self._told.append((self.who, draft_of(tag, outcome, {**self._about, **facts})))

    def finish(self) -> None:
        """Write what was recorded, last of all: the head of the journal is locked no longer than it must be."""
        for who, entries in groupby(self._told, key=lambda told: told[0]):
            self._trail.record_all(self.session, [entry for _, entry in entries], now=self.now, who=who)
        if self._meanwhile is not None:
            self._meanwhile()


@dataclass(frozen=True, kw_only=True)
class View:
    """A look at the registry that changes nothing."""

    session: Session
    now: datetime
    scope: int | None


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Registry, time and journal, as use cases need them together.

    Every method may raise `DatabaseUnavailable` (nothing was changed); those that write also `OutcomeUnknown` (the
    connection was lost while storing, I-23) and `JournalNotWritable` (no entry, no act).
    """

    database: Database
    clock: Clock
    trail: Trail
    run_by: str | None = None
    """Of a command: whom the machine knows as running it; told where nobody who is signed on acts."""

    @contextmanager
    def acting(
        self,
        actor: Actor,
        permission: Permission,
        tag: EventTag,
        *,
        watch_clock: bool = False,
        finishing: bool = False,
        **about: Fact,
    ) -> Iterator[Act]:
        """One transaction of `actor`, stored when the block ends well and refused as a whole when it raises.

        A `KioskError` out of the block is journaled as refused, then raised again. Raises `NotPermitted` before
        the block, `ClockWrong` when `watch_clock` is set and time runs behind the registry (E-91), and
        `AccountChanged` for an actor who was shut out after signing on, unless the act is `finishing` what cannot
        be left half done.
        """
        self.require(actor, permission, **about)
        with self._writing(_who(actor), branch_scope(actor), tag, about) as act:
            _require_fit(act.session, actor, act.now, watch_clock=watch_clock, finishing=finishing)
            yield act

    @contextmanager
    def unattended(
        self, tag: EventTag, *, who: Who | None = None, watch_clock: bool = False, **about: Fact
    ) -> Iterator[Act]:
        """The same without somebody who is signed on: the program by itself, a command, or `who` at the door."""
        with self._writing(who, None, tag, about) as act:
            if watch_clock:
                _require_running_clock(high_water(act.session), act.now)
            yield act

    @contextmanager
    def looking(self, actor: Actor, permission: Permission) -> Iterator[View]:
        """A consistent look that changes nothing and journals nothing.

        Raises `NotPermitted` and `AccountChanged`; both are journaled.
        """
        self.require(actor, permission)
        try:
            with _translated(_Progress()), self.database.reading() as session:
                now = self.clock.now()
                _require_fit(session, actor, now)
                yield View(session=session, now=now, scope=branch_scope(actor))
        except AccountChanged as changed:
            raise self.refusal(actor, changed, EventTag.NOT_PERMITTED, {"asked": permission}) from None

    @contextmanager
    def reaching(self) -> Iterator[None]:
        """For machinery that opens its own transactions: what a lost connection means, in words of the counter."""
        with _translated(_Progress()):
            yield

    def require(self, actor: Actor, permission: Permission, **about: Fact) -> None:
        """Raise `NotPermitted`, journaled, unless the role of `actor` includes `permission`."""
        if not may(actor.role, permission):
            facts = {**about, "asked": permission}
            raise self.refusal(actor, NotPermitted(permission=permission), EventTag.NOT_PERMITTED, facts)

    def refusal(
        self, actor: Actor | None, refusal: KioskError, tag: EventTag, about: Mapping[str, Fact]
    ) -> KioskError:
        """Journal a refusal that came up outside a transaction; to be raised by the caller."""
        facts = {**about, "code": refusal.code}
        self._note(_who(actor), _tag_of(refusal, tag), Outcome.REFUSED, self.clock.now(), facts)
        return refusal

    def note(
        self, actor: Actor | None, tag: EventTag, *, outcome: Outcome = Outcome.DONE, **facts: Fact
    ) -> None:
        """One journal entry in a transaction of its own."""
        self._note(_who(actor), tag, outcome, self.clock.now(), facts)

    @contextmanager
    def _writing(
        self, who: Who | None, scope: int | None, tag: EventTag, about: dict[str, Fact]
    ) -> Iterator[Act]:
        about = self._named(who, about)
        act = Act(now=self.clock.now(), who=who, scope=scope, tag=tag, _trail=self.trail, _about=about)
        try:
            with self._storing() as act.session:
                yield act
                act.finish()
        except _NOTHING_CAN_BE_STORED:
            raise
        except KioskError as refusal:
            facts = {**about, "code": refusal.code}
            self._note(act.who, _tag_of(refusal, tag), Outcome.REFUSED, act.now, facts)
            raise
        if act.pending is not None:
            raise act.pending

    def _note(
        self, who: Who | None, tag: EventTag, outcome: Outcome, now: datetime, facts: dict[str, Any]
    ) -> None:
        with self._storing() as session:
            self.trail.record(session, tag, now=now, who=who, outcome=outcome, **self._named(who, facts))

    def _named(self, who: Who | None, facts: dict[str, Any]) -> dict[str, Any]:
        return facts if who is not None or self.run_by is None else {**facts, "run_by": self.run_by}

    @contextmanager
    def _storing(self) -> Iterator[Session]:
        """A transaction whose failures read as what they mean for the counter."""
        progress = _Progress()
        with _translated(progress), self.database.transaction() as session:
            session.connection()  # a registry out of reach must show here, not as a journal that takes no entry
            yield session
            session.flush()  # and what a constraint refuses, before the commit begins
            progress.storing = True


@contextmanager
def partly_stored() -> Iterator[None]:
    """For what follows a stored part of one act: a registry lost from here on leaves the result open (I-23)."""
    try:
        yield
    except DatabaseUnavailable as lost:
        raise OutcomeUnknown from lost


@dataclass
class _Progress:
    """How far a transaction is: what a lost connection means depends on it."""

    storing: bool = False


@contextmanager
def _translated(progress: _Progress) -> Iterator[None]:
    """Say a lost connection in words of the counter: before the commit nothing happened, from then on nobody knows."""
    try:
        yield
    except SQLAlchemyError as error:
        if is_busy(error):
            raise DatabaseUnavailable from error
        if _lost(error):
            raise (OutcomeUnknown() if progress.storing else DatabaseUnavailable()) from error
        raise


def _lost(error: BaseException | None) -> bool:
    """Whether the registry was lost, here or in what led here: SQLite on a full disk also ends the savepoints."""
    while error is not None:
        if is_connection_lost(error):
            return True
        error = error.__context__
    return False


def _who(actor: Actor | None) -> Who | None:
    if actor is None:
        return None
    return Who(
        staff_id=actor.staff_id,
        role=actor.role,
        branch_no=actor.terminal.branch_no,
        terminal_no=actor.terminal.terminal_no,
    )


def _tag_of(refusal: KioskError, otherwise: EventTag) -> EventTag:
    return _TAGS.get(type(refusal), otherwise)


def _require_fit(
    session: Session, actor: Actor, now: datetime, *, watch_clock: bool = False, finishing: bool = False
) -> None:
    """Raise `ClockWrong` for a watched clock, `AccountChanged` unless `actor` could sign on again as they did."""
    active, role, branch_pk, newest = standing(session, actor.staff_pk)
    if watch_clock:
        _require_running_clock(newest, now)
    here = branch_pk == actor.terminal.branch_pk or may(StaffRole(role), Permission.SEE_ALL_BRANCHES)
    if not finishing and not (active and here and role == actor.role):
        raise AccountChanged


def _require_running_clock(newest: datetime | None, now: datetime) -> None:
    if newest is not None and runs_back(newest, now):
        raise ClockWrong

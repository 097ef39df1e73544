"""How staff prove who they are: at sign-on, after the screen lock, and as approver in a colleague's session.

Every try is counted before it is compared (`kiosk.rules.staff_lock`), whatever it is for, so that no door gives more
tries than another.
"""

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock
from typing import Final, NoReturn, Protocol

from db.queries import staff as staff_queries
from db.tables.staff import Staff
from kiosk.audit.events import EventTag
from kiosk.audit.trail import Who
from kiosk.errors import CannotCheckNow, KioskError, SignOnPaused, SignOnRefused
from kiosk.rules import staff_lock
from kiosk.rules.staff_lock import StaffCharged, StaffLockState, StaffRefused
from kiosk.secret import Secret
from kiosk.services.acting import Terminal
from kiosk.services.desk.guard import Act, Desk
from kiosk.services.staff.passwords import PasswordHasher

LONGEST_STAFF_ID: Final = 20

_STRANGERS_REMEMBERED: Final = 1_000

Judge = Callable[[Staff], KioskError | None]
"""Why somebody who has proven who they are is refused all the same; None when they are not."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What became of a proof."""

    right: bool
    better_hash: str | None = None
    """To be stored instead of the old one, when hashing costs more today than it did then."""


class Verifier(Protocol):
    """How staff prove who they are. A second factor is another class with this method that asks for more.

    Nobody (`stored` is None) is refused after the same time as a wrong password, so that neither tells who works
    here. Raises `CannotCheckNow`.
    """

    def check(self, stored: str | None, password: Secret) -> Verdict:
        """Whether `password` belongs to what is stored."""
        ...


@dataclass(frozen=True, kw_only=True)
class PasswordVerifier:
    """The password alone."""

    hasher: PasswordHasher

    def check(self, stored: str | None, password: Secret) -> Verdict:
        """Whether `password` belongs to the stored hash."""
        if not self.hasher.matches(password, stored):
            return Verdict(right=False)
        outgrown = stored is not None and self.hasher.needs_rehash(stored)
        return Verdict(right=True, better_hash=self.hasher.hash_password(password) if outgrown else None)


@dataclass(frozen=True)
class Strangers:
    """Wrong sign-ons under IDs that nobody has, paused like those of staff, so that a pause tells nothing either.

    In the memory of this process only, and the typed IDs not even there: people type passwords into the wrong field.
    """

    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    _tries: OrderedDict[bytes, StaffLockState] = field(default_factory=OrderedDict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def charge(self, typed: str, now: datetime) -> StaffCharged | StaffRefused:
        """Count one try; the oldest strangers are forgotten when there are many."""
        name = hashlib.blake2b(typed.encode("utf-8", "surrogatepass"), key=self._key).digest()
        with self._lock:
            charged = staff_lock.charge(self._tries.pop(name, _NEVER_TRIED), now)
            self._tries[name] = (
                charged.state
                if isinstance(charged, StaffCharged)
                else StaffLockState(failures=0, paused_until=charged.until)
            )
            while len(self._tries) > _STRANGERS_REMEMBERED:
                self._tries.popitem(last=False)
        return charged


_NEVER_TRIED: Final = StaffLockState(failures=0, paused_until=None)


@dataclass(frozen=True, kw_only=True)
class _Try:
    """A sign-on that was counted and may now be compared."""

    before: StaffLockState
    charged: StaffCharged
    stored: str | None
    staff_id: str | None
    """None for an ID that nobody has; what was typed is not kept."""


@dataclass(frozen=True, kw_only=True)
class StaffProof:
    """The one way a member of staff is believed, shared by every door of a terminal."""

    desk: Desk
    terminal: Terminal
    verifier: Verifier
    strangers: Strangers

    def of(
        self, staff_id: str, password: Secret, done: EventTag, refused: EventTag, judge: Judge | None = None
    ) -> Staff:
        """The member of staff this ID and password belong to; journaled as `done` or `refused`.

        Raises `SignOnRefused` for a wrong ID or password alike, `SignOnPaused` after the third, `CannotCheckNow`, and
        what `judge` says.
        """
        tried = self._charge(staff_id, refused)
        try:
            verdict = self.verifier.check(tried.stored, password)
        except CannotCheckNow as short:
            self._give_back(tried, short, refused)
        with self.desk.unattended(refused, who=self._claiming(tried.staff_id)) as act:
            row = _find(act, tried.staff_id)
            if row is None or not verdict.right or row.password_hash != tried.stored:
                raise _wrong(
                    tried.charged
                )  # nor does a password count that was replaced while it was compared
            _clear(row, tried.charged)
            row.password_hash = verdict.better_hash or row.password_hash
            act.who = replace(act.who or self._claiming(row.staff_id), role=row.role)
            objection = judge(row) if judge else None
            if objection is None:
                act.record(done)
            else:
                act.refuse(objection)
        return row

    def _charge(self, staff_id: str, refused: EventTag) -> _Try:
        """Count the try and store that, before anything is compared."""
        with self.desk.unattended(refused, who=self._claiming(None)) as act:
            row = _find(act, staff_id)
            before = _NEVER_TRIED if row is None else _lock_state(row)
            if row is None:
                charged = self.strangers.charge(staff_id, act.now)
            else:
                act.who = self._claiming(row.staff_id)
                charged = staff_lock.charge(before, act.now)
            if isinstance(charged, StaffRefused):
                raise SignOnPaused(until=charged.until)
            if row is None:
                return _Try(before=before, charged=charged, stored=None, staff_id=None)
            _store(row, charged.state)
            return _Try(before=before, charged=charged, stored=row.password_hash, staff_id=row.staff_id)

    def _give_back(self, tried: _Try, short: CannotCheckNow, refused: EventTag) -> NoReturn:
        """A password that could not be looked at is not a wrong one."""
        with self.desk.unattended(refused, who=self._claiming(tried.staff_id)) as act:
            row = _find(act, tried.staff_id)
            if row is not None and _lock_state(row) == tried.charged.state:
                _store(row, tried.before)
            act.refuse(short)
        raise short

    def _claiming(self, staff_id: str | None) -> Who:
        """Somebody at this terminal, who says to be `staff_id` and has no role before it is proven."""
        return Who(
            staff_id=staff_id,
            role=None,
            branch_no=self.terminal.branch_no,
            terminal_no=self.terminal.terminal_no,
        )


def _find(act: Act, staff_id: str | None) -> Staff | None:
    """The active member of staff of that ID, the row locked; nobody for what cannot be an ID."""
    if (
        staff_id is None
        or len(staff_id) > LONGEST_STAFF_ID
        or not (staff_id.isascii() and staff_id.isalnum())
    ):
        return None
    row = staff_queries.by_staff_id_for_update(act.session, staff_id)
    return row if row is not None and row.active else None


def _wrong(charged: StaffCharged) -> KioskError:
    until = charged.state.paused_until
    return SignOnRefused() if until is None else SignOnPaused(until=until)


def _clear(row: Staff, charged: StaffCharged) -> None:
    """Take the charge back; raises `SignOnPaused` when another try has begun a pause meanwhile."""
    now_stored = _lock_state(row)
    cleared = staff_lock.after_right(now_stored, charged)
    if cleared is None:
        raise _wrong(StaffCharged(state=now_stored, pauses=True))
    _store(row, cleared)


def _lock_state(row: Staff) -> StaffLockState:
    return StaffLockState(failures=row.failures, paused_until=row.paused_until)


def _store(row: Staff, state: StaffLockState) -> None:
    row.failures = state.failures
    row.paused_until = state.paused_until

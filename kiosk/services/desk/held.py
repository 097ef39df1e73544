"""The customer's password between step 4 and step 6: in memory, for one reception, and not for long (R-93).

The p12 is encrypted with the login password, so the verified password must wait for the issue. It waits here and
nowhere else: the screens hand it over at step 4 and never see it again. What the signer was told ahead of it is
forgotten together with it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from threading import Lock

from kiosk.rules.verification import CODE_MINUTES, VERIFIED_MINUTES
from kiosk.secret import Secret

LONGEST_HOLD = timedelta(minutes=CODE_MINUTES + VERIFIED_MINUTES)
"""A code lives its minutes, a confirmed code lives its own; after both the password has no use."""


@dataclass(frozen=True)
class _Held:
    password: Secret = field(repr=False)
    since: datetime
    typing: int
    """Tells it from one that is typed again for the same reception."""


@dataclass(frozen=True)
class HeldPasswords:
    """Verified passwords by reception number. Safe to use from several threads; gone with the process."""

    forget_ahead: Callable[[], object] = lambda: None
    """Called after a password was wiped: whoever was told of it ahead forgets it as well. Raises nothing."""
    _held: dict[str, _Held] = field(default_factory=dict, init=False, repr=False)
    _typings: Iterator[int] = field(default_factory=count, init=False, repr=False)
    _lock: Lock = field(default_factory=Lock, init=False, repr=False)

    def hold(self, reception_no: str, password: Secret, now: datetime) -> None:
        """Keep a copy of `password`; an older one of the same reception is wiped."""
        self.wipe(reception_no)
        with self._lock:
            self._held[reception_no] = _Held(Secret(password.reveal()), now, next(self._typings))

    def of(self, reception_no: str, now: datetime) -> Secret | None:
        """The password of this reception, or None when it was wiped or lay too long: step 4 must be repeated."""
        self.wipe_old(now)
        with self._lock:
            held = self._held.get(reception_no)
            return None if held is None else held.password

    def used(self, reception_no: str) -> None:
        """Forget one that is in its p12; the signer is done with it, and at work."""
        with self._lock:
            self._pop(reception_no)

    def wipe(self, reception_no: str) -> None:
        """Forget one; nothing happens when there is none."""
        self._wipe(lambda number, _: number == reception_no)

    def wipe_all(self) -> None:
        """Forget every one: the screen was locked, or the operator signed off (DOMAIN 3.5)."""
        self._wipe(lambda _number, _held: True)

    def wipe_old(self, now: datetime) -> None:
        """Forget those that can no longer become part of a p12."""
        self._wipe(lambda _, held: now - held.since > LONGEST_HOLD)

    def waiting(self) -> Mapping[str, int]:
        """The receptions whose passwords lie here, each with what tells one typing from another."""
        with self._lock:
            return {reception_no: held.typing for reception_no, held in self._held.items()}

    def wipe_these(self, these: Mapping[str, int]) -> None:
        """Forget those of an earlier `waiting` that have not been typed again since."""
        self._wipe(lambda number, held: these.get(number) == held.typing)

    def _wipe(self, unwanted: Callable[[str, _Held], bool]) -> None:
        with self._lock:
            gone = [number for number, held in self._held.items() if unwanted(number, held)]
            for number in gone:
                self._pop(number)
        if gone:
            self.forget_ahead()

    def _pop(self, reception_no: str) -> None:
        held = self._held.pop(reception_no, None)
        if held is not None:
            held.password.wipe()

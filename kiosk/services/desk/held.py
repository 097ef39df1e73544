"""The customer's password between step 4 and step 6: in memory, for one reception, and not for long (R-93).

The p12 is encrypted with the login password, so the verified password must wait for the issue. It waits here and
nowhere else: the screens hand it over at step 4 and never see it again.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from kiosk.rules.verification import CODE_MINUTES, VERIFIED_MINUTES
from kiosk.secret import Secret

LONGEST_HOLD = timedelta(minutes=CODE_MINUTES + VERIFIED_MINUTES)
"""A code lives its minutes, a confirmed code lives its own; after both the password has no use."""


@dataclass(frozen=True)
class HeldPasswords:
    """Verified passwords by reception number. Safe to use from several threads; gone with the process."""

    _held: dict[str, tuple[Secret, datetime]] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def hold(self, reception_no: str, password: Secret, now: datetime) -> None:
        """Keep a copy of `password`; an older one of the same reception is wiped."""
        with self._lock:
            self._wipe(reception_no)
            self._held[reception_no] = (Secret(password.reveal()), now)

    def of(self, reception_no: str, now: datetime) -> Secret | None:
        """The password of this reception, or None when it was wiped or lay too long: step 4 must be repeated."""
        with self._lock:
            self._wipe_old(now)
            entry = self._held.get(reception_no)
            return None if entry is None else entry[0]

    def wipe(self, reception_no: str) -> None:
        """Forget one; nothing happens when there is none."""
        with self._lock:
            self._wipe(reception_no)

    def wipe_all(self) -> None:
        """Forget every one: the screen was locked, or the operator signed off (DOMAIN 3.5)."""
        with self._lock:
            for reception_no in tuple(self._held):
                self._wipe(reception_no)

    def _wipe_old(self, now: datetime) -> None:
        for reception_no, (_, since) in tuple(self._held.items()):
            if now - since > LONGEST_HOLD:
                self._wipe(reception_no)

    def _wipe(self, reception_no: str) -> None:
        entry = self._held.pop(reception_no, None)
        if entry is not None:
            entry[0].wipe()

"""Signing on and off, and coming back after the screen was locked."""

import secrets
from dataclasses import dataclass, field
from typing import Final

from db.tables.staff import Staff
from kiosk.audit.events import EventTag
from kiosk.errors import KioskError, NotPermitted
from kiosk.rules.roles import Permission, StaffRole, may
from kiosk.secret import Secret
from kiosk.services.acting import Actor, Terminal
from kiosk.services.desk.guard import Desk
from kiosk.services.desk.held import HeldPasswords
from kiosk.services.staff.proving import PasswordVerifier, StaffProof, Strangers, Verdict, Verifier

__all__ = ["PasswordVerifier", "SigningIn", "Verdict"]

SIGN_ON_HERE: Final = "sign_on_here"
"""What `NotPermitted` names when staff of another branch sign on: not a permission of any role."""


@dataclass(frozen=True, kw_only=True)
class SigningIn:
    """Let staff in at this terminal, and back in after the idle lock."""

    desk: Desk
    terminal: Terminal
    verifier: Verifier
    passwords: HeldPasswords
    strangers: Strangers = field(default_factory=Strangers)

    def sign_in(self, staff_id: str, password: Secret) -> Actor:
        """Sign on; the actor is handed to every use case from then on.

        The try is counted before it is compared (`kiosk.rules.staff_lock`). Raises `SignOnRefused` for a wrong ID or
        password alike, `SignOnPaused` after the third, `NotPermitted` for staff of another branch whose role does
        not reach beyond it, `CannotCheckNow`.
        """
        row = self._proof.of(
            staff_id, password, EventTag.SIGN_ON_OK, EventTag.SIGN_ON_REFUSED, self._works_elsewhere
        )
        return Actor(
            staff_pk=row.pk,
            staff_id=row.staff_id,
            name=row.name,
            role=StaffRole(row.role),
            terminal=self.terminal,
            session=secrets.token_hex(16),
        )

    def lock(self, actor: Actor) -> None:
        """Note that the screen was locked; the customers' passwords in memory are wiped."""
        self.passwords.wipe_all()
        self.desk.note(actor, EventTag.SCREEN_LOCKED)

    def resume(self, actor: Actor, password: Secret) -> None:
        """Unlock the screen for the one who is signed on; raises as `sign_in` does."""
        self._proof.of(
            actor.staff_id,
            password,
            EventTag.SCREEN_RESUMED,
            EventTag.SCREEN_RESUME_REFUSED,
            self._works_elsewhere,
        )

    def sign_off(self, actor: Actor) -> None:
        """Leave; the customers' passwords in memory are wiped."""
        self.passwords.wipe_all()
        self.desk.note(actor, EventTag.SIGNED_OFF)

    @property
    def _proof(self) -> StaffProof:
        return StaffProof(
            desk=self.desk, terminal=self.terminal, verifier=self.verifier, strangers=self.strangers
        )

    def _works_elsewhere(self, row: Staff) -> KioskError | None:
        reaches_everywhere = may(StaffRole(row.role), Permission.SEE_ALL_BRANCHES)
        if reaches_everywhere or row.branch_pk == self.terminal.branch_pk:
            return None
        return NotPermitted(permission=SIGN_ON_HERE)

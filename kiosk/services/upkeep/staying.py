"""A terminal says again and again that it runs, so that no other one settles what is under way here (E-85)."""

from dataclasses import dataclass

from db.queries.branches import terminal_for_update
from kiosk.audit.events import EventTag
from kiosk.services.desk.guard import Desk


@dataclass(frozen=True, kw_only=True)
class Staying:
    """Say that this terminal is there."""

    desk: Desk
    terminal_pk: int

    def say(self) -> None:
        """Store when it was last said; no entry, because nothing happened. Raises `DatabaseUnavailable`."""
        with self.desk.unattended(EventTag.PROGRAM_STARTED) as act:
            terminal_for_update(act.session, self.terminal_pk).seen_at = act.now

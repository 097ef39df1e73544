"""What customers typed here does not outlive its use, wherever the reception was ended (R-93, E-59, DOMAIN 3.5)."""

from dataclasses import dataclass

from db.queries import open_cases
from kiosk.services.desk.guard import Desk
from kiosk.services.desk.held import HeldPasswords
from kiosk.services.desk.outbox import CodeVault


@dataclass(frozen=True, kw_only=True)
class Forgetting:
    """Look again and again whether what waits in memory is still needed."""

    desk: Desk
    passwords: HeldPasswords
    vault: CodeVault
    terminal_pk: int

    def forget(self) -> None:
        """Wipe what is too old, and passwords whose reception was cancelled, put aside or taken up elsewhere.

        Without a registry only what is too old; raises `DatabaseUnavailable` then.
        """
        now = self.desk.clock.now()
        self.vault.wipe_old(now)
        self.passwords.wipe_old(now)
        waiting = self.passwords.waiting()
        if not waiting:
            return
        with self.desk.reaching(), self.desk.database.reading() as session:
            needed = open_cases.on_the_way_to_their_issue(session, waiting, self.terminal_pk)
        self.passwords.wipe_these({number: it for number, it in waiting.items() if number not in needed})

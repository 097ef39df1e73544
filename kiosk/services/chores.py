"""What has to be done by itself: letters that are due, a CRL that is due, a checkpoint of the journal.

Each chore is idempotent and stands alone: one that fails leaves its trace and does not keep the others from running.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Final

from kiosk.audit.checkpoints import is_due, make
from kiosk.audit.events import EventTag
from kiosk.audit.keeping import CheckpointFile
from kiosk.audit.trail import Outcome
from kiosk.errors import KioskError
from kiosk.pki.signer import Signer
from kiosk.services._guard import Desk
from kiosk.services.notices import Notices
from kiosk.services.publishing import Publishing

EVERY_SECONDS: Final = 30.0


@dataclass(frozen=True, kw_only=True)
class Chores:
    """Run what is due, now or again and again in a thread of its own."""

    desk: Desk
    signer: Signer
    notices: Notices
    publishing: Publishing
    kept: CheckpointFile
    _end: Event = field(default_factory=Event, repr=False)
    _threads: list[Thread] = field(default_factory=list, repr=False)

    def run(self, *, closing: bool = False) -> None:
        """Do everything that is due; `closing` makes a last checkpoint (DOMAIN 3.4)."""
        for chore in (self.notices.send_due, self.publishing.publish_due, lambda: self._checkpoint(closing)):
            self._attempt(chore)

    def start(self) -> None:
        """Run every half minute until `stop`."""
        thread = Thread(target=self._go_on, name="chores", daemon=True)
        self._threads.append(thread)
        thread.start()

    def stop(self) -> None:
        """Let the round under way end, then run no more."""
        self._end.set()
        for thread in self._threads:
            thread.join(timeout=EVERY_SECONDS)

    def _go_on(self) -> None:
        while not self._end.is_set():
            self.run()
            self._end.wait(EVERY_SECONDS)

    def _attempt(self, chore: Callable[[], object]) -> None:
        """A thread that ends silently would leave letters lying: whatever fails is told and tried again later."""
        try:
            chore()
        except KioskError:
            return  # the registry is away or the key is locked: the self-check says so on the screen
        except Exception as failure:  # noqa: BLE001  # whatever it is, the other chores and the next round must run
            self._note(type(failure).__name__)

    def _note(self, kind: str) -> None:
        try:
            self.desk.note(None, EventTag.INCIDENT, outcome=Outcome.FAILED, kind=kind)
        except KioskError:
            return  # nowhere to write it down; the self-check looks at the journal itself

    def _checkpoint(self, closing: bool) -> None:
        node = self.desk.trail.node
        now = self.desk.clock.now()
        if not is_due(self.desk.database, node, now, closing=closing):
            return
        made = make(
            self.desk.database,
            node,
            attest=self.signer.attest,
            key_id=self.signer.facts().key_id,
            now=now,
        )
        if made is not None:
            self.kept.catch_up(self.desk.database)
            self.desk.note(None, EventTag.JOURNAL_CHECKPOINT, node=node, seq=made.seq)

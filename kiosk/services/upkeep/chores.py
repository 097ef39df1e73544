"""The work behind the screens: a thread each for letters, jobs, the self-check, and to say that we are here.

A long queue of letters must not keep a revocation list waiting, nor the other way round. Whatever fails is told and
tried again; a thread that ended silently would leave letters lying.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Final

from kiosk.audit.events import EventTag
from kiosk.audit.trail import Outcome
from kiosk.errors import KioskError
from kiosk.rules.presence import SAID_EVERY
from kiosk.services.desk.guard import Desk
from kiosk.services.letters.notices import MOST_IN_A_ROUND, Notices
from kiosk.services.upkeep.jobs import Jobs

EVERY_SECONDS: Final = 30.0
LONGEST_END: Final = 30.0
"""Seconds that whoever ends the program waits for all that is under way; the next start goes on with the rest."""
JOBS_EVERY: Final = timedelta(hours=1)
LAST_LETTERS: Final = 25
"""Letters that leave while the program ends; the others wait for the next start, or for another mailer."""


@dataclass
class _Last:
    """When the jobs ran last."""

    at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Chores:
    """Do what is due, now or again and again in threads of their own."""

    desk: Desk
    notices: Notices
    jobs: Jobs
    stay: Callable[[], None] = lambda: None
    """Say that this terminal is there, in a thread of its own: nothing may keep it from being said."""
    forget: Callable[[], None] = lambda: None
    """Wipe what customers typed and nobody needs any more; beside `stay`, for it waits for the signer at most."""
    check: Callable[[], None] = lambda: None
    """Run the self-check when it is due."""
    _end: Event = field(default_factory=Event, repr=False)
    _threads: list[Thread] = field(default_factory=list, repr=False)
    _last: _Last = field(default_factory=_Last, repr=False)

    def run(self, *, closing: bool = False) -> None:
        """Do everything that is due; `closing` makes a last checkpoint (DOMAIN 3.4). Never raises."""
        self._run_jobs(closing=closing)
        self._attempt(lambda: self.notices.send_due(LAST_LETTERS if closing else MOST_IN_A_ROUND))
        if closing:
            self.jobs.keep_up(closing=True)

    def start(self) -> None:
        """Begin, at once and then every half minute, until `stop`."""
        works = (
            ("presence", self._stay),
            ("letters", self._carry_letters),
            ("chores", self._go_on),
            ("self-check", self._keep_checking),
        )
        for name, work in works:
            thread = Thread(target=work, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Let the letter and the job under way end, for `LONGEST_END` at most, then do no more."""
        self._end.set()
        over = time.monotonic() + LONGEST_END
        for thread in self._threads:
            thread.join(timeout=max(0.0, over - time.monotonic()))

    def _stay(self) -> None:
        while not self._end.is_set():
            self._attempt(self.stay)
            self._attempt(self.forget)
            self._end.wait(SAID_EVERY.total_seconds())

    def _carry_letters(self) -> None:
        while not self._end.is_set():
            self._attempt(lambda: self.notices.send_until(self._end))
            self._end.wait(EVERY_SECONDS)

    def _keep_checking(self) -> None:
        while not self._end.is_set():
            self._attempt(self.check)
            self._end.wait(EVERY_SECONDS)

    def _go_on(self) -> None:
        while not self._end.is_set():
            self._run_jobs()
            self._end.wait(EVERY_SECONDS)

    def _run_jobs(self, *, closing: bool = False) -> None:
        """All jobs once an hour; in between only those that cannot wait so long."""
        now = self.desk.clock.now()
        if self._last.at is None or not timedelta(0) <= now - self._last.at < JOBS_EVERY:
            self._last.at = now
            self.jobs.run()
        elif not closing:
            self.jobs.keep_up()

    def _attempt(self, work: Callable[[], object]) -> None:
        try:
            work()
        except KioskError:
            return  # the registry is away: the self-check says so on the screen
        except Exception as failure:  # noqa: BLE001  # whatever it is, the next round must run
            self._note(type(failure).__name__)

    def _note(self, kind: str) -> None:
        try:
            self.desk.note(None, EventTag.INCIDENT, outcome=Outcome.FAILED, kind=kind)
        except KioskError:
            return  # nowhere to write it down; the self-check looks at the journal itself

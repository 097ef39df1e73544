"""What has to be done by itself, however long nobody did it (R-04, R-06, E-09 to E-11, E-93, I-18).

Every job asks the registry what is still undone instead of what day it is: running them all twice, at two terminals, or
for the first time after a week does the same as running them on time.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from db.queries import codes, expiry_notices, open_cases
from db.queries import journal as journal_queries
from db.queries.expiry_notices import Telling
from kiosk.audit.checkpoints import is_due, make
from kiosk.audit.events import EventTag
from kiosk.audit.keeping import CheckpointFile
from kiosk.audit.trail import Outcome
from kiosk.errors import CaseNotOpen, KioskError
from kiosk.pki.signer import Signer
from kiosk.rules.cases import BEFORE_ISSUING, CaseState
from kiosk.rules.notices import NoticeKind, expired_days, expiring_days
from kiosk.rules.validity import jst_date
from kiosk.rules.verification import CodeEnd
from kiosk.services.crl.publishing import Publishing
from kiosk.services.desk.cases import give_back_medium, move, the_case
from kiosk.services.desk.codes import end_code_of
from kiosk.services.desk.guard import Desk
from kiosk.services.desk.locks import catch_up_lock_letters
from kiosk.services.desk.outbox import PRIORITIES

QUEUED_TOGETHER: Final = 16_000
"""Letters of one transaction: a code that is asked for meanwhile waits for so many at most."""
TURN_OF_OTHERS_S: Final = 0.11
"""Seconds between two such transactions. Whoever finds SQLite locked looks again after a tenth of a second: a shorter
pause would be missed, lot after lot."""
CODES_KEPT: Final = timedelta(hours=1)
"""A code that is too old is still told as such for a while, to whoever types it."""
DAY_OVER: Final = "day_over"
AT_WORK: Final = timedelta(hours=1)
"""Somebody may still be busy with a reception that was opened less long ago."""


class Job(StrEnum):
    """What is done, in this order."""

    LOCK_LETTERS = "lock_letters"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    CODES = "codes"
    RECEPTIONS = "receptions"
    CRL = "crl"
    CHECKPOINTS = "checkpoints"


@dataclass(frozen=True, kw_only=True)
class Done:
    """What came of one job."""

    job: Job
    count: int
    """Letters queued, codes ended, receptions voided, lists published, checkpoints made."""
    problem: str = ""
    """Why it was not done, as a message code or a kind of error; empty when it was."""


@dataclass(frozen=True, kw_only=True)
class Jobs:
    """Run what is due."""

    desk: Desk
    signer: Signer
    publishing: Publishing
    kept: CheckpointFile

    def run(self) -> tuple[Done, ...]:
        """Every job once; one that fails leaves its trace and does not keep the others from running. Never raises."""
        before = self._tell_locks()
        daily = tuple(self._attempt(job, work) for job, work in self._daily().items())
        return (before, *daily, *self._lists_and_checkpoints())

    def keep_up(self, *, closing: bool = False) -> tuple[Done, ...]:
        """The jobs that come up again within an hour; `closing` makes a last checkpoint (DOMAIN 3.4).

        A lock is told while it lasts.
        """
        return (self._tell_locks(), *self._lists_and_checkpoints(closing=closing))

    def _lists_and_checkpoints(self, *, closing: bool = False) -> tuple[Done, ...]:
        return (
            self._publish(),
            self._attempt(Job.CHECKPOINTS, lambda: self._checkpoints(closing=closing)),
        )

    def _tell_locks(self) -> Done:
        return self._attempt(Job.LOCK_LETTERS, lambda: catch_up_lock_letters(self.desk))

    def _publish(self) -> Done:
        """The list tells its own troubles, and goes on for as long as they last."""
        done = self._attempt(Job.CRL, lambda: int(self.publishing.publish_due()))
        trouble = self.publishing.trouble
        return Done(job=Job.CRL, count=0, problem=trouble) if trouble else done

    def _daily(self) -> dict[Job, Callable[[], int]]:
        return {
            Job.EXPIRING: lambda: self._tell(NoticeKind.EXPIRING),
            Job.EXPIRED: lambda: self._tell(NoticeKind.EXPIRED),
            Job.CODES: self._end_codes,
            Job.RECEPTIONS: self._void_receptions,
        }

    def _attempt(self, job: Job, work: Callable[[], int]) -> Done:
        try:
            return Done(job=job, count=work())
        except KioskError as refused:  # the registry is away or the key is locked: the self-check says so
            return Done(job=job, count=0, problem=refused.code)
        except Exception as failure:  # noqa: BLE001  # whatever it is, the other jobs and the next round must run
            self._note(job, type(failure).__name__)
            return Done(job=job, count=0, problem=type(failure).__name__)

    def _note(self, job: Job, kind: str) -> None:
        try:
            self.desk.note(None, EventTag.INCIDENT, outcome=Outcome.FAILED, kind=kind, job=job)
        except KioskError:
            return  # nowhere to write it down; the self-check looks at the journal itself

    def _tell(self, kind: NoticeKind) -> int:
        """Queue every letter that is missing, some thousand at a time, each lot with its journal entry."""
        telling = self._telling(kind)
        with self.desk.reaching(), self.desk.database.reading() as session:
            untold = expiry_notices.untold(session, telling)
        queued = 0
        for number, lot in enumerate(_lots(untold, QUEUED_TOGETHER)):
            if number:
                time.sleep(TURN_OF_OTHERS_S)
            queued += self._queue(telling, lot)
        return queued

    def _telling(self, kind: NoticeKind) -> Telling:
        today = jst_date(self.desk.clock.now())
        first, last = (expiring_days if kind is NoticeKind.EXPIRING else expired_days)(today)
        return Telling(kind=kind, first=first, last=last, priority=PRIORITIES[kind])

    def _queue(self, telling: Telling, certificate_pks: Sequence[int]) -> int:
        with self.desk.unattended(EventTag.NOTICE_QUEUED) as act:
            queued = expiry_notices.queue(act.session, telling, certificate_pks, act.now)
            if queued:
                act.record(kind=telling.kind, count=queued)
        return queued

    def _end_codes(self) -> int:
        with self.desk.reaching(), self.desk.database.reading() as session:
            old = codes.any_expired(session, self.desk.clock.now() - CODES_KEPT)
        if not old:
            return 0
        with self.desk.unattended(EventTag.CODES_ENDED) as act:
            ended = codes.end_expired(act.session, act.now - CODES_KEPT, act.now)
            if ended:
                act.record(count=ended)
        return ended

    def _void_receptions(self) -> int:
        """A reception is of its day: one that was left before the issue keeps its user and its stick from others.

        One that was opened shortly before midnight may be at work, and goes on (E-08).
        """
        now = self.desk.clock.now()
        with self.desk.reaching(), self.desk.database.reading() as session:
            left = open_cases.left_from_before(session, jst_date(now), BEFORE_ISSUING, now - AT_WORK)
        return sum(self._void(reception_no) for reception_no in left)

    def _void(self, reception_no: str) -> int:
        try:
            with self.desk.unattended(EventTag.RECEPTION_VOIDED, reception_no=reception_no) as act:
                case = the_case(act.session, reception_no, None, *BEFORE_ISSUING)
                end_code_of(act.session, case, CodeEnd.SESSION_OVER, act.now)
                give_back_medium(act.session, case, act.now, None)
                case.void_reason = DAY_OVER
                move(case, CaseState.VOIDED, act.now)
                act.record(reason=DAY_OVER)
        except CaseNotOpen:
            return 0  # somebody went on with it, or ended it, at this moment
        return 1

    def _checkpoints(self, *, closing: bool) -> int:
        """Sign the end of every chain this terminal writes: its screens, its commands, its mailers."""
        own = self.desk.trail.node.rpartition("/")[0] + "/"
        with self.desk.reaching(), self.desk.database.reading() as session:
            nodes = [head.node for head in journal_queries.heads(session) if head.node.startswith(own)]
        nodes.sort(key=lambda node: node == self.desk.trail.node)  # ours last: it notes the others
        made = [self._checkpoint(node) for node in nodes if self._is_due(node, closing=closing)]
        if any(made):
            self.kept.catch_up(self.desk.database)
        return sum(made)

    def _is_due(self, node: str, *, closing: bool) -> bool:
        with self.desk.reaching():
            return is_due(self.desk.database, node, self.desk.clock.now(), closing=closing)

    def _checkpoint(self, node: str) -> bool:
        made = make(
            self.desk.database,
            node,
            attest=self.signer.attest,
            key_id=self.signer.facts().key_id,
            now=self.desk.clock.now(),
        )
        if made is None:
            return False
        self.desk.note(None, EventTag.JOURNAL_CHECKPOINT, node=node, seq=made.seq)
        return True


def _lots(items: Sequence[int], size: int) -> list[Sequence[int]]:
    return [items[start : start + size] for start in range(0, len(items), size)]

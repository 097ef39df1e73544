"""Writing the journal: no entry, no act.

An entry is written in the transaction of the change it tells, so both are stored or neither is (I-12). Each writing
process has a chain of its own, named by its node, so that terminals never wait for each other.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col

from db.errors import is_busy
from db.tables import HighWater, JournalEntry, JournalHead, metadata
from kiosk.audit.chain import GENESIS, Body, Fact, canonical, link
from kiosk.audit.entry import SEARCHABLE, Outcome, Who, body_of
from kiosk.audit.events import EventTag
from kiosk.errors import ClockWrong, JournalNotWritable
from kiosk.rules.clock_watch import runs_back

__all__ = ["Outcome", "Trail", "Who"]

_FIRST_HEAD = text(
    "INSERT INTO journal_heads (node, seq, hash) VALUES (:node, 0, :hash) ON CONFLICT (node) DO NOTHING"
)
_ADVANCE = text(
    "INSERT INTO high_water (pk, at) VALUES (1, :now)"
    " ON CONFLICT (pk) DO UPDATE SET at = excluded.at WHERE high_water.at < excluded.at"
).bindparams(bindparam("now", type_=metadata.tables["high_water"].c.at.type))


@dataclass(frozen=True)
class Trail:
    """The journal of one writing process."""

    node: str
    """`branch/terminal/role`; no two processes write under the same node at the same time."""

    def record(
        self,
        session: Session,
        tag: EventTag,
        *,
        now: datetime,
        who: Who | None,
        outcome: Outcome = Outcome.DONE,
        reception_no: str | None = None,
        transaction: str | None = None,
        screen_id: str | None = None,
        user_id: str | None = None,
        serial: str | None = None,
        medium_no: str | None = None,
        code: str | None = None,
        before: str | None = None,
        after: str | None = None,
        strict: bool = False,
        **facts: Fact,
    ) -> int:
        """Append one entry in the caller's transaction and give its number, gap-free from 1.

        It comes last in a transaction: it locks the head of the chain and the clock's high-water mark until the
        commit. `now` is aware; `who` is None when the program acts by itself. A refused act is recorded in a
        transaction that commits, and the refusal is raised after it.

        Raises `ClockWrong` when `strict` and the clock stands before the newest record (E-91), `JournalNotWritable`
        when the entry cannot be stored, and `kiosk.audit.entry.NotForTheJournal` for a value no entry may hold.
        """
        session.flush()  # the caller's own rows first: what fails below is the journal and nothing else
        try:
            if strict and _clock_runs_back(session, now):
                raise ClockWrong
            last, previous = self._head_for_update(session)
            body = body_of(
                node=self.node,
                seq=last + 1,
                now=now,
                tag=tag,
                outcome=outcome,
                who=who,
                fields={
                    "reception_no": reception_no,
                    "transaction": transaction,
                    "screen_id": screen_id,
                    "user_id": user_id,
                    "serial": serial,
                    "medium_no": medium_no,
                    "code": code,
                    "before": before,
                    "after": after,
                },
                facts=facts,
            )
            self._append(session, now, body, last, previous)
            session.execute(_ADVANCE, {"now": now})
        except DBAPIError as error:
            if error.connection_invalidated or is_busy(error):
                raise  # the whole registry is out of reach, not the journal
            raise JournalNotWritable from error
        return last + 1

    def _head_for_update(self, session: Session) -> tuple[int, bytes]:
        """Number and hash of the newest entry; the lock is held until the commit."""
        head = (
            select(col(JournalHead.seq), col(JournalHead.hash))
            .where(col(JournalHead.node) == self.node)
            .with_for_update()
        )
        found = session.execute(head).one_or_none()
        if found is None:
            # Two first entries at once: one inserts, the other waits for it here and finds its head below.
            session.execute(_FIRST_HEAD, {"node": self.node, "hash": GENESIS})
            found = session.execute(head).one()
        return found.seq, found.hash

    def _append(self, session: Session, now: datetime, body: Body, last: int, previous: bytes) -> None:
        stored = canonical(body)
        hashed = link(previous, stored)
        session.execute(
            insert(JournalEntry).values(
                node=self.node,
                seq=last + 1,
                at=now,
                body=stored,
                previous_hash=previous,
                hash=hashed,
                **{column: body[column] for column in SEARCHABLE},
            )
        )
        session.execute(
            update(JournalHead).where(col(JournalHead.node) == self.node).values(seq=last + 1, hash=hashed)
        )


def _clock_runs_back(session: Session, now: datetime) -> bool:
    newest = session.execute(select(col(HighWater.at))).scalar_one_or_none()
    return newest is not None and runs_back(newest, now)

"""Writing the journal: no entry, no act.

An entry is written in the transaction of the change it tells, so both are stored or neither is (I-12). Each writing
process has a chain of its own, named by its node, so that terminals never wait for each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import Connection, bindparam, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col

from db.errors import is_busy
from db.tables import HighWater, metadata
from kiosk.audit.chain import GENESIS, Fact, canonical, link
from kiosk.audit.entry import LONGEST, SEARCHABLE, Outcome, Who, body_of
from kiosk.audit.events import EventTag
from kiosk.errors import ClockWrong, JournalNotWritable
from kiosk.rules.clock_watch import runs_back

__all__ = ["Draft", "Outcome", "Trail", "Who", "draft_of"]

_NO_FIELDS: Final[Mapping[str, None]] = dict.fromkeys(LONGEST.keys() - Who.__dataclass_fields__.keys())

_FIRST_HEAD = text(
    "INSERT INTO journal_heads (node, seq, hash) VALUES (:node, 0, :hash) ON CONFLICT (node) DO NOTHING"
)
_ADVANCE = text(
    "INSERT INTO high_water (pk, at) VALUES (1, :now)"
    " ON CONFLICT (pk) DO UPDATE SET at = excluded.at WHERE high_water.at < excluded.at"
).bindparams(bindparam("now", type_=metadata.tables["high_water"].c.at.type))
_HEADS = metadata.tables["journal_heads"]
_HEAD = select(_HEADS.c.seq, _HEADS.c.hash).where(_HEADS.c.node == bindparam("at_node")).with_for_update()
_MOVE_HEAD = update(_HEADS).where(_HEADS.c.node == bindparam("at_node"))
_APPEND = insert(metadata.tables["journal"])
"""Made once: several of them run with every act."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """An entry that is about to be written."""

    tag: EventTag
    outcome: Outcome = Outcome.DONE
    fields: Mapping[str, str | None] = field(default_factory=dict)
    """Any of `kiosk.audit.entry.LONGEST` that do not tell who acted."""
    facts: Mapping[str, Fact] = field(default_factory=dict)


def draft_of(tag: EventTag, outcome: Outcome, told: Mapping[str, Fact]) -> Draft:
    """An entry out of everything that is told of an act, the fields of its own among it."""
    fields = {name: cast("str | None", told[name]) for name in told.keys() & _NO_FIELDS.keys()}
    facts = {name: value for name, value in told.items() if name not in fields}
    return Draft(tag=tag, outcome=outcome, fields=fields, facts=facts)


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
        fields = {
            "reception_no": reception_no,
            "transaction": transaction,
            "screen_id": screen_id,
            "user_id": user_id,
            "serial": serial,
            "medium_no": medium_no,
            "code": code,
            "before": before,
            "after": after,
        }
        draft = Draft(tag=tag, outcome=outcome, fields=fields, facts=facts)
        return self.record_all(session, (draft,), now=now, who=who, strict=strict)

    def record_all(
        self,
        session: Session,
        drafts: Sequence[Draft],
        *,
        now: datetime,
        who: Who | None,
        strict: bool = False,
    ) -> int:
        """The same for several entries of one moment, in their order; the number of the last, or 0 without any."""
        session.flush()  # the caller's own rows first: what fails below is the journal and nothing else
        if not drafts:
            return 0
        try:
            connection = session.connection()
            if strict and _clock_runs_back(connection, now):
                raise ClockWrong
            last, previous = self._head_for_update(connection)
            rows = []
            for draft in drafts:
                last += 1
                rows.append(self._row(draft, last, previous, now, who))
                previous = rows[-1]["hash"]
            connection.execute(_APPEND, rows)
            connection.execute(_MOVE_HEAD, {"at_node": self.node, "seq": last, "hash": previous})
            connection.execute(_ADVANCE, {"now": now})
        except DBAPIError as error:
            if error.connection_invalidated or is_busy(error):
                raise  # the whole registry is out of reach, not the journal
            raise JournalNotWritable from error
        return last

    def _head_for_update(self, connection: Connection) -> tuple[int, bytes]:
        """Number and hash of the newest entry; the lock is held until the commit."""
        asked = {"at_node": self.node}
        found = connection.execute(_HEAD, asked).one_or_none()
        if found is None:
            # Two first entries at once: one inserts, the other waits for it here and finds its head below.
            connection.execute(_FIRST_HEAD, {"node": self.node, "hash": GENESIS})
            found = connection.execute(_HEAD, asked).one()
        return found.seq, found.hash

    def _row(self, draft: Draft, seq: int, previous: bytes, now: datetime, who: Who | None) -> dict[str, Any]:
        body = body_of(
            node=self.node,
            seq=seq,
            now=now,
            tag=draft.tag,
            outcome=draft.outcome,
            who=who,
            fields={**_NO_FIELDS, **draft.fields},
            facts=draft.facts,
        )
        stored = canonical(body)
        return {
            "node": self.node,
            "seq": seq,
            "at": now,
            "body": stored,
            "previous_hash": previous,
            "hash": link(previous, stored),
            **{column: body[column] for column in SEARCHABLE},
        }


def _clock_runs_back(connection: Connection, now: datetime) -> bool:
    newest = connection.execute(select(col(HighWater.at))).scalar_one_or_none()
    return newest is not None and runs_back(newest, now)

"""Reading and verifying the journal."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from db.queries import journal_pages
from db.queries.journal_pages import Position, Wanted
from db.tables import JournalEntry
from kiosk.audit.events import EventTag
from kiosk.audit.keeping import CheckpointFile
from kiosk.audit.trail import Outcome
from kiosk.audit.verifying import Finding, Tampering, verify
from kiosk.errors import BadInput, JournalNotWritable
from kiosk.rules.credentials import check_user_id
from kiosk.rules.roles import Permission
from kiosk.rules.validity import day_start
from kiosk.services.acting import Actor
from kiosk.services.desk.guard import Desk, branch_scope
from kiosk.services.desk.new_entries import require_name

__all__ = [
    "EventTag",
    "Finding",
    "Journal",
    "JournalFilter",
    "JournalLine",
    "JournalPage",
    "Position",
    "Tampering",
]

LINES_ON_A_PAGE: Final = 100
OUT_OF_RANGE: Final = "out_of_range"
LONGEST_RECEPTION_NO: Final = 40


@dataclass(frozen=True, kw_only=True)
class JournalFilter:
    """Which entries to show; what is left out does not matter."""

    day: date | None = None
    """A day in Japan."""
    tag: EventTag | None = None
    staff_id: str = ""
    user_id: str = ""
    reception_no: str = ""


@dataclass(frozen=True, kw_only=True)
class JournalLine:
    """One entry."""

    node: str
    seq: int
    at: datetime
    tag: str
    outcome: str
    staff_id: str | None
    branch_no: str | None
    terminal_no: str | None
    reception_no: str | None
    user_id: str | None
    serial: str | None
    details: dict[str, Any] = field(default_factory=dict)
    """Everything the entry holds, as it was hashed; empty when it cannot be read any more."""
    hash: str
    """Hexadecimal."""


@dataclass(frozen=True, kw_only=True)
class JournalPage:
    """Entries newest first, and where the next page begins."""

    lines: tuple[JournalLine, ...]
    next_page: Position | None


@dataclass(frozen=True, kw_only=True)
class Journal:
    """The journal for those who may read it; reading it is journaled too."""

    desk: Desk
    public_key: Callable[[], bytes]
    """The raw Ed25519 key that checkpoints are signed with."""
    kept: CheckpointFile
    """Checkpoints outside the database."""

    def entries(
        self,
        actor: Actor,
        wanted: JournalFilter,
        *,
        behind: Position | None = None,
        limit: int = LINES_ON_A_PAGE,
    ) -> JournalPage:
        """A page of entries: of the own branch's terminals, or of all for those who see all branches (E-94).

        Raises `BadInput` for a filter that cannot match anything, and `NotPermitted`.
        """
        narrowed = _narrowed(wanted, None if branch_scope(actor) is None else actor.terminal.branch_no)
        with self.desk.looking(actor, Permission.READ_JOURNAL) as look:
            rows = journal_pages.newest_first(look.session, narrowed, behind, limit + 1)
        page = tuple(_line(row) for row in rows[:limit])
        more = Position(rows[limit - 1].at, rows[limit - 1].pk) if len(rows) > limit else None
        self.desk.note(
            actor,
            EventTag.JOURNAL_INQUIRED,
            user_id=wanted.user_id if page and wanted.user_id else None,
            found=len(page),
            day=None if wanted.day is None else wanted.day.isoformat(),
            kind=wanted.tag,
        )
        return JournalPage(lines=page, next_page=more)

    def verify(self, actor: Actor | None, *, newest: int | None = None) -> tuple[Finding, ...]:
        """What is wrong with the journal, by chain and position; empty when it is as it was written (I-13, I-25).

        `actor` is None for the command line. With `newest`, only so many entries of each chain are looked at.
        The result is journaled. Raises `NotPermitted`, `AccountChanged`, `SignerUnavailable` without the key,
        `JournalNotWritable` when the kept checkpoints cannot be read.
        """
        if actor is not None:
            with self.desk.looking(actor, Permission.READ_JOURNAL):
                pass  # nothing of this look is needed, but it asks for the account as it stands
        with self.desk.reaching():
            try:
                kept = self.kept.read()
            except OSError as error:
                raise JournalNotWritable from error
            found = verify(self.desk.database, self.public_key(), kept, newest=newest)
        if found:
            first = found[0]
            self.desk.note(
                actor,
                EventTag.JOURNAL_BROKEN,
                outcome=Outcome.FAILED,
                found=len(found),
                first_node=first.node,
                first_seq=first.seq,
                first_kind=first.kind,
            )
        else:
            self.desk.note(actor, EventTag.JOURNAL_VERIFIED, kept=len(kept))
        return found


def _narrowed(wanted: JournalFilter, branch_no: str | None) -> Wanted:
    problem = check_user_id(wanted.user_id) if wanted.user_id else None
    if problem is not None:
        raise BadInput(field="user_id", problem=problem)
    if wanted.staff_id:
        require_name("staff_id", wanted.staff_id, 20)
    if wanted.reception_no:
        require_name("reception_no", wanted.reception_no.replace("-", "0"), LONGEST_RECEPTION_NO)
    since, until = _span(wanted.day)
    return Wanted(
        since=since,
        until=until,
        branch_no=branch_no,
        tag=wanted.tag,
        staff_id=wanted.staff_id or None,
        user_id=wanted.user_id or None,
        reception_no=wanted.reception_no or None,
    )


def _span(day: date | None) -> tuple[datetime | None, datetime | None]:
    """A day in Japan, from its first moment to the first of the next."""
    if day is None:
        return None, None
    try:
        return day_start(day), day_start(day + timedelta(days=1))
    except OverflowError:
        raise BadInput(field="day", problem=OUT_OF_RANGE) from None


def _line(row: JournalEntry) -> JournalLine:
    return JournalLine(
        node=row.node,
        seq=row.seq,
        at=row.at,
        tag=row.tag,
        outcome=row.outcome,
        staff_id=row.staff_id,
        branch_no=row.branch_no,
        terminal_no=row.terminal_no,
        reception_no=row.reception_no,
        user_id=row.user_id,
        serial=row.serial,
        details=_details(row.body),
        hash=row.hash.hex(),
    )


def _details(body: bytes) -> dict[str, Any]:
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}

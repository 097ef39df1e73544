"""402 期限到来一覧: whose certificate ends soon or has ended, who was told, and the list as a file (S710)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

from sqlmodel import Session

from db.queries import expiring
from db.queries.expiring import Expiring, LetterOfEnd, Place, Wanted
from kiosk.audit.events import EventTag
from kiosk.audit.trail import Outcome
from kiosk.errors import ExportFailed, NoExportFolder
from kiosk.rules.notices import NoticeState
from kiosk.rules.operations import Transaction
from kiosk.rules.renewals import RenewalList, span_of
from kiosk.rules.roles import Permission
from kiosk.rules.texts import mask_email
from kiosk.rules.users import UserRole
from kiosk.rules.validity import JST, CertificateStanding, jst_date, standing
from kiosk.services.acting import Actor
from kiosk.services.desk.guard import Desk
from kiosk.services.overview._exporting import free_name, write_table
from kiosk.services.overview._weeks import weeks_of_window
from kiosk.services.views import WeekCount

__all__ = [
    "ExpiringCounts",
    "ExpiringPage",
    "ExpiringRow",
    "Export",
    "OrganizationLine",
    "Place",
    "RenewalList",
    "Renewals",
]

LINES_ON_A_PAGE: Final = 500
EXPORTED_AT_ONCE: Final = 2_000


@dataclass(frozen=True, kw_only=True)
class ExpiringRow:
    """One certificate and whom it belongs to."""

    serial: str
    user_pk: int
    user_id: str
    name: str
    kana: str
    role: UserRole
    masked_email: str
    organization_code: str
    organization_name: str
    branch_no: str
    branch_name: str
    last_valid_date: date
    days_left: int
    """Negative once it has expired."""
    standing: CertificateStanding
    told: NoticeState | None
    """What became of the newest letter about this end; None when none was decided on."""
    told_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class ExpiringPage:
    """Lines by organization, and where the next page begins."""

    rows: tuple[ExpiringRow, ...]
    next_page: Place | None


@dataclass(frozen=True, kw_only=True)
class OrganizationLine:
    """An organization and how many of its lines stand on the list."""

    code: str
    name: str
    count: int


@dataclass(frozen=True, kw_only=True)
class ExpiringCounts:
    """How long each list is, and how the renewal window fills."""

    lengths: Mapping[RenewalList, int]
    weeks: tuple[WeekCount, ...]
    """Of the renewal window, from today on."""


@dataclass(frozen=True, kw_only=True)
class Export:
    """A file that was written."""

    path: Path
    count: int


@dataclass(frozen=True, kw_only=True)
class Renewals:
    """Lists of the operator's branch, or of all branches for those who may see them (E-94)."""

    desk: Desk
    export_folder: Path | None
    """Where files go; None where no folder is set."""

    def counts(self, actor: Actor) -> ExpiringCounts:
        """Numbers only, so nothing is journaled. Raises `NotPermitted`."""
        with self.desk.looking(actor, Permission.INQUIRE) as look:
            today = jst_date(look.now)
            days = {
                listed: expiring.by_day(look.session, _wanted(listed, today), look.scope)
                for listed in RenewalList
            }
        return ExpiringCounts(
            lengths={listed: sum(counted.values()) for listed, counted in days.items()},
            weeks=weeks_of_window(days[RenewalList.WINDOW], today),
        )

    def organizations(self, actor: Actor, listed: RenewalList) -> tuple[OrganizationLine, ...]:
        """Which organizations stand on a list, by their codes; no names of persons. Raises `NotPermitted`."""
        with self.desk.looking(actor, Permission.INQUIRE) as look:
            found = expiring.by_organization(look.session, _wanted(listed, jst_date(look.now)), look.scope)
        return tuple(OrganizationLine(code=line.code, name=line.name, count=line.lines) for line in found)

    def lines(
        self,
        actor: Actor,
        listed: RenewalList,
        organization_code: str | None = None,
        *,
        behind: Place | None = None,
        limit: int = LINES_ON_A_PAGE,
    ) -> ExpiringPage:
        """A page of a list, of one organization or of all: by organization, then those that end first.

        Names are personal data, so each look is journaled. Raises `NotPermitted`.
        """
        with self.desk.acting(
            actor, Permission.INQUIRE, EventTag.EXPIRING_LISTED, transaction=Transaction.EXPIRY_LIST
        ) as act:
            found = expiring.page(
                act.session,
                _wanted(listed, jst_date(act.now), organization_code),
                act.scope,
                behind,
                limit + 1,
            )
            rows = _rows(act.session, found[:limit], act.now)
            act.record(kind=listed, organization=organization_code, found=len(rows))
        return ExpiringPage(rows=rows, next_page=found[limit - 1].place if len(found) > limit else None)

    def export(
        self,
        actor: Actor,
        listed: RenewalList,
        organization_code: str | None,
        heading: Sequence[str],
        cells: Callable[[ExpiringRow], Sequence[str]],
    ) -> Export:
        """Write a whole list into the folder of the settings; `cells` says in which words a row reads.

        The journal tells of the file before it is there, because names leave the registry with it. Raises
        `NoExportFolder`, `ExportFailed` and `NotPermitted`.
        """
        self.desk.require(actor, Permission.INQUIRE)
        folder = self.export_folder
        if folder is None:
            raise self.desk.refusal(actor, NoExportFolder(), EventTag.LIST_EXPORTED, {"kind": listed})
        rows, now = self._all(actor, listed, organization_code)
        stem = f"{listed}-{actor.terminal.branch_no}-{now.astimezone(JST):%Y%m%d-%H%M%S}"
        name = free_name(folder, stem)
        self.desk.note(
            actor,
            EventTag.LIST_EXPORTED,
            transaction=Transaction.EXPIRY_LIST,
            kind=listed,
            organization=organization_code,
            found=len(rows),
            file=name,
        )
        try:
            path = write_table(folder, name, [heading, *(cells(row) for row in rows)])
        except ExportFailed as failed:
            self.desk.note(actor, EventTag.LIST_EXPORTED, outcome=Outcome.FAILED, code=failed.code, file=name)
            raise
        return Export(path=path, count=len(rows))

    def _all(
        self, actor: Actor, listed: RenewalList, organization_code: str | None
    ) -> tuple[list[ExpiringRow], datetime]:
        """One consistent look, however long the list is."""
        with self.desk.looking(actor, Permission.INQUIRE) as look:
            wanted = _wanted(listed, jst_date(look.now), organization_code)
            rows = [row for page in _pages(look.session, wanted, look.scope, look.now) for row in page]
        return rows, look.now


def _wanted(listed: RenewalList, today: date, organization_code: str | None = None) -> Wanted:
    span = span_of(listed, today)
    return Wanted(
        first=span.first,
        last=span.last,
        organization_code=organization_code,
        undeliverable=listed is RenewalList.UNDELIVERABLE,
    )


def _pages(
    session: Session, wanted: Wanted, scope: int | None, now: datetime
) -> Iterator[tuple[ExpiringRow, ...]]:
    behind: Place | None = None
    while True:
        found = expiring.page(session, wanted, scope, behind, EXPORTED_AT_ONCE)
        yield _rows(session, found, now)
        if len(found) < EXPORTED_AT_ONCE:
            return
        behind = found[-1].place


def _rows(session: Session, found: Sequence[Expiring], now: datetime) -> tuple[ExpiringRow, ...]:
    letters = expiring.letters_about(session, [row.certificate_pk for row in found])
    newest = {letter.certificate_pk: letter for letter in letters}
    return tuple(_row(row, newest.get(row.certificate_pk), now) for row in found)


def _row(row: Expiring, letter: LetterOfEnd | None, now: datetime) -> ExpiringRow:
    return ExpiringRow(
        serial=row.serial,
        user_pk=row.user_pk,
        user_id=row.user_id,
        name=row.name,
        kana=row.kana,
        role=UserRole(row.role),
        masked_email=mask_email(row.email),
        organization_code=row.organization_code,
        organization_name=row.organization_name,
        branch_no=row.branch_no,
        branch_name=row.branch_name,
        last_valid_date=row.last_valid_date,
        days_left=(row.last_valid_date - jst_date(now)).days,
        standing=standing(row.last_valid_date, False, now),
        told=None if letter is None else NoticeState(letter.state),
        told_at=None if letter is None else letter.at,
    )

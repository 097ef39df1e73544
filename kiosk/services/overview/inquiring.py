"""403 取引照会: receptions of today and of years ago, and what became of one (S220). Nothing is changed here."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from db.queries import case_pages
from db.queries.case_pages import CaseLine, Wanted, WholeCase
from db.tables import Certificate, Delivery, JournalEntry
from kiosk.audit.events import EventTag
from kiosk.errors import BadInput, CaseNotOpen
from kiosk.rules.cases import OPEN_STATES, CaseState
from kiosk.rules.certificates import CertificateState
from kiosk.rules.credentials import check_user_id
from kiosk.rules.deliveries import DeliveryState
from kiosk.rules.operations import Transaction
from kiosk.rules.roles import Permission
from kiosk.services.acting import Actor
from kiosk.services.desk.guard import Desk
from kiosk.services.desk.new_entries import require_name

__all__ = ["CaseDetail", "CaseEvent", "CaseFilter", "CaseRow", "Inquiries", "Shown"]

LINES_ON_A_PAGE: Final = 100
LONGEST_RECEPTION_NO: Final = 40


class Shown(StrEnum):
    """Which receptions, by how far they are."""

    ALL = "all"
    OPEN = "open"
    DONE = "done"
    VOIDED = "voided"


_STATES: Final = {
    Shown.ALL: None,
    Shown.OPEN: frozenset(map(str, OPEN_STATES)),
    Shown.DONE: frozenset({str(CaseState.DONE)}),
    Shown.VOIDED: frozenset({str(CaseState.VOIDED)}),
}


@dataclass(frozen=True, kw_only=True)
class CaseFilter:
    """Which receptions to show; what is left out does not matter."""

    reception_no: str = ""
    day: date | None = None
    """A business date in Japan."""
    user_id: str = ""
    staff_id: str = ""
    shown: Shown = Shown.ALL


@dataclass(frozen=True, kw_only=True)
class CaseRow:
    """A line of the list."""

    reception_no: str
    opened_at: datetime
    transaction: Transaction | None
    state: CaseState
    user_id: str
    name: str
    """Of the user, or of the visitor while no user was chosen."""
    staff_id: str
    staff_name: str


@dataclass(frozen=True, kw_only=True)
class CasePage:
    """Lines newest first, and where the next page begins."""

    rows: tuple[CaseRow, ...]
    next_page: int | None


@dataclass(frozen=True, kw_only=True)
class CaseEvent:
    """One thing the journal tells of a reception."""

    at: datetime
    tag: str
    outcome: str
    code: str
    """The message code of a refusal; empty for what was done."""
    staff_id: str
    approver: str
    terminal: str
    """Branch and terminal, such as `012-01`; empty for the program itself."""


@dataclass(frozen=True, kw_only=True)
class CaseCertificate:
    """A certificate that came out of a reception."""

    serial: str
    state: CertificateState
    last_valid_date: date
    file_name: str
    """Of the p12; empty before it was written."""
    delivery: DeliveryState | None
    handed_over_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class CaseDetail:
    """Everything about one reception that may be shown."""

    row: CaseRow
    branch: str
    terminal_no: str
    business_date: date
    closed_at: datetime | None
    form_no: str
    channel: str
    visitor_kind: str
    visitor_name: str
    document_type: str
    document_last4: str
    """Empty where nothing of the number is kept."""
    checked_by: tuple[tuple[str, str], ...]
    """Check and staff ID, for what was checked: the four names of the form (DOMAIN 2.3)."""
    organization_name: str
    medium_no: str
    pc_alias: str
    void_reason: str
    certificates: tuple[CaseCertificate, ...]
    timeline: tuple[CaseEvent, ...]
    """Oldest first."""


@dataclass(frozen=True, kw_only=True)
class Inquiries:
    """Receptions of the operator's branch, or of all branches for those who may see them (E-94)."""

    desk: Desk

    def find(
        self, actor: Actor, wanted: CaseFilter, *, behind: int | None = None, limit: int = LINES_ON_A_PAGE
    ) -> CasePage:
        """A page of receptions; names are personal data, so each look is journaled.

        Raises `BadInput` for a filter that cannot match anything, and `NotPermitted`.
        """
        narrowed = _narrowed(wanted)
        with self.desk.acting(
            actor, Permission.INQUIRE, EventTag.CASES_SEARCHED, transaction=Transaction.CASE_INQUIRY
        ) as act:
            found = case_pages.newest_first(act.session, narrowed, act.scope, behind, limit + 1)
            rows = tuple(map(_row, found[:limit]))
            act.record(
                found=len(rows),
                day=None if wanted.day is None else wanted.day.isoformat(),
                user_id=wanted.user_id if rows and wanted.user_id else None,
            )
        return CasePage(rows=rows, next_page=found[limit - 1].case.pk if len(found) > limit else None)

    def detail(self, actor: Actor, reception_no: str) -> CaseDetail:
        """One reception with its timeline; journaled. Raises `CaseNotOpen` when it is unknown in this branch."""
        with self.desk.acting(
            actor,
            Permission.INQUIRE,
            EventTag.CASE_INQUIRED,
            transaction=Transaction.CASE_INQUIRY,
            reception_no=reception_no if _is_a_number(reception_no) else None,
        ) as act:
            found = case_pages.whole(act.session, reception_no, act.scope)
            if found is None:
                raise CaseNotOpen(reception_no=reception_no, state="unknown")
            detail = _detail(
                found,
                case_pages.certificates_of(act.session, found.case.pk),
                case_pages.entries_of(act.session, reception_no),
            )
            act.record(user_id=detail.row.user_id or None)
        return detail


def _is_a_number(text: str) -> bool:
    """What was typed into the wrong field may be anything; the journal repeats numbers only."""
    return len(text) <= LONGEST_RECEPTION_NO and text.replace("-", "").isdigit() and text.isascii()


def _narrowed(wanted: CaseFilter) -> Wanted:
    problem = check_user_id(wanted.user_id) if wanted.user_id else None
    if problem is not None:
        raise BadInput(field="user_id", problem=problem)
    if wanted.staff_id:
        require_name("staff_id", wanted.staff_id, 20)
    if wanted.reception_no:
        require_name("reception_no", wanted.reception_no.replace("-", "0"), LONGEST_RECEPTION_NO)
    return Wanted(
        reception_no=wanted.reception_no or None,
        day=wanted.day,
        user_id=wanted.user_id or None,
        staff_id=wanted.staff_id or None,
        states=_STATES[wanted.shown],
    )


def _row(line: CaseLine) -> CaseRow:
    case, staff, user = line
    return CaseRow(
        reception_no=case.reception_no,
        opened_at=case.opened_at,
        transaction=None if case.transaction is None else Transaction(case.transaction),
        state=CaseState(case.state),
        user_id="" if user is None else user.user_id,
        name=case.visitor_name if user is None else user.name,
        staff_id=staff.staff_id,
        staff_name=staff.name,
    )


def _detail(
    found: WholeCase,
    certificates: tuple[tuple[Certificate, Delivery | None], ...],
    entries: tuple[JournalEntry, ...],
) -> CaseDetail:
    case, evidence = found.case, found.evidence
    checks = (
        {}
        if evidence is None
        else {
            "form": evidence.form_checked_by,
            "seal": evidence.seal_checked_by,
            "identity": evidence.identity_checked_by,
            "authority": evidence.authority_checked_by,
        }
    )
    return CaseDetail(
        row=_row(CaseLine(case, found.staff, found.user)),
        branch=f"{found.branch.branch_no} {found.branch.name}",
        terminal_no=found.terminal.terminal_no,
        business_date=case.business_date,
        closed_at=case.closed_at,
        form_no=case.form_no,
        channel=case.channel,
        visitor_kind=case.visitor_kind,
        visitor_name=case.visitor_name,
        document_type="" if evidence is None else evidence.document_type,
        document_last4="" if evidence is None else evidence.document_last4.strip("-"),
        checked_by=tuple((check, staff) for check, staff in checks.items() if staff is not None),
        organization_name="" if found.organization is None else found.organization.name,
        medium_no=case.medium_no or "",
        pc_alias=case.pc_alias,
        void_reason=case.void_reason or "",
        certificates=tuple(_certificate(*pair) for pair in certificates),
        timeline=tuple(map(_event, entries)),
    )


def _certificate(certificate: Certificate, delivery: Delivery | None) -> CaseCertificate:
    return CaseCertificate(
        serial=certificate.serial,
        state=CertificateState(certificate.state),
        last_valid_date=certificate.last_valid_date,
        file_name="" if delivery is None else delivery.file_name,
        delivery=None if delivery is None else DeliveryState(delivery.state),
        handed_over_at=None if delivery is None else delivery.handed_over_at,
        revoked_at=certificate.revoked_at,
    )


def _event(entry: JournalEntry) -> CaseEvent:
    body = _body(entry)
    return CaseEvent(
        at=entry.at,
        tag=entry.tag,
        outcome=entry.outcome,
        code=str(body.get("code") or ""),
        staff_id=entry.staff_id or "",
        approver=str(body.get("approver") or ""),
        terminal="-".join(filter(None, (entry.branch_no, entry.terminal_no))),
    )


def _body(entry: JournalEntry) -> dict[str, Any]:
    """An entry that cannot be read is told by the verification of the journal, not here."""
    try:
        read = json.loads(entry.body)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}

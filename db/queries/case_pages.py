"""Receptions as somebody looks them up: newest first, narrowed down, a page at a time; and everything about one."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlmodel import Session, col, select

from db.queries._scope import within
from db.tables import (
    Branch,
    Case,
    Certificate,
    Delivery,
    IdentityEvidence,
    JournalEntry,
    Organization,
    Staff,
    Terminal,
    User,
)

MOST_ENTRIES = 500
"""Of the timeline of one reception."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which receptions; what is None does not matter."""

    reception_no: str | None = None
    day: date | None = None
    """The business date."""
    user_id: str | None = None
    staff_id: str | None = None
    """Who opened it."""
    states: frozenset[str] | None = None


class CaseLine(NamedTuple):
    """A reception, who opened it and whom it is about."""

    case: Case
    staff: Staff
    user: User | None


class WholeCase(NamedTuple):
    """A reception with everything that belongs to it."""

    case: Case
    staff: Staff
    branch: Branch
    terminal: Terminal
    user: User | None
    organization: Organization | None
    evidence: IdentityEvidence | None


def newest_first(
    session: Session, wanted: Wanted, branch_pk: int | None, before: int | None, limit: int
) -> tuple[CaseLine, ...]:
    """At most `limit` receptions that were opened before the one in row `before`."""
    statement = (
        select(Case, Staff, User)
        .join(Staff, col(Staff.pk) == col(Case.staff_pk))
        .join(User, col(User.pk) == col(Case.user_pk), isouter=True)
    )
    if wanted.reception_no is not None:
        statement = statement.where(col(Case.reception_no) == wanted.reception_no)
    if wanted.day is not None:
        statement = statement.where(col(Case.business_date) == wanted.day)
    if wanted.user_id is not None:
        statement = statement.where(col(User.user_id) == wanted.user_id)
    if wanted.staff_id is not None:
        statement = statement.where(col(Staff.staff_id) == wanted.staff_id)
    if wanted.states is not None:
        statement = statement.where(col(Case.state).in_(wanted.states))
    if before is not None:
        statement = statement.where(col(Case.pk) < before)
    statement = within(statement, Case.branch_pk, branch_pk).order_by(col(Case.pk).desc()).limit(limit)
    return tuple(CaseLine(*row) for row in session.exec(statement))


def whole(session: Session, reception_no: str, branch_pk: int | None) -> WholeCase | None:
    """The reception of this number with everything that belongs to it."""
    statement = (
        select(Case, Staff, Branch, Terminal)
        .join(Staff, col(Staff.pk) == col(Case.staff_pk))
        .join(Branch, col(Branch.pk) == col(Case.branch_pk))
        .join(Terminal, col(Terminal.pk) == col(Case.terminal_pk))
        .where(col(Case.reception_no) == reception_no)
    )
    found = session.exec(within(statement, Case.branch_pk, branch_pk)).one_or_none()
    if found is None:
        return None
    case, staff, branch, terminal = found
    user = None if case.user_pk is None else session.get_one(User, case.user_pk)
    organization = None if user is None else session.get_one(Organization, user.organization_pk)
    evidence = session.exec(
        select(IdentityEvidence).where(col(IdentityEvidence.case_pk) == case.pk)
    ).one_or_none()
    return WholeCase(case, staff, branch, terminal, user, organization, evidence)


def certificates_of(session: Session, case_pk: int) -> tuple[tuple[Certificate, Delivery | None], ...]:
    """The certificates that came out of a reception, voided reservations included, oldest first."""
    statement = (
        select(Certificate, Delivery)
        .join(Delivery, col(Delivery.certificate_pk) == col(Certificate.pk), isouter=True)
        .where(col(Certificate.case_pk) == case_pk)
        .order_by(col(Certificate.pk))
    )
    return tuple((certificate, delivery) for certificate, delivery in session.exec(statement))


def entries_of(session: Session, reception_no: str) -> tuple[JournalEntry, ...]:
    """What the journal tells of a reception, whatever terminal wrote it, oldest first."""
    statement = select(JournalEntry).where(col(JournalEntry.reception_no) == reception_no)
    in_order = statement.order_by(col(JournalEntry.at), col(JournalEntry.pk)).limit(MOST_ENTRIES)
    return tuple(session.exec(in_order))

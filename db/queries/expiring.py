"""Certificates whose end is near or past and that were not renewed, organization by organization (R-04, R-06).

A branch has thousands of lines, the registry hundreds of thousands. The tables are walked in the order that is written
here: CROSS JOIN tells SQLite so, which would otherwise read every certificate of the month to find those of a branch;
PostgreSQL chooses for itself. Organizations first, a page ends as soon as it is full.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Date, bindparam, func, select, text
from sqlmodel import Session, col

from db.tables import Notice


class Place(NamedTuple):
    """Where a page ended; the next one begins behind it."""

    organization_code: str
    last_valid_date: date
    certificate_pk: int


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which certificates, by their last valid day, ends included."""

    first: date
    last: date
    organization_code: str | None = None
    undeliverable: bool = False
    """Only users whose newest letter that came to an end was refused by the mail server."""


class Expiring(NamedTuple):
    """A line of the list."""

    organization_code: str
    last_valid_date: date
    certificate_pk: int
    serial: str
    user_pk: int
    user_id: str
    name: str
    kana: str
    role: str
    email: str
    organization_name: str
    branch_no: str
    branch_name: str

    @property
    def place(self) -> Place:
        """For the page behind it."""
        return Place(self.organization_code, self.last_valid_date, self.certificate_pk)


class OrganizationCount(NamedTuple):
    """How many lines an organization has."""

    code: str
    name: str
    lines: int


class LetterOfEnd(NamedTuple):
    """What became of a letter about the end of a certificate."""

    certificate_pk: int
    kind: str
    state: str
    at: datetime
    """When it left, or when it was decided on."""


_BY_ORGANIZATION: Final = "organizations o CROSS JOIN customers u CROSS JOIN certificates c"
_BY_CERTIFICATE: Final = "certificates c CROSS JOIN customers u CROSS JOIN organizations o"
"""Where neither a branch nor a page bounds the answer, the days do."""
_BY_LETTER: Final = (
    "(SELECT DISTINCT refused.user_pk FROM outbox refused WHERE refused.state = 'bounced' AND NOT EXISTS"
    " (SELECT 1 FROM outbox later WHERE later.user_pk = refused.user_pk AND later.state IN ('sent', 'bounced')"
    " AND (later.created_at > refused.created_at"
    " OR (later.created_at = refused.created_at AND later.pk > refused.pk)))) back"
    " CROSS JOIN customers u CROSS JOIN certificates c CROSS JOIN organizations o"
)
_NOT_RENEWED: Final = (
    "c.user_pk = u.pk AND o.pk = u.organization_pk AND c.state = 'active'"
    " AND c.last_valid_date >= :first AND c.last_valid_date <= :last AND NOT EXISTS"
    " (SELECT 1 FROM certificates newer WHERE newer.user_pk = c.user_pk"
    " AND newer.state IN ('signed', 'active') AND newer.last_valid_date > c.last_valid_date)"
)
"""Whoever holds one that lasts longer, delivered or not, has renewed (E-11)."""
_BEHIND: Final = (
    "(o.code > :code OR (o.code = :code AND (c.last_valid_date > :day"
    " OR (c.last_valid_date = :day AND c.pk > :certificate_pk))))"
)


def page(
    session: Session, wanted: Wanted, branch_pk: int | None, behind: Place | None, limit: int
) -> tuple[Expiring, ...]:
    """At most `limit` lines behind `behind`: by organization, then those that end first."""
    conditions = []
    values: dict[str, Any] = {"limit": limit}
    if behind is not None:
        conditions.append(f"o.code >= :code AND {_BEHIND}")
        values |= {
            "code": behind.organization_code,
            "day": behind.last_valid_date,
            "certificate_pk": behind.certificate_pk,
        }
    found = _read(
        session,
        "o.code, c.last_valid_date, c.pk, c.serial, u.pk, u.user_id, u.name, u.kana, u.role, u.email, o.name,"
        " b.branch_no, b.name AS branch_name",
        f"{_walk(wanted)} JOIN branches b ON b.pk = u.branch_pk",
        _where(wanted, branch_pk, *conditions),
        "ORDER BY o.code, c.last_valid_date, c.pk LIMIT :limit",
        _values(wanted, branch_pk) | values,
    )
    return tuple(map(Expiring._make, found))


def by_organization(session: Session, wanted: Wanted, branch_pk: int | None) -> tuple[OrganizationCount, ...]:
    """Organizations that have any, by their codes."""
    found = _read(
        session,
        "o.code, o.name, count(*)",
        _walk(wanted, everything=branch_pk is None),
        _where(wanted, branch_pk),
        "GROUP BY o.code, o.name ORDER BY o.code",
        _values(wanted, branch_pk),
    )
    return tuple(map(OrganizationCount._make, found))


def by_day(session: Session, wanted: Wanted, branch_pk: int | None) -> dict[date, int]:
    """How many end on each day; days without any are left out."""
    found = _read(
        session,
        "c.last_valid_date, count(*)",
        _walk(wanted, everything=branch_pk is None),
        _where(wanted, branch_pk),
        "GROUP BY c.last_valid_date ORDER BY c.last_valid_date",
        _values(wanted, branch_pk),
    )
    return {row[0]: row[1] for row in found}


def letters_about(session: Session, certificate_pks: Collection[int]) -> tuple[LetterOfEnd, ...]:
    """The letters that told of the end of these certificates, oldest first."""
    at = func.coalesce(col(Notice.sent_at), col(Notice.created_at))
    statement = (
        select(col(Notice.certificate_pk), col(Notice.kind), col(Notice.state), at)
        .where(col(Notice.certificate_pk).in_(certificate_pks), col(Notice.kind).in_(("expiring", "expired")))
        .order_by(col(Notice.created_at), col(Notice.pk))
    )
    found = session.connection().execute(statement)
    return tuple(LetterOfEnd(pk, kind, state, moment) for pk, kind, state, moment in found if pk is not None)


def _walk(wanted: Wanted, *, everything: bool = False) -> str:
    """In which order the tables are read; `everything` when no branch narrows it down and no page ends it."""
    if wanted.undeliverable:
        return _BY_LETTER
    return _BY_CERTIFICATE if everything and wanted.organization_code is None else _BY_ORGANIZATION


def _where(wanted: Wanted, branch_pk: int | None, *conditions: str) -> str:
    """The certificates that are wanted, of users of the branch; None means all branches (E-94)."""
    parts = [_NOT_RENEWED, *conditions]
    if branch_pk is not None:
        parts.append("u.branch_pk = :branch_pk")
    if wanted.organization_code is not None:
        parts.append("o.code = :organization_code")
    if wanted.undeliverable:
        parts.append("u.pk = back.user_pk")
    return " AND ".join(parts)


def _values(wanted: Wanted, branch_pk: int | None) -> dict[str, Any]:
    values: dict[str, Any] = {"first": wanted.first, "last": wanted.last}
    if branch_pk is not None:
        values["branch_pk"] = branch_pk
    if wanted.organization_code is not None:
        values["organization_code"] = wanted.organization_code
    return values


def _read(
    session: Session, columns: str, tables: str, where: str, end: str, values: dict[str, Any]
) -> list[Any]:
    """Everything that varies is a parameter; the parts of the text are those of this module."""
    days = [bindparam(name, type_=Date) for name in ("first", "last", "day") if name in values]
    statement = text(f"SELECT {columns} FROM {tables} WHERE {where} {end}").bindparams(*days)  # noqa: S608  # see above
    typed = statement.columns(last_valid_date=Date)
    return list(session.connection().execute(typed, values))

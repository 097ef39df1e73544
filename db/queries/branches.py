"""Branches, their terminals and their organizations, by the numbers people know them by."""

from collections.abc import Collection

from sqlmodel import Session, col, select

from db.queries._scope import locked
from db.tables import Branch, Organization, Terminal


def by_number(session: Session, branch_no: str) -> Branch | None:
    """The branch of this number."""
    return session.exec(select(Branch).where(col(Branch.branch_no) == branch_no)).one_or_none()


def terminal_by_number(session: Session, branch_pk: int, terminal_no: str) -> Terminal | None:
    """The terminal of this number in a branch."""
    statement = select(Terminal).where(
        col(Terminal.branch_pk) == branch_pk, col(Terminal.terminal_no) == terminal_no
    )
    return session.exec(statement).one_or_none()


def terminal_for_update(session: Session, terminal_pk: int) -> Terminal:
    """The terminal of this row, locked until the commit."""
    return session.exec(locked(select(Terminal).where(col(Terminal.pk) == terminal_pk))).one()


def terminal_numbers(session: Session, terminal_pks: Collection[int]) -> dict[int, str]:
    """The numbers of these terminals in their branches."""
    statement = select(Terminal.pk, Terminal.terminal_no).where(col(Terminal.pk).in_(terminal_pks))
    return dict(session.exec(statement).all())


def organization_by_code(session: Session, code: str) -> Organization | None:
    """The organization of this code (団体コード)."""
    return session.exec(select(Organization).where(col(Organization.code) == code)).one_or_none()

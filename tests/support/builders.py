"""Rows for tests: each function stores one thing with sane defaults, everything can be overridden by name.

`a_user(database, status="blocked")` is a complete user of a complete organization. What a row belongs to is made with
it unless it is handed in, and is shared where that is the ordinary case: one branch, one terminal, one organization.
"""

import secrets
from collections.abc import Callable
from functools import cache
from itertools import count
from typing import Any, Final, TypeVar

from sqlmodel import Session, SQLModel, col, select

from db.database import Database
from db.queries.users import set_lookup_keys
from db.tables import Branch, Case, Certificate, Delivery, Medium, Notice, Organization, Staff, User
from db.tables import Terminal as TerminalRow
from kiosk.audit.trail import Trail
from kiosk.clock import Clock
from kiosk.rules.naming import MOST_RECEPTIONS, p12_file_name, reception_no, serial_text
from kiosk.rules.operations import Transaction, family_of
from kiosk.rules.roles import StaffRole
from kiosk.rules.validity import jst_date, window_for
from kiosk.secret import Secret
from kiosk.services.acting import Actor, Terminal
from kiosk.services.desk.guard import Desk
from kiosk.services.staff._lookup_keys import keys_for
from kiosk.services.staff.passwords import PasswordHasher
from tests.support.clock import MONDAY_MORNING

PASSWORD: Final = "Kunren#2026"
"""Of every user."""
STAFF_PASSWORD: Final = "Kunren#01"
"""Of every member of staff."""
HASHER: Final = PasswordHasher(key=bytes(range(32)), time_cost=1, memory_kib=64)
"""Cheap on purpose; the costs in force are tested where they belong."""
NODE: Final = "012/01/test"

_REACHED: Final = {"written": 1, "verified": 2, "handed_over": 3, "confirmed": 3}
"""How many of its three moments a delivery in each state has behind it."""

R = TypeVar("R", bound=SQLModel)
_numbers = count(1)


@cache
def hashed(password: str) -> str:
    """What `HASHER` makes of a password, once."""
    return HASHER.hash_password(Secret(password))


def a_desk(database: Database, clock: Clock) -> Desk:
    """What every use case stands on."""
    return Desk(database=database, clock=clock, trail=Trail(NODE))


def a_branch(database: Database, branch_no: str = "012", **other: Any) -> Branch:
    """The branch of this number, made when it is not there yet."""
    return _one(
        database,
        Branch,
        {"branch_no": branch_no},
        lambda: {"name": f"第{branch_no}支店", "phone": "03-0000-0000"} | other,
    )


def a_terminal(database: Database, branch_no: str = "012", terminal_no: str = "01") -> Terminal:
    """The counter of these numbers, made when it is not there yet."""
    branch = a_branch(database, branch_no)
    row = _one(database, TerminalRow, {"branch_pk": branch.pk, "terminal_no": terminal_no}, dict)
    return Terminal(
        branch_pk=branch.pk,
        branch_no=branch_no,
        branch_name=branch.name,
        terminal_pk=row.pk,
        terminal_no=terminal_no,
    )


def a_staff(database: Database, staff_id: str = "", **other: Any) -> Staff:
    """A member of staff who may sign on with `STAFF_PASSWORD`; a clerk of branch 012 unless told otherwise."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "staff_id": staff_id or f"op{number:05d}",
        "branch_pk": _branch_pk(database, other),
        "person_number": f"P{number:06d}",
        "name": "窓口 花子",
        "role": StaffRole.CLERK,
        "password_hash": hashed(STAFF_PASSWORD),
        "created_at": MONDAY_MORNING,
    } | other
    return stored(database, Staff(**values))


def an_actor(
    database: Database, role: StaffRole = StaffRole.CLERK, terminal: Terminal | None = None
) -> Actor:
    """Somebody of this role, signed on at a terminal of their own branch."""
    terminal = terminal or a_terminal(database)
    staff = a_staff(database, role=role, branch_pk=terminal.branch_pk)
    return Actor(
        staff_pk=staff.pk,
        staff_id=staff.staff_id,
        name=staff.name,
        role=role,
        terminal=terminal,
        session=secrets.token_hex(16),
    )


def an_organization(database: Database, code: str = "1234567", **other: Any) -> Organization:
    """The organization of this code, made when it is not there yet; of branch 012 unless told otherwise."""
    return _one(
        database,
        Organization,
        {"code": code},
        lambda: (
            {"name": f"第{code}労働組合", "kind": "member", "branch_pk": _branch_pk(database, other)} | other
        ),
    )


def a_user(database: Database, **other: Any) -> User:
    """An active master user with `PASSWORD` and no certificate, to be found by ID, name, kana and organization."""
    number = next(_numbers)
    branch_pk = _branch_pk(database, other)
    organization_pk = other.get("organization_pk") or an_organization(database, branch_pk=branch_pk).pk
    values: dict[str, Any] = {
        "user_id": f"kunren{number:04d}",
        "role": "master",
        "name": "訓練 太郎",
        "kana": "クンレン タロウ",
        "email": f"user{number}@example.jp",
        "organization_pk": organization_pk,
        "branch_pk": branch_pk,
        "password_hash": hashed(PASSWORD),
        "created_at": MONDAY_MORNING,
    } | other
    with database.transaction() as session:
        user = User(**values)
        session.add(user)
        session.flush()
        organization = session.get_one(Organization, organization_pk)
        texts = (user.user_id, user.name, user.kana, organization.code, organization.name)
        set_lookup_keys(session, user, keys_for(*texts))
    return user


def a_case(database: Database, user: User | None = None, **other: Any) -> Case:
    """A reception of terminal 01 in its first state, or of `user` with re-issue chosen."""
    number = next(_numbers)
    terminal = a_terminal(database)
    opened_at = other.get("opened_at", MONDAY_MORNING)
    # the numbers count through all tests of a process, which are more than a terminal has on a day
    of_day = (number - 1) % MOST_RECEPTIONS + 1
    values: dict[str, Any] = {
        "reception_no": reception_no(jst_date(opened_at), terminal.branch_no, terminal.terminal_no, of_day),
        "operation_id": secrets.token_hex(16),
        "branch_pk": terminal.branch_pk,
        "terminal_pk": terminal.terminal_pk,
        "business_date": jst_date(opened_at),
        "form_no": f"F{number:06d}",
        "visitor_name": "訓練 太郎",
        "opened_at": opened_at,
        "session": secrets.token_hex(16),
    }
    if user is not None:
        values |= {"user_pk": user.pk, "state": "transaction_chosen"} | _transaction(Transaction.REISSUE)
    values |= other
    values["staff_pk"] = other.get("staff_pk") or a_staff(database).pk
    return stored(database, Case(**values))


def a_certificate(database: Database, user: User, **other: Any) -> Certificate:
    """A certificate in force, handed over on the day of its issue: `issued_at`, by default this Monday morning.

    With `state` it is in another state, complete as the registry wants it. Its DER is a placeholder.
    """
    issued_at = other.get("issued_at") or MONDAY_MORNING
    state = other.get("state", "active")
    case = a_case(database, user, opened_at=issued_at, closed_at=issued_at, state="done")
    window = window_for(issued_at)
    values: dict[str, Any] = {
        "serial": serial_text(secrets.randbits(120)),
        "operation_id": secrets.token_hex(16),
        "user_pk": user.pk,
        "case_pk": case.pk,
        "state": "active",
        "slot": 0,
        "key_sha256": secrets.token_hex(32),
        "tbs_sha256": secrets.token_hex(32),
        "subject": f"CN={user.user_id}",
        "profile": "client-1",
        "not_before": window.not_before,
        "not_after": window.not_after,
        "issue_date": window.issue_date,
        "last_valid_date": window.last_valid_date,
        "reserved_at": issued_at,
        "issued_at": issued_at,
        "der": b"0\x00",
    }
    if state in {"reserved", "voided"}:
        values |= {"der": None, "issued_at": None}
    if state in {"revoked", "voided"}:
        values |= {"slot": None}
    if state == "revoked":
        values |= {
            "revoked_at": issued_at,
            "revocation_reason": "other",
            "crl_entry": b"0\x00",
            "crl_number": 1,
        }
    certificate = stored(database, Certificate(**values | other))
    if values["der"] is not None:
        a_delivery(database, user, certificate)
    return certificate


def a_delivery(database: Database, user: User, certificate: Certificate, **other: Any) -> Delivery:
    """The p12 of a certificate: handed over, or not yet written for one that is only signed."""
    moment = certificate.issued_at
    values: dict[str, Any] = {
        "certificate_pk": certificate.pk,
        "state": "key_ready" if certificate.state == "signed" else "handed_over",
        "file_name": p12_file_name(user.user_id, certificate.reserved_at),
        "tries": 1,
        "simulated": True,
    } | other
    for step, reached in (("written_at", 1), ("verified_at", 2), ("handed_over_at", 3)):
        if reached <= _REACHED.get(values["state"], 0):
            values.setdefault(step, moment)
    return stored(database, Delivery(**values))


def a_medium(database: Database, **other: Any) -> Medium:
    """A numbered stick in the stock of branch 012."""
    values: dict[str, Any] = {"medium_no": f"M{next(_numbers):05d}", "branch_pk": _branch_pk(database, other)}
    return stored(database, Medium(**values | other))


def a_notice(database: Database, user: User, **other: Any) -> Notice:
    """A letter in the outbox, due since this Monday morning."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "kind": "blocked",
        "dedupe": f"blocked:{user.pk}:{number}",
        "user_pk": user.pk,
        "created_at": MONDAY_MORNING,
        "due_at": MONDAY_MORNING,
        "message_id": secrets.token_hex(16),
    }
    return stored(database, Notice(**values | other))


def stored(database: Database, row: R) -> R:
    """Put one row into the registry."""
    with database.transaction() as session:
        session.add(row)
    return row


def changed(database: Database, row: R, **values: Any) -> R:
    """Bring a stored row into another state."""
    with database.transaction() as session:
        kept = session.merge(row)
        kept.sqlmodel_update(values)
    return kept


def shut_out(database: Database, actor: Actor) -> None:
    """An administrator suspends somebody who is signed on."""
    with database.transaction() as session:
        session.get_one(Staff, actor.staff_pk).active = False


def _transaction(transaction: Transaction) -> dict[str, Any]:
    return {
        "transaction": transaction,
        "family": family_of(transaction),
        "issue_kind": transaction.name.lower(),
    }


def _branch_pk(database: Database, other: dict[str, Any]) -> int:
    return other.get("branch_pk") or a_branch(database).pk


def _one(database: Database, table: type[R], name: dict[str, Any], rest: Callable[[], dict[str, Any]]) -> R:
    """The row of this name, made when it is not there yet."""
    with database.reading() as session:
        found = _named(session, table, name)
    return found or stored(database, table(**name, **rest()))


def _named(session: Session, table: type[R], name: dict[str, Any]) -> R | None:
    statement = select(table)
    for column, value in name.items():
        statement = statement.where(col(getattr(table, column)) == value)
    return session.exec(statement).one_or_none()

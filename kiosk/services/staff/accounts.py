"""The accounts of staff after they were added: who has one, who may still sign on, in which role and branch.

Nobody is ever deleted: the journal and the receptions of years name them. Administrators do it, and the command line,
which acts as nobody (`actor` is None): whoever may use the data folder.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from db.queries import staff as staff_queries
from db.tables import Branch, Staff
from kiosk.audit.chain import Fact
from kiosk.audit.events import EventTag
from kiosk.errors import BadInput
from kiosk.rules.roles import Permission, StaffRole
from kiosk.secret import Secret
from kiosk.services.acting import Actor
from kiosk.services.desk.guard import Act, Desk
from kiosk.services.desk.new_entries import UNKNOWN, require_branch, require_staff_password
from kiosk.services.staff._by import acting_by
from kiosk.services.staff.passwords import PasswordHasher


@dataclass(frozen=True, kw_only=True)
class StaffAccount:
    """One member of staff as an administrator may see them."""

    staff_id: str
    person_number: str
    name: str
    role: StaffRole
    branch_no: str
    active: bool
    """False for whoever may not sign on any more."""
    paused_until: datetime | None
    """Aware; the end of the pause after three wrong passwords, None when there is none."""


@dataclass(frozen=True, kw_only=True)
class StaffAccounts:
    """Look at accounts and change them.

    Every change raises `BadInput` (field `staff_id`) for an ID that nobody has, and `NotPermitted`; nothing is changed
    then. What is changed holds from the next use case of that person on, on every terminal.
    """

    desk: Desk
    hasher: PasswordHasher

    def accounts(self, actor: Actor | None) -> tuple[StaffAccount, ...]:
        """Everybody, in the order of their IDs, those who left included."""
        with acting_by(self.desk, actor, Permission.MANAGE_STAFF, EventTag.STAFF_LISTED) as act:
            found = staff_queries.everybody(act.session)
            act.record(found=len(found))
            return tuple(_account(row, branch, act.now) for row, branch in found)

    def suspend(self, actor: Actor | None, staff_id: str) -> None:
        """Shut somebody out: they cannot sign on, and what they are in the middle of stops at its next step."""
        with self._changing(actor, EventTag.STAFF_SUSPENDED, staff_id) as (_, row):
            row.active = False

    def readmit(self, actor: Actor | None, staff_id: str) -> None:
        """Let somebody sign on again, with the password they had."""
        with self._changing(actor, EventTag.STAFF_READMITTED, staff_id) as (_, row):
            row.active = True

    def set_password(self, actor: Actor | None, staff_id: str, password: Secret) -> None:
        """Give somebody a new password; a pause after wrong ones ends with it. Raises `BadInput` (`password`)."""
        require_staff_password("password", password.reveal())
        stored = self.hasher.hash_password(password)
        with self._changing(actor, EventTag.STAFF_PASSWORD_SET, staff_id) as (_, row):
            row.password_hash = stored
            row.failures = 0
            row.paused_until = None

    def assign(self, actor: Actor | None, staff_id: str, role: StaffRole, branch_no: str) -> None:
        """Give somebody another role or branch; the journal keeps both. Raises `BadInput` (`branch_no`)."""
        with self._changing(actor, EventTag.STAFF_ASSIGNED, staff_id) as (act, row):
            row.branch_pk = require_branch(act.session, branch_no).pk
            row.role = role

    @contextmanager
    def _changing(self, actor: Actor | None, tag: EventTag, staff_id: str) -> Iterator[tuple[Act, Staff]]:
        """The account, locked; what it was and what it became are journaled when the block ends."""
        with acting_by(self.desk, actor, Permission.MANAGE_STAFF, tag) as act:
            row = staff_queries.by_staff_id_for_update(act.session, staff_id)
            if row is None:
                raise BadInput(field="staff_id", problem=UNKNOWN)
            before = _standing(act, row)
            yield act, row
            act.record(account=row.staff_id, before=before, after=_standing(act, row))


def _account(row: Staff, branch: Branch, now: datetime) -> StaffAccount:
    return StaffAccount(
        staff_id=row.staff_id,
        person_number=row.person_number,
        name=row.name,
        role=StaffRole(row.role),
        branch_no=branch.branch_no,
        active=row.active,
        paused_until=row.paused_until if row.paused_until is not None and now < row.paused_until else None,
    )


def _standing(act: Act, row: Staff) -> Fact:
    """Role, branch and whether they may sign on, in one word for the journal."""
    branch = act.session.get_one(Branch, row.branch_pk)
    return f"{row.role}/{branch.branch_no}/{'active' if row.active else 'suspended'}"

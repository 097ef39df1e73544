"""`kiosk staff`: who works here, who does not any more, and as what."""

from collections.abc import Iterator
from contextlib import contextmanager

from kiosk.bootstrap import open_foundation
from kiosk.cli.answers import Answer, ask_secret
from kiosk.cli.arguments import Arguments
from kiosk.cli.setting_up import ROLE
from kiosk.config import load_settings
from kiosk.rules.roles import StaffRole
from kiosk.services.staff.accounts import StaffAccounts
from kiosk.services.staff.staffing import NewStaff, Staffing


def staff_add(arguments: Arguments) -> Answer:
    """Let somebody sign on."""
    new = NewStaff(
        staff_id=arguments.staff_id,
        person_number=arguments.person_number,
        name=arguments.name,
        role=StaffRole(arguments.role),
        branch_no=arguments.branch,
    )
    base = open_foundation(load_settings(arguments.settings), role=ROLE)
    with base.database, ask_secret("Password") as password:
        Staffing(desk=base.desk, hasher=base.hasher).add_staff(None, new, password)
    return Answer(facts={"staff_id": new.staff_id, "role": new.role, "branch": new.branch_no})


def staff_list(arguments: Arguments) -> Answer:
    """Everybody, those who left included; never anything of a password."""
    with _accounts(arguments) as accounts:
        everybody = accounts.accounts(None)
    return Answer(
        rows=[
            {
                "staff_id": one.staff_id,
                "person_number": one.person_number,
                "name": one.name,
                "role": one.role,
                "branch": one.branch_no,
                "active": one.active,
                "paused_until": one.paused_until,
            }
            for one in everybody
        ]
    )


def staff_suspend(arguments: Arguments) -> Answer:
    """Shut somebody out."""
    with _accounts(arguments) as accounts:
        accounts.suspend(None, arguments.staff_id)
    return Answer(facts={"staff_id": arguments.staff_id, "active": False})


def staff_readmit(arguments: Arguments) -> Answer:
    """Let somebody in again."""
    with _accounts(arguments) as accounts:
        accounts.readmit(None, arguments.staff_id)
    return Answer(facts={"staff_id": arguments.staff_id, "active": True})


def staff_assign(arguments: Arguments) -> Answer:
    """Give somebody another role or branch."""
    role = StaffRole(arguments.role)
    with _accounts(arguments) as accounts:
        accounts.assign(None, arguments.staff_id, role, arguments.branch)
    return Answer(facts={"staff_id": arguments.staff_id, "role": role, "branch": arguments.branch})


def staff_password(arguments: Arguments) -> Answer:
    """Give somebody a new password."""
    with _accounts(arguments) as accounts, ask_secret("Password") as password:
        accounts.set_password(None, arguments.staff_id, password)
    return Answer(facts={"staff_id": arguments.staff_id})


@contextmanager
def _accounts(arguments: Arguments) -> Iterator[StaffAccounts]:
    base = open_foundation(load_settings(arguments.settings), role=ROLE)
    with base.database:
        yield StaffAccounts(desk=base.desk, hasher=base.hasher)

"""Who may do what: the whole table, and what must never be in it."""

import pytest

from kiosk.rules.operations import Transaction
from kiosk.rules.roles import PERMISSION_OF, PERMISSIONS, Permission, StaffRole, may, may_run

CLERK, SUPERVISOR, AUDITOR, ADMINISTRATOR = StaffRole

TABLE = """
                    clerk  supervisor  auditor  administrator
inquire             yes    yes         yes      yes
receive             yes    yes         -        -
issue               yes    yes         -        -
hand_over           yes    yes         -        -
revoke              yes    yes         -        -
unblock             yes    yes         -        -
approve             -      yes         -        -
open_and_close_day  yes    yes         -        -
read_journal        -      yes         yes      -
see_all_branches    -      -           yes      yes
manage_media        -      yes         -        yes
manage_staff        -      -           -        yes
manage_settings     -      -           -        yes
"""

CELLS = [
    (StaffRole(role), Permission(permission), cell == "yes")
    for permission, *cells in (line.split() for line in TABLE.strip().splitlines()[1:])
    for role, cell in zip(TABLE.split()[:4], cells, strict=True)
]


@pytest.mark.rule("I-10")
@pytest.mark.parametrize(("role", "permission", "permitted"), CELLS)
def test_a_role_may_do_what_its_cell_says(role: StaffRole, permission: Permission, permitted: bool) -> None:
    assert may(role, permission) is permitted


def test_the_table_has_a_cell_for_every_role_and_permission() -> None:
    assert len(CELLS) == len(StaffRole) * len(Permission)
    assert set(PERMISSIONS) == set(StaffRole)


@pytest.mark.parametrize("permission", sorted(PERMISSIONS[CLERK]))
def test_a_supervisor_can_do_a_clerks_work(permission: Permission) -> None:
    assert may(SUPERVISOR, permission)


MENU = {
    CLERK: "101 102 103 201 202 301 401 402 403 801 901 902 999",
    SUPERVISOR: "101 102 103 201 202 301 401 402 403 801 901 902 903 999",
    AUDITOR: "401 402 403 903 999",
    ADMINISTRATOR: "401 402 403 999",
}


@pytest.mark.parametrize("role", StaffRole)
def test_the_menu_of_each_role(role: StaffRole) -> None:
    assert " ".join(transaction for transaction in Transaction if may_run(role, transaction)) == MENU[role]


def test_every_transaction_says_what_it_asks_for() -> None:
    assert set(PERMISSION_OF) == set(Transaction)


@pytest.mark.parametrize("role", StaffRole)
def test_everybody_can_sign_off(role: StaffRole) -> None:
    assert may_run(role, Transaction.SIGN_OFF)

"""What each member of staff may do.

An auditor looks and changes nothing; an administrator keeps staff and settings and issues nothing; a supervisor can do
a clerk's work, but never approves their own.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from kiosk.rules.operations import Transaction


class StaffRole(StrEnum):
    """The four roles."""

    CLERK = "clerk"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    """What a use case asks for."""

    INQUIRE = "inquire"
    """Look at users, certificates and receptions; every look is journaled."""
    RECEIVE = "receive"
    """Open a reception and lead it."""
    ISSUE = "issue"
    HAND_OVER = "hand_over"
    """Hand over or give up what was issued."""
    REVOKE = "revoke"
    UNBLOCK = "unblock"
    APPROVE = "approve"
    OPEN_AND_CLOSE_DAY = "open_and_close_day"
    READ_JOURNAL = "read_journal"
    SEE_ALL_BRANCHES = "see_all_branches"
    MANAGE_MEDIA = "manage_media"
    MANAGE_STAFF = "manage_staff"
    MANAGE_SETTINGS = "manage_settings"


_COUNTER = frozenset(
    {
        Permission.INQUIRE,
        Permission.RECEIVE,
        Permission.ISSUE,
        Permission.HAND_OVER,
        Permission.REVOKE,
        Permission.UNBLOCK,
        Permission.OPEN_AND_CLOSE_DAY,
    }
)

PERMISSIONS: Mapping[StaffRole, frozenset[Permission]] = MappingProxyType(
    {
        StaffRole.CLERK: _COUNTER,
        StaffRole.SUPERVISOR: _COUNTER
        | {Permission.APPROVE, Permission.READ_JOURNAL, Permission.MANAGE_MEDIA},
        StaffRole.AUDITOR: frozenset(
            {Permission.INQUIRE, Permission.READ_JOURNAL, Permission.SEE_ALL_BRANCHES}
        ),
        StaffRole.ADMINISTRATOR: frozenset(
            {
                Permission.INQUIRE,
                Permission.SEE_ALL_BRANCHES,
                Permission.MANAGE_MEDIA,
                Permission.MANAGE_STAFF,
                Permission.MANAGE_SETTINGS,
            }
        ),
    }
)
"""The whole table; what is not in it is not permitted."""

PERMISSION_OF: Mapping[Transaction, Permission | None] = MappingProxyType(
    {
        Transaction.FIRST_ISSUE: Permission.ISSUE,
        Transaction.RENEW: Permission.ISSUE,
        Transaction.REISSUE: Permission.ISSUE,
        Transaction.REVOKE: Permission.REVOKE,
        Transaction.EMERGENCY_REVOKE: Permission.REVOKE,
        Transaction.UNBLOCK: Permission.UNBLOCK,
        Transaction.INQUIRY: Permission.INQUIRE,
        Transaction.EXPIRY_LIST: Permission.INQUIRE,
        Transaction.CASE_INQUIRY: Permission.INQUIRE,
        Transaction.UNFINISHED: Permission.HAND_OVER,
        Transaction.OPEN_DAY: Permission.OPEN_AND_CLOSE_DAY,
        Transaction.CLOSE_DAY: Permission.OPEN_AND_CLOSE_DAY,
        Transaction.JOURNAL: Permission.READ_JOURNAL,
        Transaction.SIGN_OFF: None,
    }
)
"""What each transaction of the menu asks for; None is open to everybody who is signed on."""


def may(role: StaffRole, permission: Permission) -> bool:
    """Whether the role includes the permission."""
    return permission in PERMISSIONS[role]


def may_run(role: StaffRole, transaction: Transaction) -> bool:
    """Whether the role includes what the transaction asks for."""
    needed = PERMISSION_OF[transaction]
    return needed is None or may(role, needed)

"""What the menu offers, to whom, and under which number."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kiosk.rules.operations import Transaction
from kiosk.rules.roles import PERMISSION_OF, Permission, StaffRole, may
from kiosk.translations.catalog import N_
from screens.words import TRANSACTIONS

ADMINISTRATION: Final = "904"
"""S900; looking after the terminal is no transaction of the counter, so the rules have no number for it."""
MAILBOX: Final = "905"
"""The post box of training."""
STOCK: Final = "906"
"""S910; the ledger of media."""
APPROVALS: Final = "601"
"""S600 as an inbox; deciding is no transaction of its own."""
FOLLOW_UPS: Final = "802"
"""S411: approvals and papers of revocations by phone."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the menu."""

    number: str
    name: str
    """Marked with `N_`."""
    permission: Permission | None
    training_only: bool = False

    def offered(self, role: StaffRole, *, training: bool) -> bool:
        """Whether it stands in the menu of this member of staff."""
        return (training or not self.training_only) and self.allowed(role)

    def allowed(self, role: StaffRole) -> bool:
        """Whether the role includes it."""
        return self.permission is None or may(role, self.permission)


def _transaction(transaction: Transaction) -> Entry:
    return Entry(number=transaction, name=TRANSACTIONS[transaction], permission=PERMISSION_OF[transaction])


GROUPS: Final[tuple[tuple[str, tuple[Entry, ...]], ...]] = (
    (
        N_("発行"),
        tuple(map(_transaction, (Transaction.FIRST_ISSUE, Transaction.RENEW, Transaction.REISSUE))),
    ),
    (
        N_("失効・閉塞解除"),
        tuple(map(_transaction, (Transaction.REVOKE, Transaction.EMERGENCY_REVOKE, Transaction.UNBLOCK))),
    ),
    (
        N_("照会"),
        tuple(map(_transaction, (Transaction.INQUIRY, Transaction.EXPIRY_LIST, Transaction.CASE_INQUIRY))),
    ),
    (N_("承認"), (Entry(number=APPROVALS, name=N_("役席承認"), permission=Permission.APPROVE),)),
    (
        N_("未完了"),
        (
            _transaction(Transaction.UNFINISHED),
            Entry(number=FOLLOW_UPS, name=N_("緊急失効の後続"), permission=Permission.REVOKE),
        ),
    ),
    (
        N_("記録・管理"),
        (
            _transaction(Transaction.JOURNAL),
            Entry(number=STOCK, name=N_("媒体受払"), permission=Permission.INQUIRE),
            Entry(number=ADMINISTRATION, name=N_("管理"), permission=Permission.MANAGE_SETTINGS),
            Entry(
                number=MAILBOX,
                name=N_("【訓練】メール"),
                permission=Permission.INQUIRE,
                training_only=True,
            ),
        ),
    ),
    (N_("終了"), (_transaction(Transaction.SIGN_OFF),)),
)
"""In the order of the menu; what this release does not do yet is not in it."""

ENTRIES: Final[Mapping[str, Entry]] = {entry.number: entry for _title, entries in GROUPS for entry in entries}

JOURNEYS: Final = frozenset(
    {
        Transaction.FIRST_ISSUE,
        Transaction.RENEW,
        Transaction.REISSUE,
        Transaction.REVOKE,
        Transaction.EMERGENCY_REVOKE,
        Transaction.UNBLOCK,
    }
)
"""Begin with a reception and go from screen to screen; the others open one screen."""

ISSUES: Final = frozenset({Transaction.FIRST_ISSUE, Transaction.RENEW, Transaction.REISSUE})
"""Closed while the self-check has found something."""

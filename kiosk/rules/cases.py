"""The life of a reception, from the paper on the counter to the signed receipt.

A revocation or an unblocking waits in `transaction_chosen` for its approval and is done in one step; how far the
approval is stands with the approval (`kiosk.rules.approvals`) and nowhere else.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class CaseState(StrEnum):
    """How far a reception is."""

    RECEPTION = "reception"
    USER_CHOSEN = "user_chosen"
    TRANSACTION_CHOSEN = "transaction_chosen"
    PASSWORD_OK = "password_ok"  # noqa: S105  a state, not a password
    CODE_OK = "code_ok"
    ISSUING = "issuing"
    """The intent to sign is stored; the point of no return."""
    ISSUED = "issued"
    """A certificate exists; its p12 is not yet verified on a stick."""
    DELIVERED = "delivered"
    """Verified on a stick, not yet handed over."""
    DONE = "done"
    VOIDED = "voided"
    NEEDS_ATTENTION = "needs_attention"
    """The result is not known here; a person resumes or gives up."""


Moves = Mapping[CaseState, frozenset[CaseState]]

ALLOWED: Moves = MappingProxyType(
    {
        CaseState.RECEPTION: frozenset({CaseState.USER_CHOSEN, CaseState.VOIDED}),
        # another user or another transaction may be chosen until the password is right
        CaseState.USER_CHOSEN: frozenset(
            {CaseState.USER_CHOSEN, CaseState.TRANSACTION_CHOSEN, CaseState.VOIDED}
        ),
        # cancelling at step 4 leads back to the choice of the transaction
        CaseState.TRANSACTION_CHOSEN: frozenset(
            {CaseState.TRANSACTION_CHOSEN, CaseState.USER_CHOSEN, CaseState.PASSWORD_OK, CaseState.VOIDED}
        ),
        # cancelling at step 5, or a dead code, leads back to step 4
        CaseState.PASSWORD_OK: frozenset(
            {CaseState.CODE_OK, CaseState.TRANSACTION_CHOSEN, CaseState.USER_CHOSEN, CaseState.VOIDED}
        ),
        # cancelling at step 6 leads back to the choice of the transaction; a dropped password to step 4
        CaseState.CODE_OK: frozenset(
            {CaseState.ISSUING, CaseState.TRANSACTION_CHOSEN, CaseState.USER_CHOSEN, CaseState.VOIDED}
        ),
        # back to step 4 or void only when nothing was signed
        CaseState.ISSUING: frozenset(
            {CaseState.ISSUED, CaseState.TRANSACTION_CHOSEN, CaseState.NEEDS_ATTENTION, CaseState.VOIDED}
        ),
        # void: given up, with the certificate revoked in the same transaction (E-84)
        CaseState.ISSUED: frozenset({CaseState.DELIVERED, CaseState.NEEDS_ATTENTION, CaseState.VOIDED}),
        CaseState.DELIVERED: frozenset({CaseState.DONE, CaseState.NEEDS_ATTENTION, CaseState.VOIDED}),
        CaseState.NEEDS_ATTENTION: frozenset(
            {CaseState.ISSUED, CaseState.DELIVERED, CaseState.DONE, CaseState.VOIDED}
        ),
        CaseState.DONE: frozenset(),
        CaseState.VOIDED: frozenset(),
    }
)
"""From each state, the states that may follow on the way to a certificate."""

AT_ONCE: Moves = MappingProxyType({CaseState.TRANSACTION_CHOSEN: frozenset({CaseState.DONE})})
"""As well where nothing is issued: an approved revocation or unblocking is done in one step."""

SECOND_ACT_AGAIN: Moves = MappingProxyType(
    {
        CaseState.ISSUED: frozenset({CaseState.TRANSACTION_CHOSEN}),
        CaseState.DELIVERED: frozenset({CaseState.TRANSACTION_CHOSEN}),
    }
)
"""As well in a change of PC whose new certificate is revoked in the same transaction: the re-issue is owed (E-75)."""

NOTHING_ELSE: Moves = MappingProxyType({})

OPEN_STATES = frozenset(CaseState) - {CaseState.DONE, CaseState.VOIDED}
"""States in which a reception still waits for somebody."""

CHOOSING = frozenset({CaseState.RECEPTION, CaseState.USER_CHOSEN, CaseState.TRANSACTION_CHOSEN})
"""States in which it may still be said whom and what it is about."""

BEFORE_ISSUING = CHOOSING | {CaseState.PASSWORD_OK, CaseState.CODE_OK}
"""States in which cancelling leaves nothing behind."""


def may_move(a: CaseState, b: CaseState, also: Moves = NOTHING_ELSE) -> bool:
    """Whether a reception in state `a` may go to state `b`; `also` are moves that its act allows beyond the table."""
    return b in ALLOWED[a] or b in also.get(a, frozenset())

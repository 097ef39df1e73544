"""The way of a p12 from memory to the customer's hand, and what follows when it does not arrive (E-83 to E-88)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from kiosk.rules.revocation import RevocationReason


class DeliveryState(StrEnum):
    """How far the p12 is."""

    KEY_READY = "key_ready"
    """The p12 is in memory only."""
    WRITTEN = "written"
    """On a stick, not yet read back."""
    VERIFIED = "verified"
    """Read back equal; the p12 in memory is wiped."""
    HANDED_OVER = "handed_over"
    CONFIRMED = "confirmed"
    """The customer has imported it."""
    LOST = "lost"
    DAMAGED = "damaged"
    NOT_COLLECTED = "not_collected"
    DESTROYED = "destroyed"
    VOIDED = "voided"
    """Given up before it was verified, or while it still lay at the branch."""


class StickReport(StrEnum):
    """What a customer tells about a medium (R-85)."""

    LOST = "lost"
    UNOPENED = "unopened"
    """The p12 was never opened, or its import failed."""
    DAMAGED = "damaged"


_REPORTED_AS: Mapping[StickReport, DeliveryState] = MappingProxyType(
    {
        StickReport.LOST: DeliveryState.LOST,
        # a p12 that nobody can import is as good as a damaged medium
        StickReport.UNOPENED: DeliveryState.DAMAGED,
        StickReport.DAMAGED: DeliveryState.DAMAGED,
    }
)

ALLOWED: Mapping[DeliveryState, frozenset[DeliveryState]] = MappingProxyType(
    {
        DeliveryState.KEY_READY: frozenset({DeliveryState.WRITTEN, DeliveryState.VOIDED}),
        # back to memory: the read-back differed and another stick is tried (E-84)
        DeliveryState.WRITTEN: frozenset(
            {DeliveryState.VERIFIED, DeliveryState.KEY_READY, DeliveryState.VOIDED}
        ),
        DeliveryState.VERIFIED: frozenset(
            {
                DeliveryState.HANDED_OVER,
                DeliveryState.LOST,
                DeliveryState.DAMAGED,
                DeliveryState.NOT_COLLECTED,
                DeliveryState.VOIDED,
            }
        ),
        DeliveryState.HANDED_OVER: frozenset(
            {DeliveryState.CONFIRMED, DeliveryState.LOST, DeliveryState.DAMAGED}
        ),
        DeliveryState.CONFIRMED: frozenset(),
        DeliveryState.LOST: frozenset(),
        DeliveryState.DAMAGED: frozenset({DeliveryState.DESTROYED}),
        DeliveryState.NOT_COLLECTED: frozenset({DeliveryState.DESTROYED}),
        DeliveryState.DESTROYED: frozenset(),
        DeliveryState.VOIDED: frozenset(),
    }
)
"""From each state, the states that may follow."""

UNDELIVERED_STATES = frozenset({DeliveryState.KEY_READY, DeliveryState.WRITTEN, DeliveryState.VERIFIED})
"""States in which an issued certificate has not reached its user."""

STATES_WITH_THE_CUSTOMER = frozenset({DeliveryState.HANDED_OVER, DeliveryState.CONFIRMED})


GIVEN_UP_STATES = frozenset(
    {DeliveryState.LOST, DeliveryState.DAMAGED, DeliveryState.NOT_COLLECTED, DeliveryState.VOIDED}
)
"""How a medium that was verified and not handed over may end; with an approval (DOMAIN decision 1)."""


@dataclass(frozen=True, kw_only=True)
class Consequence:
    """What has to happen to the certificate when its delivery ends up in a state."""

    revoke: bool
    """To be read as "if it was signed"; a reservation is voided instead."""
    reason: RevocationReason | None
    reissue: bool
    """Whether the customer is offered a re-issue on the spot."""


_NOTHING = Consequence(revoke=False, reason=None, reissue=False)

_CONSEQUENCES = {
    DeliveryState.LOST: Consequence(revoke=True, reason=RevocationReason.MEDIUM_LOST, reissue=True),
    DeliveryState.DAMAGED: Consequence(revoke=True, reason=RevocationReason.P12_UNOPENED, reissue=True),
    DeliveryState.NOT_COLLECTED: Consequence(revoke=True, reason=RevocationReason.UNDELIVERED, reissue=False),
    DeliveryState.DESTROYED: Consequence(revoke=True, reason=RevocationReason.UNDELIVERED, reissue=False),
    DeliveryState.VOIDED: Consequence(revoke=True, reason=RevocationReason.UNDELIVERED, reissue=True),
}


def may_move(a: DeliveryState, b: DeliveryState) -> bool:
    """Whether a delivery in state `a` may go to state `b`."""
    return b in ALLOWED[a]


def reported_as(report: StickReport) -> DeliveryState:
    """The state of a delivery that a report means; `may_move` says whether it may still be stored."""
    return _REPORTED_AS[report]


def consequence(state: DeliveryState) -> Consequence:
    """What a delivery in this state means for its certificate (E-84, E-85, R-85)."""
    return _CONSEQUENCES.get(state, _NOTHING)

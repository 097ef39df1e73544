"""The stored life of a certificate; valid, renewable and expired are computed in `kiosk.rules.validity`."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class CertificateState(StrEnum):
    """What the registry knows about a serial number."""

    RESERVED = "reserved"
    """Serial and intent are stored; nothing is signed yet."""
    SIGNED = "signed"
    """The signature exists and is stored; the customer does not have it yet."""
    ACTIVE = "active"
    """Verified on a stick."""
    REVOKED = "revoked"
    VOIDED = "voided"
    """Reserved and never signed."""


ALLOWED: Mapping[CertificateState, frozenset[CertificateState]] = MappingProxyType(
    {
        CertificateState.RESERVED: frozenset({CertificateState.SIGNED, CertificateState.VOIDED}),
        CertificateState.SIGNED: frozenset({CertificateState.ACTIVE, CertificateState.REVOKED}),
        CertificateState.ACTIVE: frozenset({CertificateState.REVOKED}),
        CertificateState.REVOKED: frozenset(),  # cannot be undone (E-80)
        CertificateState.VOIDED: frozenset(),
    }
)
"""From each state, the states that may follow."""

LIVE_STATES = frozenset({CertificateState.RESERVED, CertificateState.SIGNED, CertificateState.ACTIVE})
"""States that hold one of the user's two places until the certificate expires (E-72)."""

EXISTING_STATES = frozenset(CertificateState) - {CertificateState.RESERVED, CertificateState.VOIDED}
"""States of a certificate that was signed; these are a user's holdings."""


def may_move(a: CertificateState, b: CertificateState) -> bool:
    """Whether a certificate in state `a` may go to state `b`."""
    return b in ALLOWED[a]

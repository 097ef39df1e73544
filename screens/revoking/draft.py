"""What a revocation has gathered so far. When a re-issue follows, the same draft goes on through the nine steps."""

from dataclasses import dataclass

from kiosk.rules.operations import Transaction
from kiosk.rules.revocation import RevocationReason
from kiosk.services.approved.views import Revoked, RevokeRequest, StickReported
from screens.issuing.draft import IssueDraft

REISSUE_USUAL = frozenset(
    {RevocationReason.PC_CHANGE, RevocationReason.P12_UNOPENED, RevocationReason.MEDIUM_LOST}
)
"""Reasons after which the customer goes home with a new certificate, unless the clerk says otherwise."""


@dataclass(kw_only=True)
class RevokeDraft(IssueDraft):
    """One revocation from the paper, or the call, to the two facts."""

    by: Transaction = Transaction.REVOKE
    """201, or 202 by phone."""
    reason: RevocationReason | None = None
    note: str = ""
    then_reissue: bool = False
    reported: StickReported | None = None
    """What a report about a stick has led to; the request is the registry's then, not the clerk's."""
    revoked: Revoked | None = None

    @property
    def begun_as(self) -> Transaction:
        """201, or 202 by phone."""
        return self.by

    def choose_single(self) -> None:
        """Nothing is ever chosen by itself: what is revoked is gone (R-24)."""
        self.serial = None

    @property
    def request(self) -> RevokeRequest:
        """What is to be approved. Raises RuntimeError before certificate and reason are chosen."""
        if self.serial is None or self.reason is None:
            raise RuntimeError("nothing is chosen")
        return RevokeRequest(
            serial=self.serial, reason=self.reason, note=self.note, then_reissue=self.then_reissue
        )

"""What an unblocking has gathered so far."""

from dataclasses import dataclass

from kiosk.rules.operations import Transaction
from kiosk.rules.unblocking import UnblockCause
from kiosk.services.approved.views import Unblocked, UnblockRequest
from screens.issuing.draft import IssueDraft


@dataclass(kw_only=True)
class UnblockDraft(IssueDraft):
    """One unblocking from the paper to the result."""

    cause: UnblockCause | None = None
    note: str = ""
    unblocked: Unblocked | None = None

    @property
    def begun_as(self) -> Transaction:
        """301."""
        return Transaction.UNBLOCK

    @property
    def request(self) -> UnblockRequest:
        """What is to be approved. Raises RuntimeError before a cause is chosen."""
        if self.cause is None:
            raise RuntimeError("no cause is chosen")
        return UnblockRequest(cause=self.cause, note=self.note)

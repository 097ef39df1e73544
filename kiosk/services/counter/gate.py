"""Whether the counter may issue at all: asked before the customer is troubled, and again at the press."""

from collections.abc import Callable
from dataclasses import dataclass

from kiosk.errors import IssuingClosed, KioskError, NoMailServer


@dataclass(frozen=True, kw_only=True)
class IssueGate:
    """What keeps issuing closed for everybody."""

    closed_by: Callable[[], tuple[str, ...]]
    """Names of the self-checks that failed in the last run."""
    can_mail: Callable[[], bool]
    """Whether codes can be sent: a mail server, or the folder of training."""

    def refusal(self) -> KioskError | None:
        """`NoMailServer` or `IssuingClosed`; None while certificates may be issued."""
        if not self.can_mail():
            return NoMailServer()
        failed = self.closed_by()
        return IssuingClosed(failed=failed) if failed else None

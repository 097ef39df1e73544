"""Why a reception waits although nobody works on it (保留, E-59)."""

from enum import StrEnum


class ParkReason(StrEnum):
    """What the reception waits for."""

    MAILBOX = "mailbox"
    """The customer cannot read the mail at the counter and goes to read it (E-59)."""
    PAPERS = "papers"
    """A paper is missing."""
    SUPERVISOR = "supervisor"
    """No supervisor is here; an approval is never given later (DOMAIN 3.2)."""
    CUSTOMER = "customer"
    """The customer comes back later."""

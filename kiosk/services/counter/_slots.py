"""The two places a user's live certificates may hold: the old one and, in its last 30 days, the new one (I-1)."""

from datetime import datetime

from sqlmodel import Session

from db.queries import issues
from kiosk.errors import UserBusyElsewhere
from kiosk.rules.certificates import CertificateState

SLOTS = (0, 1)


def free_slot(session: Session, user_pk: int, now: datetime) -> int:
    """A place for a new certificate; expired ones give up theirs here, in the issuing transaction.

    When both are taken the first is named all the same: the unique index refuses it, and the index is the guard.
    Raises `UserBusyElsewhere` while another certificate of the user is about to be signed.
    """
    holders = issues.slot_holders_for_update(session, user_pk)
    if any(row.state == CertificateState.RESERVED for row in holders):
        raise UserBusyElsewhere(terminal_no="", reception_no="")
    for row in holders:
        if row.not_after < now and row.state == CertificateState.ACTIVE:
            row.slot = None
    session.flush()  # the index must see the free place before the new row takes it
    taken = {row.slot for row in holders}
    return next((slot for slot in SLOTS if slot not in taken), SLOTS[0])

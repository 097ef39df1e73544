"""Verification codes as the registry keeps them: a keyed digest, one live code a user."""

import hmac
from datetime import datetime
from hashlib import sha256

from sqlmodel import Session

from db.queries import codes
from db.tables.case import Case
from kiosk.rules.verification import CodeEnd
from kiosk.secret import Secret


def keyed_digest(key: bytes, session: str, user_pk: int, code: Secret) -> bytes:
    """HMAC-SHA-256 over session, user and code: of no use in another session and not to be reversed without `key`.

    A plain hash of six digits is reversed in a second; the key lies outside the database.
    """
    message = b"\x00".join((session.encode(), str(user_pk).encode(), code.reveal().encode()))
    return hmac.digest(key, message, sha256)


def end_code_of(session: Session, case: Case, end: CodeEnd, now: datetime) -> None:
    """Spend the live code of this reception; one that its user waits for in another reception stays."""
    live = codes.live_of_case_for_update(session, case.pk)
    if live is not None:
        live.ended, live.ended_at = end, now


def end_live_code(session: Session, case: Case, end: CodeEnd, now: datetime) -> bool:
    """Spend the live code of the reception's user, if there is one (E-53, E-54)."""
    if case.user_pk is None:
        return False
    live = codes.live_of_user_for_update(session, case.user_pk)
    if live is None:
        return False
    live.ended = end
    live.ended_at = now
    return True

"""The code of a reception that was put aside while its customer went to read it (E-59)."""

from datetime import datetime

from sqlmodel import Session

from db.queries import codes
from db.tables.case import Case
from db.tables.verification_code import VerificationCode
from kiosk.rules.verification import CodeEnd, CodeState, may_try


def code_state(row: VerificationCode) -> CodeState:
    """What the rules of `kiosk.rules.verification` decide on."""
    return CodeState(
        created_at=row.created_at,
        wrong_tries=row.wrong_tries,
        ended=None if row.ended is None else CodeEnd(row.ended),
    )


def waiting_code(session: Session, case: Case, sign_on: str, now: datetime) -> VerificationCode | None:
    """The live code of a parked reception, locked, when it may still be tried in this sign-on.

    Another sign-on gets a code of its own (I-7).
    """
    if case.parked_at is None:
        return None
    row = codes.live_of_case_for_update(session, case.pk)
    good = row is not None and row.session == sign_on and may_try(code_state(row), now) is None
    return row if good else None

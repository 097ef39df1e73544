"""Revocations by telephone: the call-back, and what has to come in afterwards (202)."""

from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from db.queries import emergencies
from db.queries.emergencies import OpenEmergency
from db.tables.emergency import Emergency
from kiosk.errors import BadInput, ChecksOpen
from kiosk.rules.texts import LONGEST_LINE, TextProblem, problem_in
from kiosk.rules.validity import jst_date
from kiosk.services.approved.views import CallBackCheck, FollowUp, PhoneCall

NO_FORM_YET: Final = "-"
"""Stands for the number of the form until the paper is in."""

_OLDEST_CALL: Final = timedelta(hours=12)


def require_call(call: PhoneCall, now: datetime) -> None:
    """Raise `BadInput` naming the field, or `ChecksOpen` while the call-back is not confirmed."""
    for field, text in (("caller_name", call.caller_name), ("called_back_to", call.called_back_to)):
        problem = problem_in(text, LONGEST_LINE)
        if problem is not None:
            raise BadInput(field=field, problem=problem)
    if not now - _OLDEST_CALL <= call.called_back_at <= now:
        raise BadInput(field="called_back_at", problem=TextProblem.EMPTY)
    missing = tuple(check for check in CallBackCheck if check not in call.confirmed)
    if missing:
        raise ChecksOpen(missing=missing)


def call_back_of(case_pk: int, call: PhoneCall, staff_id: str) -> Emergency:
    """What is kept of a call-back."""
    return Emergency(
        case_pk=case_pk,
        called_back_at=call.called_back_at,
        called_back_to=call.called_back_to,
        called_back_by=staff_id,
    )


def follow_up_of(session: Session, item: OpenEmergency, now: datetime) -> FollowUp:
    """What is still missing of a revocation by phone at `now`."""
    emergency = item.emergency
    confirmed = emergencies.is_confirmed(session, item.case.pk)
    approval_due = None if confirmed else emergency.approval_due_at
    paper_due = None if emergency.paper_received_at is not None else emergency.paper_due
    late = approval_due is not None and now >= approval_due
    return FollowUp(
        reception_no=item.case.reception_no,
        user_id=item.user.user_id,
        user_name=item.user.name,
        serial=item.certificate.serial,
        revoked_at=emergency.executed_at or now,
        approval_due=approval_due,
        paper_due=paper_due,
        overdue=late or (paper_due is not None and jst_date(now) > paper_due),
    )

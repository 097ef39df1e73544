"""What a supervisor is shown for a request, out of the registry as it stands (I-17).

Called when the request is made, when it is decided and when it is executed: the three must be one and the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from sqlmodel import Session

from db.queries import certificates as certificate_queries
from db.queries import deliveries as delivery_queries
from db.queries import emergencies, history, issues
from db.queries.cases import Evidence, circumstances_of
from db.tables.case import Case
from db.tables.certificate import Certificate
from db.tables.user import User
from kiosk.rules import lockout, unblocking
from kiosk.rules.approvals import ApprovalSubject
from kiosk.rules.operations import LIVE_STANDINGS
from kiosk.rules.shown import Effect, Shown
from kiosk.rules.unblocking import UnblockCause
from kiosk.rules.validity import standing
from kiosk.services.approved.views import (
    ConfirmEmergency,
    GiveUpRequest,
    IssueRequest,
    Request,
    RevokeRequest,
    UnblockRequest,
)
from kiosk.services.desk.row_views import lock_state_of
from kiosk.services.views import Channel, ReceptionCheck

CALL_BACK = "call_back"
"""Stands among the checks of a reception by phone instead of form, seal and document."""


@dataclass(frozen=True, kw_only=True)
class Maker:
    """Who asks, and where."""

    staff_id: str
    name: str
    branch_no: str
    terminal_no: str


def subject_of(request: Request) -> ApprovalSubject:
    """What a request is about."""
    match request:
        case RevokeRequest():
            return ApprovalSubject.REVOKE
        case UnblockRequest():
            return ApprovalSubject.UNBLOCK
        case IssueRequest():
            return ApprovalSubject.ISSUE
        case GiveUpRequest():
            return ApprovalSubject.GIVE_UP
        case ConfirmEmergency():
            return ApprovalSubject.CONFIRM_EMERGENCY
    assert_never(request)


def shown_of(
    session: Session, case: Case, request: Request, maker: Maker, *, asked_at: datetime, now: datetime
) -> Shown:
    """Everything the dialog shows for `request` at `now`; it never fails, whatever has become of the target."""
    user = session.get_one(User, case.user_pk)
    plain = _of_everything(session, case, user, request, maker)
    match request:
        case RevokeRequest():
            row = certificate_queries.by_serial(session, request.serial, None)
            return replace(
                _of_certificate(session, plain, row),
                reason=request.reason,
                note=request.note,
                then_reissue=request.then_reissue,
                effects=tuple(_effects_of_revoking(session, user, row, now, reissue=request.then_reissue)),
            )
        case GiveUpRequest():
            row = issues.certificate_of(session, case.pk)
            return replace(
                _of_certificate(session, plain, row),
                reason=request.outcome,
                effects=tuple(_effects_of_revoking(session, user, row, now, reissue=False)),
            )
        case ConfirmEmergency():
            row = certificate_queries.revoked_in(session, case.reception_no)
            return replace(
                _of_certificate(session, plain, row),
                reason="" if row is None else row.revocation_reason or "",
                effects=(Effect.ALREADY_REVOKED,),
            )
        case UnblockRequest():
            return _of_unblocking(session, plain, user, request, asked_at, now)
        case IssueRequest():
            return replace(plain, effects=(Effect.CERTIFICATE_IS_ISSUED,))
    assert_never(request)


def others_live(session: Session, user_pk: int, serial: str, now: datetime) -> int:
    """How many other certificates of a user log in at `now`: in force, and in the user's hands."""
    return sum(
        other != serial and standing(last_valid_date, False, now) in LIVE_STANDINGS
        for other, last_valid_date in certificate_queries.in_force(session, user_pk)
    )


def _of_everything(session: Session, case: Case, user: User, request: Request, maker: Maker) -> Shown:
    by_phone = case.channel == Channel.PHONE
    employer, evidence = circumstances_of(session, case.pk, user)
    emergency = emergencies.of_case(session, case.pk) if by_phone else None
    return Shown(
        reception_no=case.reception_no,
        subject=subject_of(request),
        transaction=case.transaction or "",
        maker_id=maker.staff_id,
        maker_name=maker.name,
        branch_no=maker.branch_no,
        terminal_no=maker.terminal_no,
        user_id=user.user_id,
        user_name=user.name,
        user_role=user.role,
        organization_name=employer.name,
        organization_code=employer.code,
        form_no="" if by_phone else case.form_no,  # the paper of a call comes later and changes nothing
        channel=case.channel,
        visitor_kind=case.visitor_kind,
        visitor_name=case.visitor_name,
        called_back_to="" if emergency is None else emergency.called_back_to,
        document_type="" if evidence is None else evidence.document_type,
        checks=(CALL_BACK,) if emergency is not None else tuple(_checks(evidence)),
    )


def _checks(evidence: Evidence | None) -> Iterator[str]:
    if evidence is None:
        return
    checked = {
        ReceptionCheck.FORM: evidence.form_checked_by,
        ReceptionCheck.SEAL: evidence.seal_checked_by,
        ReceptionCheck.IDENTITY: evidence.identity_checked_by,
        ReceptionCheck.AUTHORITY: evidence.authority_checked_by,
    }
    yield from (check.value for check, by in checked.items() if by is not None)


def _of_certificate(session: Session, plain: Shown, row: Certificate | None) -> Shown:
    if row is None:
        return plain
    delivery = delivery_queries.of_certificate(session, row.pk)
    return replace(
        plain,
        serial=row.serial,
        issue_date=row.issue_date,
        last_valid_date=row.last_valid_date,
        pc_alias=row.pc_alias,
        certificate_state=row.state,
        delivery_state="" if delivery is None else delivery.state,
    )


def _effects_of_revoking(
    session: Session, user: User, row: Certificate | None, now: datetime, *, reissue: bool
) -> Iterator[Effect]:
    yield Effect.CANNOT_BE_UNDONE
    others = others_live(session, user.pk, "" if row is None else row.serial, now)
    yield Effect.OTHER_CERTIFICATE_STAYS if others else Effect.NO_LOGIN_UNTIL_REISSUE
    if reissue:
        yield Effect.REISSUE_FOLLOWS


def _of_unblocking(
    session: Session, plain: Shown, user: User, request: UnblockRequest, asked_at: datetime, now: datetime
) -> Shown:
    state = lock_state_of(user)
    repeats = len(unblocking.recent(history.unblocked_at(session, user.pk), asked_at))
    effects = [Effect.BLOCK_IS_LIFTED, Effect.PASSWORD_UNCHANGED, Effect.CERTIFICATES_UNTOUCHED]
    if request.cause is UnblockCause.FORGOTTEN_PASSWORD:
        effects.append(Effect.MAY_BLOCK_AGAIN)
    if repeats:
        effects.append(Effect.UNBLOCKED_BEFORE)
    return replace(
        plain,
        reason=request.cause,
        note=request.note,
        effects=tuple(effects),
        repeats=repeats,
        lock_standing=lockout.standing(state, now),
        failures=state.consecutive_failures,
        lock_count=state.lock_count,
        charges=state.charges,
    )

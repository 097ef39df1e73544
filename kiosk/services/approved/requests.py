"""What asking, deciding and executing share: the stored request, and whether it still holds."""

import json
from dataclasses import asdict, replace
from datetime import datetime
from typing import Final, NamedTuple

from sqlmodel import Session

from db.queries import approvals
from db.queries import staff as staff_queries
from db.queries.staff import Colleague
from db.tables.approval import Approval as ApprovalRow
from db.tables.case import Case
from kiosk.audit.events import EventTag
from kiosk.errors import (
    AlreadyDecided,
    ApprovalExpired,
    ApprovalNeeded,
    ApprovalStale,
    KioskError,
    MayNotApprove,
    NotTheAsker,
    OwnRequest,
)
from kiosk.rules.approvals import (
    DIALOG_TRIES,
    ApprovalState,
    ApprovalSubject,
    Objection,
    Person,
    expires_at,
    may_move,
    objection_to_execution,
    state_at,
)
from kiosk.rules.deliveries import DeliveryState
from kiosk.rules.revocation import RevocationReason
from kiosk.rules.roles import StaffRole
from kiosk.rules.shown import Shown, canonical, digest, shown_from, where_asked
from kiosk.rules.unblocking import UnblockCause
from kiosk.services.acting import Actor
from kiosk.services.approved.shown import Maker, shown_of, subject_of
from kiosk.services.approved.views import (
    ApprovalView,
    ConfirmEmergency,
    GiveUpRequest,
    IssueRequest,
    Request,
    RevokeRequest,
    UnblockRequest,
)
from kiosk.services.desk.cases import rule_of
from kiosk.services.desk.guard import Act

CHANGED: Final = "changed"
SIGN_ONS: Final = "sign_ons"
"""Why a request is void, as the registry keeps it."""


def asker_of(act: Act, case: Case, actor: Actor, request: Request) -> Colleague:
    """Whose request it is: of the one who asks, and a confirmation always of whoever revoked by phone.

    Somebody else may ask for it again; who acted is not the second pair of eyes even then (I-16).
    """
    asker_pk = actor.staff_pk
    if isinstance(request, ConfirmEmergency):
        earlier = approvals.newest_of_case(act.session, case.pk)
        if earlier is not None and earlier.subject == ApprovalSubject.CONFIRM_EMERGENCY:
            asker_pk = earlier.maker_pk
    return staff_queries.by_pk(act.session, asker_pk)


def maker_of(by: Colleague, actor: Actor) -> Maker:
    """The one whose request it is, at the terminal where it is asked."""
    return Maker(
        staff_id=by.staff_id,
        name=by.name,
        branch_no=actor.terminal.branch_no,
        terminal_no=actor.terminal.terminal_no,
    )


def store_request(act: Act, case: Case, by: Colleague, request: Request, shown: Shown) -> ApprovalRow:
    """Put a request into the registry, in the caller's transaction; one that still lives is withdrawn first."""
    withdraw_live(act, case)
    row = ApprovalRow(
        case_pk=case.pk,
        subject=subject_of(request),
        digest=digest(shown),
        shown=canonical(shown),
        request=_spelled(request),
        maker_pk=by.pk,
        maker_person=by.person_number,
        asked_at=act.now,
    )
    act.session.add(row)
    act.session.flush()  # for its primary key
    act.record(
        EventTag.APPROVAL_ASKED, approval_of=row.subject, digest=row.digest, reason=shown.reason or None
    )
    return row


def withdraw_live(act: Act, case: Case) -> bool:
    """Take back what is asked or approved in a reception, if there is something; one whose time is over expires."""
    row = approvals.live_of_case_for_update(act.session, case.pk)
    if row is None:
        return False
    over = state_at(rule_of(row, case), act.now) is ApprovalState.EXPIRED
    put_into(row, ApprovalState.EXPIRED if over else ApprovalState.WITHDRAWN)
    act.session.flush()  # the index allows one live request: the old one ends before a new one begins
    act.record(EventTag.APPROVAL_EXPIRED if over else EventTag.APPROVAL_WITHDRAWN, approval_of=row.subject)
    return not over


class Approved(NamedTuple):
    """An approval that holds, and who gave it."""

    row: ApprovalRow
    by: Colleague
    shown: Shown
    """Everything that was shown, which is so still."""


def approved(
    act: Act,
    case: Case,
    actor: Actor,
    *subjects: ApprovalSubject,
    begun: bool = False,
    newest: ApprovalRow | None = None,
) -> Approved | None:
    """The approval that allows this act now, its row locked; None when the act was refused (I-17).

    Everything is looked at again: time, people, and each value that was shown. `begun` leaves the time out, for an
    issue whose customer has entered the password while the approval held. `newest` is the reception's last request
    where it was read in this transaction.
    """
    row = approvals.live_of_case_for_update(act.session, case.pk, newest)
    if row is None or row.subject not in subjects or row.state == ApprovalState.ASKED:
        act.refuse(_why_nothing_holds(act.session, case, row, subjects))
        return None
    if row.checker_pk is None:
        raise AssertionError("an approval has its checker")
    maker, checker = staff_queries.two_by_pk(act.session, row.maker_pk, row.checker_pk)
    rule = rule_of(row, case)
    shown = rebuilt(act.session, case, row, maker, act.now)
    objection = objection_to_execution(
        rule,
        actor.staff_pk,
        person_of(checker),
        digest_now=digest(shown),
        now=rule.decided_at if begun and rule.decided_at is not None else act.now,
    )
    if objection is not None:
        refuse(act, row, objection)
        return None
    return Approved(row, checker, shown)


def mark_executed(act: Act, row: ApprovalRow, by: Colleague) -> None:
    """Use an approval up, in the transaction of the act it allowed; the registry refuses it a second time."""
    if act.who is not None:
        act.who = replace(act.who, approver=by.staff_id)
    _require_move(row, ApprovalState.EXECUTED)
    approvals.store_execution(act.session, row, ApprovalState.EXECUTED, act.now)
    act.record(EventTag.APPROVAL_EXECUTED, approval_of=row.subject, digest=row.digest)


def refuse(act: Act, row: ApprovalRow, objection: Objection) -> None:
    """Refuse to decide or to execute; what can never hold again is put down for good."""
    match objection:
        case Objection.EXPIRED:
            put_into(row, ApprovalState.EXPIRED)
            act.refuse(ApprovalExpired(), EventTag.APPROVAL_EXPIRED, approval_of=row.subject)
        case Objection.CHANGED:
            put_down(row, CHANGED)
            act.refuse(ApprovalStale(), EventTag.APPROVAL_VOIDED, approval_of=row.subject, cause=CHANGED)
        case _:
            act.refuse(
                _refusal(act.session, row, objection), EventTag.APPROVAL_REFUSED, approval_of=row.subject
            )


def put_down(row: ApprovalRow, why: str) -> None:
    """Make a request void."""
    put_into(row, ApprovalState.VOID)
    row.void_reason = why


def put_into(row: ApprovalRow, state: ApprovalState) -> None:
    """Bring a request into another state."""
    _require_move(row, state)
    row.state = state


def _require_move(row: ApprovalRow, state: ApprovalState) -> None:
    if not may_move(ApprovalState(row.state), state):
        raise AssertionError(f"a request that is {row.state} does not become {state}")


def person_of(staff: Colleague) -> Person:
    """A member of staff as they are now."""
    return Person(
        staff_pk=staff.pk,
        person_number=staff.person_number,
        role=StaffRole(staff.role),
        branch_pk=staff.branch_pk,
        active=staff.active,
    )


def rebuilt(session: Session, case: Case, row: ApprovalRow, maker: Colleague, now: datetime) -> Shown:
    """What would be shown for the same request now; `maker` is the one who asked, as they are now."""
    if case.user_pk is None:  # the reception was given back to nobody: nothing of it holds
        return replace(shown_from(row.shown), user_id="")
    branch_no, terminal_no = where_asked(row.shown)
    return shown_of(
        session,
        case,
        request_of(row),
        Maker(staff_id=maker.staff_id, name=maker.name, branch_no=branch_no, terminal_no=terminal_no),
        asked_at=row.asked_at,
        now=now,
    )


def request_of(row: ApprovalRow) -> Request:
    """What the clerk asked for."""
    values = json.loads(row.request)
    match ApprovalSubject(row.subject):
        case ApprovalSubject.REVOKE:
            return RevokeRequest(**{**values, "reason": RevocationReason(values["reason"])})
        case ApprovalSubject.UNBLOCK:
            return UnblockRequest(**{**values, "cause": UnblockCause(values["cause"])})
        case ApprovalSubject.GIVE_UP:
            return GiveUpRequest(outcome=DeliveryState(values["outcome"]))
        case ApprovalSubject.CONFIRM_EMERGENCY:
            return ConfirmEmergency()
        case ApprovalSubject.ISSUE:
            return IssueRequest()


def approval_view(session: Session, row: ApprovalRow, case: Case, now: datetime) -> ApprovalView:
    """A request as it stands at `now`."""
    rule = rule_of(row, case)
    state = state_at(rule, now)
    checker = None if row.checker_pk is None else staff_queries.by_pk(session, row.checker_pk)
    return ApprovalView(
        approval_pk=row.pk,
        state=state,
        shown=shown_from(row.shown),
        digest=row.digest,
        request=request_of(row),
        asked_at=row.asked_at,
        expires_at=None if state is ApprovalState.EXPIRED else expires_at(rule),
        decided_by="" if checker is None else checker.staff_id,
        decided_by_name="" if checker is None else checker.name,
        decided_at=row.decided_at,
        reject_reason=row.reject_reason or "",
        tries_left=DIALOG_TRIES - row.wrong_sign_ons,
    )


def _spelled(request: Request) -> str:
    return json.dumps(asdict(request), ensure_ascii=False, sort_keys=True)


def _why_nothing_holds(
    session: Session, case: Case, live: ApprovalRow | None, subjects: tuple[ApprovalSubject, ...]
) -> KioskError:
    newest = live or approvals.newest_of_case(session, case.pk)
    if newest is None or newest.subject not in subjects:
        return ApprovalNeeded()
    match newest.state:
        case ApprovalState.EXPIRED:
            return ApprovalExpired()
        case ApprovalState.VOID:
            return ApprovalStale()
    return ApprovalNeeded()


def _refusal(session: Session, row: ApprovalRow, objection: Objection) -> KioskError:
    match objection:
        case Objection.NOT_THE_ASKER:
            return NotTheAsker(name=staff_queries.by_pk(session, row.maker_pk).name)
        case Objection.OWN_REQUEST:
            return OwnRequest()
        case Objection.MAY_NOT_APPROVE:
            return MayNotApprove()
    return AlreadyDecided(state=row.state)

"""What happened to the practice users before today: certificates that were really signed, locks with their history."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from db.database import Database
from db.queries import cases as case_queries
from db.tables import Branch, Case, Certificate, Delivery, Notice, Organization, Staff, User
from db.tables import Terminal as TerminalRow
from kiosk.pki.profiles import Profile
from kiosk.pki.serials import fresh_serial
from kiosk.pki.signer import CertificateOrder, KeyAlgorithm, Signer
from kiosk.rules import naming
from kiosk.rules.lockout import Charged, LockEvent, charge
from kiosk.rules.operations import IssueKind
from kiosk.rules.validity import jst_date, window_of_issue_day
from kiosk.services.desk.locks import queue_lock_notice, record_lock_event
from kiosk.services.desk.row_views import lock_state_of, store_lock_state
from kiosk.training.people import STAFF

_BETWEEN_TRIES = timedelta(seconds=40)
_LOCK = timedelta(minutes=60)


def past_certificate(database: Database, signer: Signer, user_pk: int, at: datetime) -> None:
    """A certificate that was issued and handed over at `at`: really signed, its key forgotten."""
    with database.reading() as session:
        user = session.get_one(User, user_pk)
        organization = session.get_one(Organization, user.organization_pk)
    window = window_of_issue_day(jst_date(at))
    order = CertificateOrder(
        serial=fresh_serial(),
        user_id=user.user_id,
        organization_name=organization.name,
        organization_code=organization.code,
        email=user.email,
        not_before=window.not_before,
        not_after=window.not_after,
        key_algorithm=KeyAlgorithm.P_256,
    )
    prepared = signer.prepare(order)
    der = signer.sign(prepared.handle)
    signer.discard(prepared.handle)
    with database.transaction() as session:
        case = _past_case(session, user, at)
        row = Certificate(
            serial=naming.serial_text(order.serial),
            operation_id=f"training-{user.user_id}",
            user_pk=user.pk,
            case_pk=case.pk,
            state="active",
            slot=0,
            key_sha256=prepared.public_key_sha256,
            tbs_sha256=prepared.tbs_sha256,
            subject=f"{organization.name} / {user.user_id}",
            profile=Profile.NAME,
            not_before=window.not_before,
            not_after=window.not_after,
            issue_date=window.issue_date,
            last_valid_date=window.last_valid_date,
            reserved_at=at,
            issued_at=at,
            der=der,
        )
        session.add(row)
        session.flush()
        session.add(
            Delivery(
                certificate_pk=row.pk,
                state="handed_over",
                file_name=naming.p12_file_name(user.user_id, at),
                tries=1,
                written_at=at,
                verified_at=at,
                handed_over_at=at,
                handed_over_by=STAFF[0].staff_id,
                simulated=True,
            )
        )


def past_lock(database: Database, user_pk: int, now: datetime, until: datetime | None) -> None:
    """A lock that ends at `until`, or with None the block after three of them; every try went through the rules."""
    tries = 6 if until is not None else 18
    at = (until or now) - _LOCK - tries * _BETWEEN_TRIES - (2 * _LOCK if until is None else timedelta())
    with database.transaction() as session:
        user = session.get_one(User, user_pk)
        for _ in range(tries):
            charged = charge(lock_state_of(user), at)
            if not isinstance(charged, Charged):
                raise AssertionError("a practice user was refused while being prepared")
            store_lock_state(user, charged.state)
            kind = charged.event or "failed"
            record_lock_event(session, user, kind, charged.state, at, None, "")
            if charged.event is not None:
                queue_lock_notice(session, user, charged.state, at)
            at += _LOCK if charged.event is LockEvent.LOCKED else _BETWEEN_TRIES
        if until is not None:
            user.locked_until = until
        for notice in session.exec(select(Notice).where(col(Notice.user_pk) == user_pk)):
            notice.state, notice.sent_at = "sent", notice.created_at


def _past_case(session: Session, user: User, at: datetime) -> Case:
    """The reception a past certificate came from."""
    branch, terminal = session.exec(
        select(Branch, TerminalRow)
        .join(TerminalRow, col(TerminalRow.branch_pk) == col(Branch.pk))
        .where(col(Branch.pk) == user.branch_pk)
    ).one()
    clerk = session.exec(select(Staff).where(col(Staff.staff_id) == STAFF[0].staff_id)).one()
    number = case_queries.next_reception_number(session, terminal.pk, jst_date(at))
    case = Case(
        reception_no=naming.reception_no(jst_date(at), branch.branch_no, terminal.terminal_no, number),
        operation_id=f"training-{user.user_id}",
        branch_pk=branch.pk,
        terminal_pk=terminal.pk,
        staff_pk=clerk.pk,
        business_date=jst_date(at),
        user_pk=user.pk,
        transaction=IssueKind.FIRST_ISSUE.transaction,
        family="issue",
        issue_kind=IssueKind.FIRST_ISSUE,
        state="done",
        form_no=f"K{number:04d}",
        visitor_name=user.name,
        opened_at=at,
        closed_at=at,
        verified_at=at,
        session="training",
    )
    session.add(case)
    session.flush()  # for its primary key
    return case

"""Rows in, frozen views out; and the columns that rules decide on, as values and back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from sqlmodel import Session

from db.queries import certificates as certificate_queries
from db.queries import deliveries as delivery_queries
from db.queries import open_cases
from db.tables.branch import Branch
from db.tables.case import Case
from db.tables.certificate import Certificate
from db.tables.delivery import Delivery
from db.tables.organization import Organization
from db.tables.user import User
from kiosk.rules import lockout
from kiosk.rules.cases import CaseState
from kiosk.rules.certificates import EXISTING_STATES, CertificateState
from kiosk.rules.deliveries import DeliveryState
from kiosk.rules.lockout import LockStanding, LockState
from kiosk.rules.next_actions import UserSituation, next_actions
from kiosk.rules.operations import LIVE_STANDINGS, Holding, IssueKind, Transaction, TransactionFamily
from kiosk.rules.service_hours import ServiceHours, is_open
from kiosk.rules.texts import mask_email
from kiosk.rules.users import UserRole, UserStatus
from kiosk.rules.validity import renewable_from, standing
from kiosk.services.acting import Actor
from kiosk.services.desk.timeline import timeline_of
from kiosk.services.views import (
    CaseView,
    CertificateView,
    Channel,
    LockView,
    UserCard,
    UserRow,
    VisitorKind,
)


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """Who looks at a user, and when the counter serves; a card differs with both."""

    actor: Actor
    hours: ServiceHours


class Held(Protocol):
    """A certificate, as far as the next transaction depends on it."""

    @property
    def state(self) -> str:
        """A word of `CertificateState`."""

    @property
    def last_valid_date(self) -> date:
        """In Japan."""


def lock_state_of(user: User) -> LockState:
    """What the rules of `kiosk.rules.lockout` decide on."""
    return LockState(
        status=UserStatus(user.status),
        consecutive_failures=user.consecutive_failures,
        lock_count=user.lock_count,
        locked_until=user.locked_until,
        charges=user.charges,
    )


def store_lock_state(user: User, state: LockState) -> None:
    """Put what the rules decided into the row."""
    user.status = state.status
    user.consecutive_failures = state.consecutive_failures
    user.lock_count = state.lock_count
    user.locked_until = state.locked_until
    user.charges = state.charges


def lock_view(state: LockState, now: datetime) -> LockView:
    """Where the user stands; the end of a lock only while it lasts."""
    stands = lockout.standing(state, now)
    return LockView(
        standing=stands,
        until=state.locked_until if stands is LockStanding.LOCKED else None,
        tries_left=lockout.tries_left(state, now),
        lock_count=state.lock_count,
    )


def holdings_of(certificates: Iterable[Held]) -> tuple[Holding, ...]:
    """The signed certificates among these, as `kiosk.rules.operations` reads them (E-69)."""
    return tuple(
        Holding(
            last_valid_date=row.last_valid_date,
            revoked=row.state == CertificateState.REVOKED,
            delivered=row.state == CertificateState.ACTIVE,
        )
        for row in certificates
        if row.state in EXISTING_STATES
    )


def situation_of(
    session: Session,
    user: User,
    certificates: Iterable[Held],
    viewer: Viewer,
    now: datetime,
    *,
    serving: str | None = None,
    visitor_is_proxy: bool = False,
    by_phone: bool | None = None,
) -> UserSituation:
    """Everything the next transaction of this user depends on; `serving` is the reception number to leave out."""
    return UserSituation(
        role=UserRole(user.role),
        initial_registration_done=user.initial_registration_done,
        lock=lock_state_of(user),
        holdings=holdings_of(certificates),
        same_branch=user.branch_pk == viewer.actor.terminal.branch_pk,
        open_families=_open_families(session, user.pk, serving),
        in_service=is_open(viewer.hours, now),
        visitor_is_proxy=visitor_is_proxy,
        by_phone=by_phone,
    )


def user_row(user: User, organization: Organization) -> UserRow:
    """A line of a search result."""
    return UserRow(
        user_pk=user.pk,
        user_id=user.user_id,
        name=user.name,
        kana=user.kana,
        role=UserRole(user.role),
        organization_name=organization.name,
        organization_code=organization.code,
    )


def certificate_view(certificate: Certificate, delivery: Delivery | None, now: datetime) -> CertificateView:
    """One certificate with what is computed for the day of `now` in Japan."""
    revoked = certificate.state == CertificateState.REVOKED
    return CertificateView(
        serial=certificate.serial,
        state=CertificateState(certificate.state),
        standing=standing(certificate.last_valid_date, revoked, now),
        issue_date=certificate.issue_date,
        last_valid_date=certificate.last_valid_date,
        renewable_from=renewable_from(certificate.last_valid_date),
        pc_alias=certificate.pc_alias,
        delivery=None if delivery is None else DeliveryState(delivery.state),
        revoked_at=certificate.revoked_at,
        revocation_reason=certificate.revocation_reason,
    )


def certificates_view(
    certificates: Iterable[Certificate], deliveries: Iterable[Delivery], now: datetime
) -> tuple[CertificateView, ...]:
    """A user's certificates: live ones first, then the newest first. Voided ones never existed."""
    of = {delivery.certificate_pk: delivery for delivery in deliveries}
    existing = (row for row in certificates if row.state != CertificateState.VOIDED)
    views = [certificate_view(row, of.get(row.pk), now) for row in existing]
    views.sort(key=lambda view: (view.issue_date, view.serial), reverse=True)
    return tuple(sorted(views, key=lambda view: view.standing not in LIVE_STANDINGS))


def user_card(
    session: Session,
    user: User,
    viewer: Viewer,
    now: datetime,
    *,
    case: Case | None = None,
    with_timeline: bool = False,
) -> UserCard:
    """The customer at hand, for the reception `case` if there is one. Needs a few indexed reads, no locks."""
    organization = session.get_one(Organization, user.organization_pk)
    branch = session.get_one(Branch, user.branch_pk)
    certificates = certificate_queries.of_user(session, user.pk)
    deliveries = delivery_queries.of_user(session, user.pk)
    situation = situation_of(
        session,
        user,
        certificates,
        viewer,
        now,
        serving=None if case is None else case.reception_no,
        visitor_is_proxy=case is not None and case.visitor_kind == VisitorKind.PROXY,
        by_phone=None if case is None else case.channel == Channel.PHONE,
    )
    return UserCard(
        user_pk=user.pk,
        user_id=user.user_id,
        name=user.name,
        kana=user.kana,
        role=situation.role,
        organization_name=organization.name,
        organization_code=organization.code,
        branch_name=branch.name,
        masked_email=mask_email(user.email),
        lock=lock_view(situation.lock, now),
        certificates=certificates_view(certificates, deliveries, now),
        next_actions=next_actions(situation, viewer.actor.role, now),
        timeline=timeline_of(session, user.pk) if with_timeline else (),
    )


def case_view(case: Case, card: UserCard | None) -> CaseView:
    """A reception as the counter sees it."""
    return CaseView(
        reception_no=case.reception_no,
        state=CaseState(case.state),
        transaction=None if case.transaction is None else Transaction(case.transaction),
        issue_kind=None if case.issue_kind is None else IssueKind(case.issue_kind),
        opened_at=case.opened_at,
        visitor_name=case.visitor_name,
        visitor_kind=VisitorKind(case.visitor_kind),
        medium_no=case.medium_no,
        pc_alias=case.pc_alias,
        card=card,
    )


def _open_families(session: Session, user_pk: int, serving: str | None) -> frozenset[TransactionFamily]:
    numbers = open_cases.numbers_by_family(session, user_pk)
    return frozenset(TransactionFamily(family) for family, number in numbers.items() if number != serving)

"""Steps 6 and 7: the certificate comes into being and goes onto the stick.

The order of writes is the promise (I-2, I-4): the intent is stored before the signature is made, the certificate before
its p12 is written, and after the intent every interruption leaves a state that the registry shows.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.exc import IntegrityError

from db.database import is_unique_violation
from db.queries import certificates as certificate_queries
from db.tables.case import Case
from db.tables.certificate import ONE_CERTIFICATE_PER_SLOT, ONE_PRESS, Certificate
from db.tables.delivery import Delivery
from db.tables.organization import Organization
from db.tables.user import User
from kiosk.audit.events import EventTag
from kiosk.errors import (
    BundleUnusable,
    CaseNotOpen,
    IssueDayChanged,
    IssueFailed,
    IssueUnknown,
    KioskError,
    NoMediumBooked,
    NotVerified,
    UserBusyElsewhere,
)
from kiosk.pki.serials import fresh_serial
from kiosk.pki.signer import CertificateOrder, KeyAlgorithm, Prepared, Signer
from kiosk.rules import naming
from kiosk.rules.approvals import ApprovalSubject
from kiosk.rules.cases import CaseState
from kiosk.rules.certificates import CertificateState
from kiosk.rules.operations import IssueKind
from kiosk.rules.roles import Permission
from kiosk.rules.service_hours import ServiceHours
from kiosk.rules.validity import Window, jst_date, window_for
from kiosk.rules.verification import VERIFIED_MINUTES
from kiosk.secret import Secret
from kiosk.services.acting import Actor
from kiosk.services.approved.requests import approved, mark_executed
from kiosk.services.approved.revocations import give_up
from kiosk.services.counter._slots import free_slot
from kiosk.services.counter.gate import IssueGate
from kiosk.services.desk.cases import (
    back_to_step_3,
    move,
    require_possible,
    the_case_to_read,
    the_issue,
    the_user,
    transaction_of,
)
from kiosk.services.desk.guard import Act, Desk, partly_stored
from kiosk.services.desk.held import HeldPasswords
from kiosk.services.views import IssuePreview, IssueStage, Ready

Progress = Callable[[IssueStage], None]


@dataclass(frozen=True, kw_only=True)
class Issuing:
    """Sign verified receptions and bring the result onto a stick."""

    desk: Desk
    signer: Signer
    passwords: HeldPasswords
    hours: ServiceHours
    key_algorithm: KeyAlgorithm
    profile_name: str
    publish_crl: Callable[[], None]
    """Publish the CRL after a revocation; a failure is journaled there and never undoes the revocation."""
    gate: IssueGate
    numbered_media: bool
    """Whether each stick carries a number of the bank's ledger."""
    needs_approval: bool = False
    """Whether a supervisor agrees to an issue (DOMAIN 3.2.5)."""

    def preview(self, actor: Actor, reception_no: str) -> IssuePreview:
        """What step 6 shows; the dates are those of an issue at this moment (E-08)."""
        with self.desk.looking(actor, Permission.ISSUE) as look:
            case = the_case_to_read(look.session, reception_no, look.scope, CaseState.CODE_OK)
            user = look.session.get_one(User, case.user_pk)
            transaction = transaction_of(case)
            window = window_for(look.now)
            return IssuePreview(
                organization_name=look.session.get_one(Organization, user.organization_pk).name,
                name=user.name,
                user_id=user.user_id,
                kind=next(kind for kind in IssueKind if kind.transaction is transaction),
                issue_date=window.issue_date,
                last_valid_date=window.last_valid_date,
                medium_no=case.medium_no or "",
            )

    def sign(
        self,
        actor: Actor,
        reception_no: str,
        operation_id: str,
        progress: Progress,
        *,
        shown: date,
    ) -> Ready:
        """Issue the certificate: from here on it exists (E-84), whatever happens to its p12.

        The moment this is called counts as the moment of issue (E-08). `shown` is the issue day in Japan that the
        clerk saw in the preview; another day raises `IssueDayChanged`, so that nothing is signed but what was read.
        Raises `IssuingClosed`, `NoMailServer`, `NotVerified` (step 4 must be repeated), the refusals of the door,
        `NoMediumBooked`, `ClockWrong`, `UserBusyElsewhere`: nothing happened. `IssueFailed`: no certificate exists.
        `BundleUnusable`: it exists and is revoked. `IssueUnknown` or `OutcomeUnknown`: the unfinished list knows.
        """
        self._require_possible_here(actor, reception_no)
        pressed_at = self.desk.clock.now()
        password = self.passwords.of(reception_no, pressed_at)
        if password is None:
            raise self.desk.refusal(
                actor, NotVerified(), EventTag.ISSUE_REFUSED, {"reception_no": reception_no}
            )
        window = window_for(pressed_at)
        if shown != window.issue_date:
            raise self.desk.refusal(
                actor, IssueDayChanged(), EventTag.ISSUE_REFUSED, {"reception_no": reception_no}
            )
        progress(IssueStage.KEY)
        order = self._order(actor, reception_no, window)
        prepared = self.signer.prepare(order)
        try:
            file_name = self._reserve(actor, reception_no, operation_id, order, prepared, window)
        except BaseException:
            self.signer.discard(prepared.handle)
            raise
        progress(IssueStage.SIGNATURE)
        try:
            p12 = self._sign_and_bundle(actor, reception_no, order, prepared, file_name, password, progress)
        except BaseException:
            self.passwords.wipe(reception_no)
            raise
        self.passwords.used(reception_no)
        return Ready(
            reception_no=reception_no,
            serial=naming.serial_text(order.serial),
            file_name=file_name,
            last_valid_date=window.last_valid_date,
            handle=prepared.handle,
            p12=p12,
        )

    def abandon(self, actor: Actor, ready: Ready) -> None:
        """Give up a certificate that never reached a stick: revoked at once, without approval (DOMAIN decision 1)."""
        self.signer.discard(ready.handle)
        self._give_up(actor, ready.reception_no, EventTag.CERTIFICATE_ABANDONED)

    def _require_possible_here(self, actor: Actor, reception_no: str) -> None:
        refusal = self.gate.refusal()
        if refusal is not None:
            raise self.desk.refusal(actor, refusal, EventTag.ISSUE_REFUSED, {"reception_no": reception_no})

    def _order(self, actor: Actor, reception_no: str, window: Window) -> CertificateOrder:
        with self.desk.looking(actor, Permission.ISSUE) as look:
            case = the_case_to_read(look.session, reception_no, look.scope, CaseState.CODE_OK)
            user = look.session.get_one(User, case.user_pk)
            organization = look.session.get_one(Organization, user.organization_pk)
            return CertificateOrder(
                serial=fresh_serial(),
                user_id=user.user_id,
                organization_name=organization.name,
                organization_code=organization.code,
                email=user.email,
                not_before=window.not_before,
                not_after=window.not_after,
                key_algorithm=self.key_algorithm,
            )

    def _reserve(
        self,
        actor: Actor,
        reception_no: str,
        operation_id: str,
        order: CertificateOrder,
        prepared: Prepared,
        window: Window,
    ) -> str:
        """Store what is about to be signed, with everything checked again in the same transaction (I-4)."""
        with self.desk.acting(
            actor,
            Permission.ISSUE,
            EventTag.ISSUE_SIGNING,
            watch_clock=True,
            reception_no=reception_no,
            serial=naming.serial_text(order.serial),
        ) as act:
            case = the_issue(act.session, reception_no, act.scope, CaseState.CODE_OK)
            user = the_user(act.session, case)
            act.about(user_id=user.user_id)
            _require_fresh(case, actor, act.now)
            _require_same_order(user, act.session.get_one(Organization, user.organization_pk), order)
            refusal = require_possible(act, case, user, actor, self.hours)
            if refusal is not None:
                raise refusal
            if self.numbered_media and case.medium_no is None:
                raise NoMediumBooked
            if self.needs_approval:
                approval = approved(act, case, actor, ApprovalSubject.ISSUE, begun=True)
                if approval is None:
                    return ""  # refused: nothing is reserved
                mark_executed(act, approval.row, approval.by)
            self._insert(act, case, user, operation_id, order, prepared, window)
            move(case, CaseState.ISSUING, act.now)
            act.record(
                key_sha256=prepared.public_key_sha256,
                tbs_sha256=prepared.tbs_sha256,
                not_before=order.not_before.isoformat(),
                not_after=order.not_after.isoformat(),
            )
            return naming.p12_file_name(user.user_id, act.now)

    def _insert(
        self,
        act: Act,
        case: Case,
        user: User,
        operation_id: str,
        order: CertificateOrder,
        prepared: Prepared,
        window: Window,
    ) -> None:
        row = Certificate(
            serial=naming.serial_text(order.serial),
            operation_id=operation_id,
            user_pk=user.pk,
            case_pk=case.pk,
            state=CertificateState.RESERVED,
            slot=free_slot(act.session, user.pk, act.now),
            key_sha256=prepared.public_key_sha256,
            tbs_sha256=prepared.tbs_sha256,
            subject=f"{order.organization_name} / {order.user_id}",
            profile=self.profile_name,
            not_before=order.not_before,
            not_after=order.not_after,
            issue_date=window.issue_date,
            last_valid_date=window.last_valid_date,
            reserved_at=act.now,
            pc_alias=case.pc_alias,
        )
        try:
            with act.session.begin_nested():
                act.session.add(row)
        except IntegrityError as error:
            if is_unique_violation(error, ONE_CERTIFICATE_PER_SLOT):
                raise UserBusyElsewhere(terminal_no="", reception_no="") from None
            if is_unique_violation(error, ONE_PRESS):
                raise IssueUnknown from None  # it was stored before, and may be under way
            raise IssueFailed from None  # a serial that was there already: nothing is signed (I-5)

    def _sign_and_bundle(
        self,
        actor: Actor,
        reception_no: str,
        order: CertificateOrder,
        prepared: Prepared,
        file_name: str,
        password: Secret,
        progress: Progress,
    ) -> bytes:
        """The p12 of a certificate that is stored.

        The signer makes the p12 while the registry stores the certificate; neither leaves before both are done.
        """
        der = self._signature(actor, reception_no, order, prepared)
        progress(IssueStage.P12)
        name = f"{order.user_id} {jst_date(order.not_before)}"
        with ThreadPoolExecutor(max_workers=1) as beside:
            p12 = beside.submit(self.signer.bundle, prepared.handle, password, name)
            self._store_signed(actor, reception_no, order, prepared, file_name, der)
        try:
            return p12.result()
        except KioskError as failure:
            self.signer.discard(prepared.handle)
            with partly_stored():
                self._give_up(actor, reception_no, EventTag.CERTIFICATE_ABANDONED)
            raise BundleUnusable from failure

    def _signature(
        self, actor: Actor, reception_no: str, order: CertificateOrder, prepared: Prepared
    ) -> bytes:
        try:
            return self.signer.sign(prepared.handle)
        except KioskError as failure:
            self.signer.discard(prepared.handle)
            with partly_stored():
                self._void(actor, reception_no, naming.serial_text(order.serial), failure)
            raise IssueFailed from failure

    def _store_signed(
        self,
        actor: Actor,
        reception_no: str,
        order: CertificateOrder,
        prepared: Prepared,
        file_name: str,
        der: bytes,
    ) -> None:
        serial = naming.serial_text(order.serial)
        try:
            with self.desk.acting(
                actor,
                Permission.ISSUE,
                EventTag.ISSUE_SIGNED,
                finishing=True,
                reception_no=reception_no,
                serial=serial,
            ) as act:
                case = the_issue(act.session, reception_no, act.scope, CaseState.ISSUING)
                row = certificate_queries.by_serial_for_update(act.session, serial, None)
                if row is None or row.state != CertificateState.RESERVED:
                    raise CaseNotOpen(reception_no=reception_no, state=case.state)
                row.der, row.issued_at, row.state = der, act.now, CertificateState.SIGNED
                act.session.add(Delivery(certificate_pk=row.pk, file_name=file_name))
                move(case, CaseState.ISSUED, act.now)
                act.record()
        except BaseException as failure:
            self.signer.discard(prepared.handle)  # without its key the certificate opens no door
            if isinstance(failure, KioskError):
                raise IssueUnknown from failure
            raise

    def _void(self, actor: Actor, reception_no: str, serial: str, failure: KioskError) -> None:
        """Nothing was signed, or what was signed died with the signer: the reservation is written off."""
        with self.desk.acting(
            actor,
            Permission.ISSUE,
            EventTag.CERTIFICATE_VOIDED,
            finishing=True,
            reception_no=reception_no,
            serial=serial,
        ) as act:
            case = the_issue(act.session, reception_no, act.scope, CaseState.ISSUING)
            row = certificate_queries.by_serial_for_update(act.session, serial, None)
            if row is not None and row.state == CertificateState.RESERVED:
                row.state, row.slot = CertificateState.VOIDED, None
            back_to_step_3(case, act.now)
            act.record(cause=failure.code)

    def _give_up(self, actor: Actor, reception_no: str, tag: EventTag) -> None:
        with self.desk.acting(
            actor, Permission.HAND_OVER, tag, finishing=True, reception_no=reception_no
        ) as act:
            case = the_issue(act.session, reception_no, act.scope, CaseState.ISSUED)
            give_up(act, case, self.signer.facts().key_id, staff_pk=actor.staff_pk)
        self.publish_crl()


def _require_fresh(case: Case, actor: Actor, now: datetime) -> None:
    """Password and code must have been confirmed in this sign-on and not long ago."""
    verified_at = case.verified_at
    if verified_at is None or case.session != actor.session:
        raise NotVerified
    if not verified_at <= now < verified_at + timedelta(minutes=VERIFIED_MINUTES):
        raise NotVerified


def _require_same_order(user: User, organization: Organization, order: CertificateOrder) -> None:
    """What was prepared outside the transaction must still be what the registry holds."""
    holds = (user.user_id, user.email, organization.name, organization.code)
    if holds != (order.user_id, order.email, order.organization_name, order.organization_code):
        raise IssueFailed

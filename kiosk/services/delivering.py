"""Steps 7 and 8: the p12 goes onto the stick, is read back, and only then counts as delivered (E-83, E-84)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from db.queries import certificates as certificate_queries
from db.queries import issues
from kiosk.audit.events import EventTag
from kiosk.audit.trail import Outcome
from kiosk.errors import (
    BundleUnusable,
    CaseNotOpen,
    KioskError,
    MediaError,
    StickNotEmpty,
    StickReadOnly,
    StickRemoved,
    StickUnsupported,
)
from kiosk.media.volumes import Media, Stick, StickRef, StickRefusal, WriteReceipt, WriteStep
from kiosk.pki.signer import Signer
from kiosk.rules.cases import CaseState
from kiosk.rules.certificates import CertificateState
from kiosk.rules.deliveries import DeliveryState
from kiosk.rules.notices import NoticeKind
from kiosk.rules.roles import Permission
from kiosk.services._cases import move, the_issue, the_user
from kiosk.services._guard import Desk, partly_stored
from kiosk.services._outbox import queue_notice
from kiosk.services._revoking import give_up
from kiosk.services.acting import Actor
from kiosk.services.views import Delivered, IssueStage, Ready

__all__ = ["Delivering", "Stick", "StickRef", "StickRefusal"]

Progress = Callable[[IssueStage], None]

_STAGE_OF = {WriteStep.WRITING: IssueStage.WRITE, WriteStep.READING_BACK: IssueStage.READ_BACK}
_REFUSED_STICK: dict[StickRefusal, type[MediaError]] = {
    StickRefusal.NOT_EMPTY: StickNotEmpty,
    StickRefusal.WRITE_PROTECTED: StickReadOnly,
    StickRefusal.NO_MEDIUM: StickRemoved,
}


@dataclass(frozen=True, kw_only=True)
class Delivering:
    """Bring an issued p12 onto a stick."""

    desk: Desk
    signer: Signer
    media: Media
    publish_crl: Callable[[], None]

    async def watch_sticks(self) -> AsyncIterator[tuple[Stick, ...]]:
        """Everything plugged in, again whenever that changes."""
        async for sticks in self.media.watch():
            yield sticks

    def sticks(self) -> tuple[Stick, ...]:
        """Everything plugged in now, refused sticks included."""
        return asyncio.run(self.media.list())

    def check_stick(self, actor: Actor, reception_no: str, ref: StickRef) -> Stick:
        """Whether a stick may be written, before the point of no return (E-88).

        Raises `StickRemoved`, `StickNotEmpty`, `StickReadOnly` or `StickUnsupported`.
        """
        try:
            stick = next((stick for stick in self.sticks() if stick.ref == ref), None)
            if stick is None:
                raise StickRemoved
            if stick.refusal is not None:
                refused = _REFUSED_STICK.get(stick.refusal, StickUnsupported)
                raise refused
        except MediaError as refusal:
            self.desk.note(
                actor,
                EventTag.STICK_REFUSED,
                outcome=Outcome.REFUSED,
                reception_no=reception_no,
                code=refusal.code,
            )
            raise
        return stick

    def deliver(self, actor: Actor, ready: Ready, ref: StickRef, progress: Progress) -> Delivered:
        """Write the p12 to a stick, read it back, store that it is there (E-83).

        After a `MediaError` the same `ready` may go to another stick (E-84); its `left_behind` says what may lie on
        this one. Every try is journaled. `BundleUnusable`: no stick will help, the certificate is revoked.
        `OutcomeUnknown`: the p12 may lie on the stick, and the registry does not know.
        """
        self._begin_try(actor, ready)
        with partly_stored():
            receipt = self._write(actor, ready, ref, progress)
            self._require_bundle(actor, ready)
            delivered = self._store_verified(actor, ready, receipt)
        self.signer.discard(ready.handle)
        progress(IssueStage.EJECT)
        self._eject(ref)
        return delivered

    def _write(self, actor: Actor, ready: Ready, ref: StickRef, progress: Progress) -> WriteReceipt:
        progress(IssueStage.WRITE)

        def stage(step: WriteStep) -> None:
            if step in _STAGE_OF:
                progress(_STAGE_OF[step])

        try:
            return asyncio.run(self.media.write_verified(ref, ready.file_name, ready.p12, stage))
        except MediaError as failure:
            self.desk.note(
                actor,
                EventTag.DELIVERY_FAILED,
                outcome=Outcome.FAILED,
                reception_no=ready.reception_no,
                serial=ready.serial,
                code=failure.code,
                left_behind=failure.left_behind,
            )
            raise

    def _require_bundle(self, actor: Actor, ready: Ready) -> None:
        """The p12 must open with its password (E-83); the signer has looked while the stick was being written."""
        try:
            self.signer.confirm(ready.handle)
        except KioskError as failure:
            self.signer.discard(ready.handle)
            with self.desk.acting(
                actor,
                Permission.HAND_OVER,
                EventTag.CERTIFICATE_ABANDONED,
                reception_no=ready.reception_no,
            ) as act:
                case = the_issue(act.session, ready.reception_no, act.scope, CaseState.ISSUED)
                give_up(act, case, self.signer.facts().key_id, staff_pk=actor.staff_pk)
            self.publish_crl()
            raise BundleUnusable from failure

    def _begin_try(self, actor: Actor, ready: Ready) -> None:
        """Store that a copy may soon lie on a stick, before one does."""
        with self.desk.acting(
            actor,
            Permission.ISSUE,
            EventTag.STICK_CHOSEN,
            reception_no=ready.reception_no,
            serial=ready.serial,
        ) as act:
            case = the_issue(act.session, ready.reception_no, act.scope, CaseState.ISSUED)
            delivery = issues.delivery_of_for_update(act.session, case.pk)
            if delivery is None or delivery.state != DeliveryState.KEY_READY:
                raise CaseNotOpen(reception_no=case.reception_no, state=case.state)
            delivery.tries += 1
            delivery.medium_no = case.medium_no
            act.record(medium_no=case.medium_no, tries=delivery.tries)

    def _store_verified(self, actor: Actor, ready: Ready, receipt: WriteReceipt) -> Delivered:
        with self.desk.acting(
            actor,
            Permission.ISSUE,
            EventTag.DELIVERY_VERIFIED,
            reception_no=ready.reception_no,
            serial=ready.serial,
        ) as act:
            case = the_issue(act.session, ready.reception_no, act.scope, CaseState.ISSUED)
            user = the_user(act.session, case)
            row = certificate_queries.by_serial_for_update(act.session, ready.serial, None)
            delivery = issues.delivery_of_for_update(act.session, case.pk)
            if row is None or delivery is None or row.state != CertificateState.SIGNED:
                raise CaseNotOpen(reception_no=case.reception_no, state=case.state)
            delivery.state = DeliveryState.VERIFIED
            delivery.written_at = delivery.verified_at = act.now
            delivery.p12_sha256 = receipt.sha256
            delivery.simulated = self.media.simulated
            row.state = CertificateState.ACTIVE
            move(case, CaseState.DELIVERED, act.now)
            queue_notice(
                act.session,
                kind=NoticeKind.ISSUED,
                dedupe=f"issued:{row.serial}",
                user_pk=user.pk,
                certificate_pk=row.pk,
                now=act.now,
            )
            act.record(
                user_id=user.user_id,
                medium_no=case.medium_no,
                simulated=self.media.simulated,
                verified="+".join(receipt.verified),
            )
            return Delivered(
                reception_no=case.reception_no,
                serial=row.serial,
                file_name=ready.file_name,
                medium_no=case.medium_no or "",
                simulated=self.media.simulated,
                finished=act.now,
            )

    def _eject(self, ref: StickRef) -> None:
        """The file is verified and stored: a stick that will not let go is waited for by hand, not a failure."""
        try:
            asyncio.run(self.media.eject(ref))
        except MediaError:
            return

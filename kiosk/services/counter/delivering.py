"""Steps 7 and 8: the p12 goes onto the stick, is read back, and only then counts as delivered (E-83, E-84)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256

from db.queries import certificates as certificate_queries
from db.queries import issues
from kiosk.audit.chain import Fact
from kiosk.audit.events import EventTag
from kiosk.audit.trail import Outcome
from kiosk.errors import (
    BundleUnusable,
    CaseNotOpen,
    FileNotOnStick,
    KioskError,
    LeftBehind,
    MediaError,
    NotTheSameStick,
    StickRemoved,
)
from kiosk.media.volumes import Media, Stick, StickRef, StickRefusal, WriteReceipt, WriteStep
from kiosk.pki.signer import Signer
from kiosk.rules.cases import BEFORE_ISSUING, CaseState
from kiosk.rules.certificates import CertificateState
from kiosk.rules.deliveries import DeliveryState
from kiosk.rules.notices import NoticeKind
from kiosk.rules.roles import Permission
from kiosk.services.acting import Actor
from kiosk.services.approved.revocations import give_up
from kiosk.services.counter._sticks import Copy, SticksSeen, refusal_after_a_look, refusal_of
from kiosk.services.desk.cases import move, take_medium_again, the_issue, the_user
from kiosk.services.desk.guard import Desk, partly_stored
from kiosk.services.desk.outbox import queue_notice
from kiosk.services.views import Delivered, IssueStage, Ready

__all__ = ["Delivering", "Stick", "StickRef", "StickRefusal"]

Progress = Callable[[IssueStage], None]

_STAGE_OF = {
    WriteStep.PREPARING: IssueStage.PREPARE,
    WriteStep.WRITING: IssueStage.WRITE,
    WriteStep.READING_BACK: IssueStage.READ_BACK,
    WriteStep.CONFIRMING: IssueStage.CONFIRM,
    WriteStep.EJECTING: IssueStage.EJECT,
}
FOUND = "found"
"""How a file was verified that an earlier try had put where it lies."""


@dataclass(frozen=True, kw_only=True)
class Delivering:
    """Bring an issued p12 onto a stick."""

    desk: Desk
    signer: Signer
    media: Media
    publish_crl: Callable[[], None]
    _seen: SticksSeen = field(default_factory=SticksSeen, init=False, repr=False)

    async def watch_sticks(self) -> AsyncIterator[tuple[Stick, ...]]:
        """Everything plugged in, again whenever that changes; a device that is not allowed is journaled once."""
        async for sticks in self.media.watch():
            yield sticks
            strangers = [stick for stick in sticks if self._seen.is_new_stranger(stick)]
            if strangers:
                await asyncio.to_thread(self._note_strangers, strangers)

    def sticks(self) -> tuple[Stick, ...]:
        """Everything plugged in now, refused sticks included."""
        return asyncio.run(self.media.list())

    def refusal_of(self, stick: Stick) -> MediaError | None:
        """Why a stick of the list cannot take a p12; None when it can, as far as that is known without a look."""
        return refusal_of(stick)

    def check_stick(self, actor: Actor, reception_no: str, ref: StickRef) -> Stick:
        """Look into a stick for a moment, before the point of no return; nothing is written (E-88).

        Raises a child of `MediaError` when the p12 could not go onto it; `LeftoverOnStick`: not before
        `remove_leftover`.
        """
        try:
            stick = asyncio.run(self.media.look(ref))
            self._seen.looked_at(stick)
            refusal = refusal_after_a_look(stick)
            if refusal is not None:
                raise refusal
        except MediaError as refusal:
            self._note(
                actor, EventTag.STICK_REFUSED, refusal, ref, Outcome.REFUSED, reception_no=reception_no
            )
            raise
        return stick

    def remove_leftover(self, actor: Actor, reception_no: str, ref: StickRef) -> None:
        """Delete the unfinished file that `LeftoverOnStick` told of, and nothing else on the stick (E-84).

        The journal tells that it is about to be deleted, and then what became of it; the name was made here. Raises
        `CaseNotOpen` and `AccountChanged`: nothing was deleted; a child of `MediaError`: it may still be there;
        `OutcomeUnknown` and `JournalNotWritable`: it may be gone.
        """
        self._begin_removal(actor, reception_no, ref)
        with partly_stored():
            try:
                name = asyncio.run(self.media.remove_leftover(ref))
            except MediaError as failure:
                self._note(actor, EventTag.LEFTOVER_REMOVED, failure, ref, reception_no=reception_no)
                raise
            if name:
                self._seen.removed(name)
            self._note(
                actor,
                EventTag.LEFTOVER_REMOVED,
                None,
                ref,
                reception_no=reception_no,
                file=name or None,
                was_there=bool(name),
            )

    def deliver(self, actor: Actor, ready: Ready, ref: StickRef, progress: Progress) -> Delivered:
        """Write the p12 to a stick, read it back, store that it is there (E-83), and let go of the stick.

        After a `MediaError` the same `ready` may go to another stick (E-84); its `left_behind` says what may lie on
        this one. Every try is journaled. `BundleUnusable`: no stick will help, the certificate is revoked.
        `OutcomeUnknown`: the p12 may lie on the stick, and the registry does not know.
        """
        medium_no = self._begin_try(actor, ready, ref)
        with partly_stored():
            try:
                receipt = self._write(ready, ref, progress)
            except MediaError as failure:
                copy = self._copy(ref, medium_no, failure.left_behind, failure.temporary)
                self._seen.failed(ready.serial, copy)
                self._note_failure(actor, ready, ref, failure)
                raise
            # Until the registry knows it as delivered, it is one more copy that lies on a stick.
            self._seen.failed(ready.serial, self._copy(ref, medium_no, LeftBehind.COMPLETE_UNCONFIRMED))
            return self._finish(actor, ready, ref, receipt.sha256, receipt.verified, progress, medium_no)

    def find_finished(self, actor: Actor, ready: Ready, ref: StickRef) -> Delivered:
        """Look whether an earlier try, whose end nobody saw, has put the whole p12 onto this stick (E-84).

        Then it is delivered as if it had been seen. Raises `FileNotOnStick`, or another `MediaError` when the stick
        does not tell; `BundleUnusable` and `OutcomeUnknown` as `deliver`.
        """
        digest = sha256(ready.p12).hexdigest()
        self._see(ref)
        try:
            if not asyncio.run(self.media.looks_finished(ref, ready.file_name, digest)):
                raise FileNotOnStick
        except MediaError as failure:
            self._note_failure(actor, ready, ref, failure)
            raise
        with partly_stored():
            medium_no = self._seen.found(ready.serial, ref)
            return self._finish(actor, ready, ref, digest, (FOUND,), lambda _: None, medium_no)

    def eject(self, actor: Actor, delivered: Delivered, ref: StickRef) -> Delivered:
        """Try once more to let go of a stick that was written; what is known then. Never raises a `MediaError`."""
        failure = self._eject(ref)
        self._note_eject(actor, ref, delivered, failure)
        return replace(delivered, not_ejected=failure)

    def _finish(
        self,
        actor: Actor,
        ready: Ready,
        ref: StickRef,
        digest: str,
        verified: tuple[str, ...],
        progress: Progress,
        medium_no: str = "",
    ) -> Delivered:
        """It is on the stick: store that, forget the key, and let go of the stick.

        `medium_no`: of the medium that holds it; the reception may have taken another one since.
        """
        self._require_bundle(actor, ready)
        delivered = self._store_verified(actor, ready, ref, digest, verified, medium_no)
        self._seen.settled(ready.serial)
        self.signer.discard(ready.handle)
        progress(IssueStage.EJECT)
        failure = self._eject(ref)
        if failure is not None:
            self._note_eject(actor, ref, delivered, failure)
        return replace(delivered, not_ejected=failure)

    def _write(self, ready: Ready, ref: StickRef, progress: Progress) -> WriteReceipt:
        progress(IssueStage.PREPARE)
        writing = self.media.write_verified(
            ref, ready.file_name, ready.p12, lambda step: progress(_STAGE_OF[step])
        )
        return asyncio.run(writing)

    def _see(self, ref: StickRef) -> None:
        """Keep how a stick calls itself that was put back: it is another plug-in since it was looked at."""
        with suppress(MediaError):
            for stick in self.sticks():
                if stick.ref == ref:
                    self._seen.looked_at(stick)

    def _copy(self, ref: StickRef, medium_no: str, left: LeftBehind, temporary: str = "") -> Copy:
        stick = self._seen.look_of(ref)
        return Copy(ref=ref, medium_no=medium_no, stick=stick, left_behind=left, temporary=temporary)

    def _note(
        self,
        actor: Actor | None,
        tag: EventTag,
        failure: MediaError | None,
        ref: StickRef,
        outcome: Outcome = Outcome.FAILED,
        **about: Fact,
    ) -> None:
        """One entry about a stick: done, or why not."""
        self.desk.note(
            actor,
            tag,
            outcome=Outcome.DONE if failure is None else outcome,
            code=None if failure is None else failure.code,
            refusal=getattr(failure, "refusal", "") or None,
            stick=self._seen.look_of(ref) or None,
            **about,
        )

    def _note_failure(self, actor: Actor, ready: Ready, ref: StickRef, failure: MediaError) -> None:
        self._note(
            actor,
            EventTag.DELIVERY_FAILED,
            failure,
            ref,
            reception_no=ready.reception_no,
            serial=ready.serial,
            left_behind=failure.left_behind,
        )

    def _note_eject(
        self, actor: Actor, ref: StickRef, delivered: Delivered, failure: MediaError | None
    ) -> None:
        """The p12 is delivered and stored: nothing of that hangs on this entry."""
        tag = EventTag.STICK_EJECTED if failure is None else EventTag.STICK_NOT_EJECTED
        with suppress(KioskError):
            self._note(actor, tag, failure, ref, reception_no=delivered.reception_no, serial=delivered.serial)

    def _note_strangers(self, sticks: list[Stick]) -> None:
        """Devices that may not be used here; a registry out of reach keeps nobody from seeing them."""
        with suppress(KioskError):
            for stick in sticks:
                self._seen.looked_at(stick)
                self._note(
                    None, EventTag.STICK_REFUSED, refusal_of(stick), stick.ref, outcome=Outcome.REFUSED
                )

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
                finishing=True,
                reception_no=ready.reception_no,
            ) as act:
                case = the_issue(act.session, ready.reception_no, act.scope, CaseState.ISSUED)
                give_up(act, case, self.signer.facts().key_id, staff_pk=actor.staff_pk)
            self.publish_crl()
            raise BundleUnusable from failure

    def _begin_removal(self, actor: Actor, reception_no: str, ref: StickRef) -> None:
        with self.desk.acting(
            actor, Permission.ISSUE, EventTag.LEFTOVER_REMOVING, reception_no=reception_no
        ) as act:
            the_issue(act.session, reception_no, act.scope, *BEFORE_ISSUING, CaseState.ISSUED)
            act.record(stick=self._seen.look_of(ref) or None)

    def _begin_try(self, actor: Actor, ready: Ready, ref: StickRef) -> str:
        """Store that a copy may soon lie on a stick, before one does; the number of that medium."""
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
            stick = self._seen.look_of(ref) or None
            act.record(medium_no=case.medium_no, tries=delivery.tries, stick=stick)
            return case.medium_no or ""

    def _store_verified(
        self,
        actor: Actor,
        ready: Ready,
        ref: StickRef,
        digest: str,
        verified: tuple[str, ...],
        medium_no: str,
    ) -> Delivered:
        with self.desk.acting(
            actor,
            Permission.ISSUE,
            EventTag.DELIVERY_VERIFIED,
            finishing=True,
            reception_no=ready.reception_no,
            serial=ready.serial,
        ) as act:
            case = the_issue(act.session, ready.reception_no, act.scope, CaseState.ISSUED)
            user = the_user(act.session, case)
            row = certificate_queries.by_serial_for_update(act.session, ready.serial, None)
            delivery = issues.delivery_of_for_update(act.session, case.pk)
            if row is None or delivery is None or row.state != CertificateState.SIGNED:
                raise CaseNotOpen(reception_no=case.reception_no, state=case.state)
            if medium_no and medium_no != case.medium_no:
                take_medium_again(act.session, case, medium_no, act.now, actor.staff_pk)
                delivery.medium_no = case.medium_no
            delivery.state = DeliveryState.VERIFIED
            delivery.written_at = delivery.verified_at = act.now
            delivery.p12_sha256 = digest
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
                verified="+".join(verified),
                file=ready.file_name,
                p12_sha256=digest,
                stick=self._seen.look_of(ref) or None,
            )
            copies = self._seen.elsewhere(ready.serial, ref, case.medium_no or "")
            for copy in copies:
                act.record(
                    EventTag.COPY_LEFT_BEHIND,
                    medium_no=copy.medium_no or None,
                    stick=copy.stick or None,
                    left_behind=copy.left_behind,
                )
            return Delivered(
                reception_no=case.reception_no,
                serial=row.serial,
                file_name=ready.file_name,
                medium_no=case.medium_no or "",
                simulated=self.media.simulated,
                finished=act.now,
                copies_elsewhere=tuple(copy.name for copy in copies),
            )

    def _eject(self, ref: StickRef) -> MediaError | None:
        """The file is verified and stored: a stick that will not let go is told, and is no failure of the issue.

        One that somebody has pulled out by now was unmounted before, and is where it should be.
        """
        try:
            asyncio.run(self.media.eject(ref))
        except (StickRemoved, NotTheSameStick):
            return None
        except MediaError as failure:
            return failure
        return None

"""Sending what the outbox holds: the code letter at once, every other letter in its turn (E-58, E-93, I-18).

A letter is claimed, sent and marked, in this order. Whoever dies between sending and marking leaves a lease that runs
out; the letter then goes out once more with the same Message-ID, and never a third way.
"""

import asyncio
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from db.queries import outbox
from db.tables import Branch, Certificate, Notice, User
from kiosk.audit.events import EventTag
from kiosk.audit.trail import Outcome
from kiosk.config import MailSettings
from kiosk.mail.delivery import MaildirMailer, Mailer, MailNotSent, TrainingLetter
from kiosk.mail.letters import Envelope, Fact, LetterRefused, compose
from kiosk.rules.notices import NoticeKind, NoticeState, backoff, gives_up
from kiosk.rules.revocation import RevocationReason
from kiosk.rules.roles import Permission
from kiosk.rules.texts import mask_user_id
from kiosk.rules.users import UserRole
from kiosk.services._guard import Act, Desk
from kiosk.services._outbox import CodeVault
from kiosk.services.acting import Actor
from kiosk.translations.catalog import Language

__all__ = ["Notices", "Round", "TrainingLetter"]

LEASE: Final = timedelta(minutes=5)
"""Longer than any mail server may take over one letter (`mail.smtp.total_seconds`)."""
MOST_IN_A_ROUND: Final = 200
SERIAL_TAIL: Final = 8
"""Characters of a serial number in a letter."""

_TAGS: Final = {
    NoticeState.SENT: (EventTag.MAIL_SENT, Outcome.DONE),
    NoticeState.BOUNCED: (EventTag.MAIL_FAILED, Outcome.FAILED),
    NoticeState.GAVE_UP: (EventTag.MAIL_GIVEN_UP, Outcome.FAILED),
}
"""The ends of a letter; a try that only failed for now is no end and leaves no entry."""


@dataclass(frozen=True, kw_only=True)
class Round:
    """What came of the letters that were due."""

    sent: int = 0
    failed: int = 0
    """Refused for good, or given up."""
    put_off: int = 0
    """Queued again."""


@dataclass(frozen=True, kw_only=True)
class _Claimed:
    """One letter that is this mailer's alone until the lease is over."""

    pk: int
    kind: NoticeKind
    tries: int
    created_at: datetime
    message_id: str
    recipient: str = field(repr=False)
    role: UserRole
    facts: dict[str, Fact]
    user_id: str
    serial: str | None


@dataclass(frozen=True)
class _Result:
    """What became of one try."""

    state: NoticeState
    error: str | None = None
    server_away: bool = False


@dataclass(frozen=True, kw_only=True)
class Notices:
    """Send queued letters. Every method blocks and belongs into a thread without an event loop."""

    desk: Desk
    vault: CodeVault
    mailer: Mailer | None
    mail: MailSettings
    language: Language
    """Of the letters."""
    training: bool
    jitter: Callable[[], float] = random.random
    """Spreads letters that failed together, from 0 to 1."""

    @property
    def can_send(self) -> bool:
        """There is a mail server, or the folder of training; without either nothing may be issued."""
        return self.mailer is not None

    def send_now(self, notice_pk: int) -> bool:
        """Send one letter in the foreground; whether the mail server took it.

        A code letter that fails is given up at once: the customer authenticates again and gets a new code (E-58).
        Raises `DatabaseUnavailable` and the other failures of storing.
        """
        claimed = self._claim(notice_pk)
        if claimed is None:
            return False
        return self._settle(claimed, self._try(claimed)) is NoticeState.SENT

    def send_due(self, limit: int = MOST_IN_A_ROUND) -> Round:
        """Send the letters that are due, most urgent first; stops early when the mail server is away.

        Raises `DatabaseUnavailable` and the other failures of storing; what was claimed comes back with its lease.
        """
        ends = {NoticeState.SENT: 0, NoticeState.BOUNCED: 0, NoticeState.GAVE_UP: 0, NoticeState.QUEUED: 0}
        for _ in range(limit if self.can_send else 0):
            claimed = self._claim()
            if claimed is None:
                break
            result = self._try(claimed)
            ends[self._settle(claimed, result)] += 1
            if result.server_away:
                break
        return Round(
            sent=ends[NoticeState.SENT],
            failed=ends[NoticeState.BOUNCED] + ends[NoticeState.GAVE_UP],
            put_off=ends[NoticeState.QUEUED],
        )

    def training_mailbox(self, limit: int = 20) -> tuple[TrainingLetter, ...]:
        """The latest letters for the 【訓練】 window, newest first; none when letters really leave."""
        return self.mailer.newest(limit) if isinstance(self.mailer, MaildirMailer) else ()

    def open_mailbox(self, actor: Actor, limit: int = 20) -> tuple[TrainingLetter, ...]:
        """The same for somebody who opens the window; journaled, as every look at personal data is."""
        with self.desk.acting(actor, Permission.INQUIRE, EventTag.MAILBOX_INQUIRED) as act:
            act.record()
        return self.training_mailbox(limit)

    def _claim(self, notice_pk: int | None = None) -> _Claimed | None:
        with self.desk.unattended(EventTag.MAIL_SENT) as act:
            if notice_pk is None:
                notice = next(iter(outbox.claim(act.session, act.now, LEASE, 1)), None)
            else:
                notice = outbox.claim_one(act.session, notice_pk, act.now, LEASE)
            return None if notice is None else _claimed(act.session, notice)

    def _try(self, claimed: _Claimed) -> _Result:
        """Compose and send, outside any transaction."""
        facts = claimed.facts
        code = None
        if claimed.kind is NoticeKind.CODE:
            code = self.vault.take(claimed.pk, self.desk.clock.now())
            if code is None:
                return _Result(NoticeState.GAVE_UP, "the code is not known here")
            facts = {**facts, "code": code}
        try:
            return self._send(claimed, facts)
        finally:
            if code is not None:
                code.wipe()

    def _send(self, claimed: _Claimed, facts: dict[str, Fact]) -> _Result:
        if self.mailer is None:
            return _Result(NoticeState.GAVE_UP, "no mail server")
        envelope = Envelope(
            sender=self.mail.sender,
            sender_name=self.mail.sender_name,
            recipient=claimed.recipient,
            message_id=claimed.message_id,
            date=claimed.created_at,  # a letter that is sent twice is the same letter
            training=self.training,
        )
        try:
            message = compose(claimed.kind, facts, self.language, envelope, role=claimed.role)
            asyncio.run(self.mailer.send(message))
        except (LetterRefused, KeyError) as unfit:
            return _Result(NoticeState.BOUNCED, f"not composed: {type(unfit).__name__}")
        except MailNotSent as error:
            return self._failed(claimed, error)
        return _Result(NoticeState.SENT)

    def _failed(self, claimed: _Claimed, error: MailNotSent) -> _Result:
        now = self.desk.clock.now()
        if error.permanent:
            state = NoticeState.BOUNCED
        elif claimed.kind is NoticeKind.CODE or gives_up(
            claimed.kind, claimed.created_at, now, claimed.tries
        ):
            state = NoticeState.GAVE_UP
        else:
            state = NoticeState.QUEUED
        return _Result(state, error.reason[:300], error.server_away)

    def _settle(self, claimed: _Claimed, result: _Result) -> NoticeState:
        """Store what became of the letter; the state it is in now."""
        with self.desk.unattended(EventTag.MAIL_SENT) as act:
            notice = outbox.by_pk_for_update(act.session, claimed.pk)
            if notice is None or not _may_settle(notice, claimed, result):
                return NoticeState.QUEUED if notice is None else NoticeState(notice.state)
            notice.state = result.state
            notice.leased_until = None
            notice.last_error = result.error
            if result.state is NoticeState.SENT:
                notice.sent_at = act.now
            if result.state is NoticeState.QUEUED:
                notice.due_at = act.now + backoff(claimed.tries, self.jitter())
            self._record(act, claimed, result)
        return result.state

    def _record(self, act: Act, claimed: _Claimed, result: _Result) -> None:
        if result.state not in _TAGS:
            return
        tag, outcome = _TAGS[result.state]
        self.desk.trail.record(
            act.session,
            tag,
            now=act.now,
            who=None,
            outcome=outcome,
            user_id=claimed.user_id,
            serial=claimed.serial,
            kind=claimed.kind,
            tries=claimed.tries,
            reason=result.error,
        )


def _may_settle(notice: Notice, claimed: _Claimed, result: _Result) -> bool:
    """A lease may have run out meanwhile: what was sent stays sent, everything else is for the mailer after us."""
    if notice.state not in (NoticeState.SENDING, NoticeState.QUEUED):
        return False
    ours = notice.state == NoticeState.SENDING and notice.tries == claimed.tries
    return ours or result.state is NoticeState.SENT


def _claimed(session: Session, notice: Notice) -> _Claimed:
    user = session.get_one(User, notice.user_pk)
    branch = session.get_one(Branch, user.branch_pk)
    about = None if notice.certificate_pk is None else session.get_one(Certificate, notice.certificate_pk)
    facts: dict[str, Fact] = {
        "user_id": mask_user_id(user.user_id),
        "branch_name": branch.name,
        "branch_phone": branch.phone,
        **{name: datetime.fromisoformat(moment) for name, moment in json.loads(notice.payload).items()},
        **({} if about is None else _certificate_facts(about)),
    }
    return _Claimed(
        pk=notice.pk,
        kind=NoticeKind(notice.kind),
        tries=notice.tries,
        created_at=notice.created_at,
        message_id=notice.message_id,
        recipient=user.email,
        role=UserRole(user.role),
        facts=facts,
        user_id=user.user_id,
        serial=None if about is None else about.serial,
    )


def _certificate_facts(certificate: Certificate) -> dict[str, Fact]:
    facts: dict[str, Fact] = {
        "issue_date": certificate.issue_date,
        "last_valid_date": certificate.last_valid_date,
        "serial_tail": certificate.serial[-SERIAL_TAIL:],
    }
    if certificate.revoked_at is not None and certificate.revocation_reason is not None:
        facts["revoked_at"] = certificate.revoked_at
        facts["reason"] = RevocationReason(certificate.revocation_reason)
    return facts

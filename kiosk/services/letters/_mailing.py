"""One letter from the claim to what became of it (E-93, I-18).

A letter is claimed, tried and settled, in this order. Whoever dies between trying and settling leaves a stub of what
was sent, which the next mailer settles, and a lease that runs out: only a letter whose answer never came goes out once
more, with the same Message-ID.
"""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from db.queries import outbox
from db.queries.outbox import Claimed, Ending
from kiosk.audit.events import EventTag
from kiosk.audit.trail import Draft, Outcome
from kiosk.config import MailSettings
from kiosk.mail.delivery import Line, MailNotSent
from kiosk.mail.letters import Envelope, Fact, LetterRefused, compose
from kiosk.mail.texts import LetterTexts
from kiosk.rules.notices import NoticeKind, NoticeState, backoff, gives_up
from kiosk.rules.revocation import RevocationReason
from kiosk.rules.texts import mask_email, mask_user_id
from kiosk.rules.users import UserRole
from kiosk.secret import Secret
from kiosk.services.desk.guard import Desk
from kiosk.services.letters._stubs import Stub
from kiosk.translations.catalog import Language

LEASE: Final = timedelta(minutes=5)
"""Longer than any mail server may take over one letter (`mail.smtp.total_seconds`)."""
LEAST_LEASE: Final = timedelta(minutes=2, seconds=30)
"""With less of it left no other letter is begun."""
SERIAL_TAIL: Final = 8
"""Characters of a serial number in a letter."""
_LONGEST_MASKED: Final = 254

_TAGS: Final = {
    NoticeState.SENT: (EventTag.MAIL_SENT, Outcome.DONE),
    NoticeState.BOUNCED: (EventTag.MAIL_FAILED, Outcome.FAILED),
    NoticeState.GAVE_UP: (EventTag.MAIL_GIVEN_UP, Outcome.FAILED),
}
"""The ends of a letter; a try that only failed for now is no end and leaves no entry."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """What became of one try."""

    state: NoticeState
    error: str | None = None
    answer: str | None = None
    server_away: bool = False
    at: datetime | None = None
    """When the server took it; None when that is now."""

    @property
    def refused_for_now(self) -> bool:
        """The server is there and would take it later (RFC 5321 4.2.1)."""
        return self.error is not None and self.error.startswith("4") and not self.server_away


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Letters that are this mailer's alone until `leased_until`."""

    letters: tuple[Claimed, ...]
    leased_until: datetime


@dataclass(frozen=True, kw_only=True)
class Post:
    """Claim, try, settle. Registry methods block; each is one transaction."""

    desk: Desk
    mail: MailSettings
    language: Language
    texts: LetterTexts
    training: bool
    jitter: Callable[[], float] = random.random

    def claim(self, limit: int) -> Batch:
        """Take letters that are due, most urgent first; none when nothing is."""
        now = self.desk.clock.now()
        with self.desk.reaching(), self.desk.database.reading() as session:
            waiting = outbox.anything_due(session, now)
        if not waiting:
            return Batch(letters=(), leased_until=now)
        with self.desk.unattended(EventTag.MAIL_SENT) as act:
            letters = outbox.claim(act.session, act.now, LEASE, limit)
        return Batch(letters=letters, leased_until=act.now + LEASE)

    def claim_one(self, notice_pk: int) -> Claimed | None:
        """Take this letter, due or not; None when it has left or another mailer holds it."""
        with self.desk.unattended(EventTag.MAIL_SENT) as act:
            return outbox.claim_one(act.session, notice_pk, act.now, LEASE)

    def give_back(self, letters: Sequence[Claimed], leased_until: datetime) -> None:
        """Let others have letters that were not tried."""
        with self.desk.unattended(EventTag.MAIL_SENT) as act:
            outbox.give_back(act.session, [one.pk for one in letters], leased_until)

    async def attempt(self, line: Line, claimed: Claimed, code: Secret | None = None) -> Result:
        """Compose and send, outside any transaction; `code` is for the letter of a code."""
        if claimed.kind == NoticeKind.CODE and code is None:
            return Result(state=NoticeState.GAVE_UP, error="the code is not known here")
        facts = facts_of(claimed)
        try:
            letter = compose(
                NoticeKind(claimed.kind),
                facts if code is None else {**facts, "code": code},
                self.language,
                self._envelope(claimed),
                role=UserRole(claimed.role),
                texts=self.texts,
            )
            answer = await line.send(letter)
        except (LetterRefused, KeyError) as unfit:
            return Result(state=NoticeState.BOUNCED, error=f"not composed: {type(unfit).__name__}")
        except MailNotSent as error:
            return self._failed(claimed, error)
        return Result(state=NoticeState.SENT, answer=answer, at=self.desk.clock.now())

    def settle(self, results: Sequence[tuple[Claimed, Result]]) -> tuple[NoticeState, ...]:
        """Store what became of some letters, in one transaction; the state each is in now.

        Doing it again changes nothing, so a caller that cannot know whether it was stored may.
        """
        states: dict[int, NoticeState] = {}
        ended = set()
        with self.desk.unattended(EventTag.MAIL_SENT) as act:
            for claimed, result in sorted(
                results, key=lambda one: one[0].pk
            ):  # two at once wait in one order
                if outbox.end(act.session, claimed.pk, claimed.tries, self._ending(claimed, result, act.now)):
                    states[claimed.pk] = result.state
                    ended.add(claimed.pk)
                else:
                    state = outbox.state_of(act.session, claimed.pk)
                    states[claimed.pk] = NoticeState(state or NoticeState.QUEUED)
            told = (one for one in results if one[0].pk in ended and one[1].state in _TAGS)
            drafts = [_entry(claimed, result) for claimed, result in told]
            self.desk.trail.record_all(act.session, drafts, now=act.now, who=None)
        return tuple(states[claimed.pk] for claimed, _ in results)

    def settle_stubs(self, stubs: Sequence[Stub]) -> None:
        """Store that letters were sent whose mailer died before it could."""
        with self.desk.reaching(), self.desk.database.reading() as session:
            letters = outbox.by_message_ids(session, [stub.message_id for stub in stubs])
        answers = {stub.message_id: stub for stub in stubs}
        found = [(one, answers[one.message_id]) for one in letters]
        if found:
            self.settle(
                [(one, Result(state=NoticeState.SENT, answer=stub.answer, at=stub.at)) for one, stub in found]
            )

    def _envelope(self, claimed: Claimed) -> Envelope:
        return Envelope(
            sender=self.mail.sender,
            sender_name=self.mail.sender_name,
            recipient=claimed.email,
            message_id=claimed.message_id,
            date=claimed.created_at,  # a letter that is sent twice is the same letter
            training=self.training,
        )

    def _failed(self, claimed: Claimed, error: MailNotSent) -> Result:
        kind = NoticeKind(claimed.kind)
        if error.permanent:
            state = NoticeState.BOUNCED
        elif kind is NoticeKind.CODE or gives_up(
            kind, claimed.created_at, self.desk.clock.now(), claimed.tries
        ):
            state = NoticeState.GAVE_UP
        else:
            state = NoticeState.QUEUED
        return Result(
            state=state,
            error=error.reason[:300],
            answer=error.answer or error.reason[:300],
            server_away=error.server_away,
        )

    def _ending(self, claimed: Claimed, result: Result, now: datetime) -> Ending:
        again = result.state is NoticeState.QUEUED
        return Ending(
            state=result.state,
            last_error=result.error,
            answer=result.answer,
            sent_to=mask_email(claimed.email)[:_LONGEST_MASKED],
            sent_at=(result.at or now) if result.state is NoticeState.SENT else None,
            due_at=now + backoff(claimed.tries, self.jitter()) if again else None,
        )


def _entry(claimed: Claimed, result: Result) -> Draft:
    tag, outcome = _TAGS[result.state]
    return Draft(
        tag=tag,
        outcome=outcome,
        fields={"user_id": claimed.user_id, "serial": claimed.serial},
        facts={"kind": claimed.kind, "tries": claimed.tries, "reason": result.error},
    )


def facts_of(claimed: Claimed) -> dict[str, Fact]:
    """What a letter tells, a code apart."""
    facts: dict[str, Fact] = {
        "user_id": mask_user_id(claimed.user_id),
        "branch_name": claimed.branch_name,
        "branch_phone": claimed.branch_phone,
        **{name: datetime.fromisoformat(moment) for name, moment in json.loads(claimed.payload).items()},
    }
    if claimed.serial is not None and claimed.issue_date is not None and claimed.last_valid_date is not None:
        facts["issue_date"] = claimed.issue_date
        facts["last_valid_date"] = claimed.last_valid_date
        facts["serial_tail"] = claimed.serial[-SERIAL_TAIL:]
    if claimed.revoked_at is not None and claimed.revocation_reason is not None:
        facts["revoked_at"] = claimed.revoked_at
        facts["reason"] = RevocationReason(claimed.revocation_reason)
    return facts

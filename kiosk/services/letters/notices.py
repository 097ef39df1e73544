"""Sending what the outbox holds: the code letter at once, every other letter in its turn (E-58, E-93, I-18)."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Event
from typing import Final

from db.queries.outbox import Claimed
from kiosk.audit.events import EventTag
from kiosk.config import MailSettings
from kiosk.errors import KioskError
from kiosk.mail.delivery import Mailer
from kiosk.mail.maildir import MaildirMailer, TrainingLetter
from kiosk.mail.texts import BUILT_IN, LetterTexts
from kiosk.rules.notices import NoticeState, backoff
from kiosk.rules.roles import Permission
from kiosk.secret import Secret
from kiosk.services.acting import Actor
from kiosk.services.desk.guard import Desk
from kiosk.services.desk.outbox import CodeVault
from kiosk.services.letters._loops import finished
from kiosk.services.letters._mailing import LEASE, Post, Result
from kiosk.services.letters._rounds import Round, Sending, settled
from kiosk.translations.catalog import Language

__all__ = ["LEASE", "Notices", "Round", "TrainingLetter"]

MOST_IN_A_ROUND: Final = 500
CODE_PAUSES: Final = (1.0, 3.0)
"""Seconds after which a code that was refused for now is tried again while the customer waits."""
LOOKS_EVERY: Final = 10.0
"""Seconds between two looks into an empty outbox."""
LONGEST_PAUSE: Final = 300.0
"""Seconds between two tries to reach a server that stays away."""


@dataclass(frozen=True, kw_only=True)
class Notices:
    """Send queued letters. Every method blocks; none minds an event loop in its thread."""

    desk: Desk
    vault: CodeVault
    mailer: Mailer | None
    mail: MailSettings
    language: Language
    """Of the letters."""
    training: bool
    texts: LetterTexts = BUILT_IN
    stubs_in: Path | None = None
    """A folder for what every mailer of this machine has sent and not stored; without one each end is stored before the
    next letter begins."""
    jitter: Callable[[], float] = random.random
    """Spreads letters that failed together, from 0 to 1."""
    code_pauses: tuple[float, ...] = CODE_PAUSES

    @property
    def can_send(self) -> bool:
        """There is a mail server, or the folder of training; without either nothing may be issued."""
        return self.mailer is not None

    def send_now(self, notice_pk: int) -> bool:
        """Send one letter in the foreground; whether the mail server took it.

        A code letter that fails is given up at once: the customer authenticates again and gets a new code (E-58).
        Raises `DatabaseUnavailable` and the other failures of storing.
        """
        claimed = self._post.claim_one(notice_pk)
        if claimed is None:
            return False
        code = self.vault.take(claimed.pk, self.desk.clock.now())
        try:
            result = finished(self._in_foreground(claimed, code))
        finally:
            if code is not None:
                code.wipe()
        return settled(self._post, [(claimed, result)]) == (NoticeState.SENT,)

    def send_due(self, limit: int = MOST_IN_A_ROUND, *, stopped: Callable[[], bool] = lambda: False) -> Round:
        """Send the letters that are due, most urgent first; stops early when the mail server is away.

        `stopped` is asked before every letter. Raises `DatabaseUnavailable` and the other failures of storing; what
        was claimed comes back with its lease.
        """
        if self.mailer is None:
            return Round()
        sending = Sending(
            post=self._post,
            mailer=self.mailer,
            take_code=lambda notice_pk: self.vault.take(notice_pk, self.desk.clock.now()),
            limit=limit,
            stopped=stopped,
            stubs_in=self.stubs_in,
        )
        return finished(sending.run())

    def send_until(self, end: Event, *, until_empty: bool = False) -> Round:
        """Send whatever becomes due until `end` is set, or until nothing more is due; what came of it all.

        A registry or a server that is away is waited for, longer each time; never raises for either.
        """
        whole = Round()
        failures = 0
        while not end.is_set():
            try:
                one = self.send_due(stopped=end.is_set)
            except KioskError:
                one = Round(server_away=True)
            whole += one
            if one.server_away:
                failures += 1
            elif one.tried:
                failures = 0
            if until_empty and (one.server_away or not one.tried):
                break
            if one.server_away:
                pause = min(backoff(failures, self.jitter()).total_seconds(), LONGEST_PAUSE)
                end.wait(pause)
            elif not one.tried:
                end.wait(LOOKS_EVERY)
        return whole

    def training_mailbox(self, limit: int = 20) -> tuple[TrainingLetter, ...]:
        """The latest letters for the 【訓練】 window, newest first; none when letters really leave."""
        return self.mailer.newest(limit) if isinstance(self.mailer, MaildirMailer) else ()

    def open_mailbox(self, actor: Actor, limit: int = 20) -> tuple[TrainingLetter, ...]:
        """The same for somebody who opens the window; journaled, as every look at personal data is."""
        with self.desk.acting(actor, Permission.INQUIRE, EventTag.MAILBOX_INQUIRED) as act:
            act.record()
        return self.training_mailbox(limit)

    async def _in_foreground(self, claimed: Claimed, code: Secret | None) -> Result:
        """While somebody waits, a refusal that is meant for now is tried again twice."""
        if self.mailer is None:
            return Result(state=NoticeState.GAVE_UP, error="no mail server")
        async with self.mailer.line() as line:
            for pause in self.code_pauses:
                result = await self._post.attempt(line, claimed, code)
                if not result.refused_for_now:
                    return result
                await asyncio.sleep(pause)
            return await self._post.attempt(line, claimed, code)

    @cached_property
    def _post(self) -> Post:
        return Post(
            desk=self.desk,
            mail=self.mail,
            language=self.language,
            texts=self.texts,
            training=self.training,
            jitter=self.jitter,
        )

"""`kiosk mail run`, `kiosk mail test`, `kiosk jobs run`: work that goes on without anybody at the counter."""

import asyncio
import fcntl
import os
import secrets
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from threading import Event
from typing import Final

from kiosk.audit.events import EventTag
from kiosk.audit.trail import Outcome
from kiosk.bootstrap import Foundation, jobs_of, notices_of, open_foundation, open_signer
from kiosk.cli.answers import Answer, Exit
from kiosk.cli.arguments import Arguments
from kiosk.cli.mail_words import STEPS, TEST_BODY, TEST_SUBJECT, TROUBLES
from kiosk.cli.sentences import problem_sentence
from kiosk.cli.setting_up import ROLE
from kiosk.clock import SystemClock
from kiosk.config import Settings, load_settings
from kiosk.config.fields import ADDRESS
from kiosk.errors import BadInput, FilesNotOurs, NoMailServer, NotSetUp
from kiosk.mail.message import Envelope, Letter, LetterRefused, written
from kiosk.mail.trying import try_server
from kiosk.translations.catalog import _, in_language

MOST_AT_ONCE: Final = 99
"""Processes of one kind at a terminal; each writes a chain of its own in the journal."""


def mail_run(arguments: Arguments) -> Answer:
    """Send what is due until SIGTERM or SIGINT, or until nothing is due; what came of it."""
    settings = load_settings(arguments.settings)
    with _worker(settings, "mail") as base:
        notices = notices_of(base)
        if not notices.can_send:
            raise NoMailServer
        with _ended_by_signals() as end:
            whole = notices.send_until(end, until_empty=arguments.once)
    return Answer(
        facts={"sent": whole.sent, "failed": whole.failed, "put_off": whole.put_off},
        exit=Exit.FOUND if whole.server_away else Exit.DONE,
    )


def mail_test(arguments: Arguments) -> Answer:
    """One letter to the address, step by step; the first step that fails says why."""
    settings = load_settings(arguments.settings)
    if settings.mail.smtp is None:
        raise NoMailServer
    letter = _test_letter(settings, arguments.address)
    base = open_foundation(settings, role=ROLE)
    with base.database:
        tried = asyncio.run(try_server(settings.mail.smtp, letter))
        trouble = tried[-1].trouble
        outcome = Outcome.FAILED if trouble else Outcome.DONE
        base.desk.note(None, EventTag.MAIL_TESTED, outcome=outcome, reason=trouble)
    return Answer(
        rows=[
            {
                "step": one.step,
                "ok": one.trouble is None,
                "problem": one.trouble,
                "sentence": _(TROUBLES[one.trouble] if one.trouble else STEPS[one.step]),
                "fact": one.fact or None,
            }
            for one in tried
        ],
        exit=Exit.FOUND if trouble else Exit.DONE,
    )


def jobs_run(arguments: Arguments) -> Answer:
    """Everything that is due; running it again does nothing twice."""
    settings = load_settings(arguments.settings)
    with (
        _worker(settings, "jobs") as base,
        open_signer(settings, settings.certificate.ca_passphrase) as signer,
    ):
        done = jobs_of(base, signer).run()
    return Answer(
        rows=[
            {
                "job": one.job,
                "count": one.count,
                "problem": one.problem or None,
                "to_do": problem_sentence(one.problem) if one.problem else None,
            }
            for one in done
        ],
        exit=Exit.FOUND if any(one.problem for one in done) else Exit.DONE,
    )


def _test_letter(settings: Settings, address: str) -> Letter:
    if not ADDRESS.fullmatch(address):
        raise BadInput(field="address", problem="not_an_address")
    envelope = Envelope(
        sender=settings.mail.sender,
        sender_name=settings.mail.sender_name,
        recipient=address,
        message_id=secrets.token_hex(16),
        date=SystemClock().now(),
    )
    language = settings.letter_language
    with in_language(language):
        try:
            return written(envelope, _(TEST_SUBJECT), _(TEST_BODY), language.value)
        except LetterRefused:
            raise BadInput(field="address", problem="not_an_address") from None


@contextmanager
def _worker(settings: Settings, kind: str) -> Iterator[Foundation]:
    """The registry for one of any number of processes of a kind: the lowest number that is free names its chain."""
    data = settings.paths.data
    for number in count(1):
        try:
            handle = os.open(data / f"{kind}-{number}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except PermissionError:
            raise FilesNotOurs(path=str(data)) from None
        except OSError:
            raise NotSetUp(missing=str(data)) from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            if number == MOST_AT_ONCE:
                raise
            continue
        break
    try:
        base = open_foundation(settings, role=f"{kind}-{number}")
        with base.database:
            yield base
    finally:
        os.close(handle)


@contextmanager
def _ended_by_signals() -> Iterator[Event]:
    """Set when somebody asks the process to end; the letter under way is finished and stored first."""
    end = Event()
    kept = {number: signal.signal(number, lambda *_: end.set()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield end
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)

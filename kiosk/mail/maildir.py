"""Training: letters lie in a folder of this machine and a window shows them."""

import asyncio
import os
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage
from pathlib import Path

from kiosk.mail.delivery import MailNotSent
from kiosk.mail.message import Letter


@dataclass(frozen=True)
class TrainingLetter:
    """A letter as the training window shows it."""

    subject: str
    to: str
    body: str
    at: datetime


@dataclass(frozen=True)
class MaildirMailer:
    """Letters lie in a Maildir below the data folder, readable by this account alone."""

    folder: Path
    simulated: bool = True

    @asynccontextmanager
    async def line(self, *, paced: bool = False) -> AsyncIterator["MaildirMailer"]:  # noqa: ARG002  # of the protocol
        """The folder itself: there is nothing to connect to and nobody to be slow for."""
        yield self

    async def send(self, letter: Letter) -> str:
        """Put the letter into the folder, whole or not at all. Raises `MailNotSent` when the disk refuses."""
        try:
            await asyncio.to_thread(self._deliver, letter.content)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise MailNotSent(permanent=False, reason=reason, server_away=True) from None
        return ""

    def newest(self, limit: int) -> tuple[TrainingLetter, ...]:
        """The latest letters, newest first; what is no letter is passed over."""
        waiting = self.folder / "new"
        if not waiting.is_dir():
            return ()
        names = sorted((file.name for file in waiting.iterdir()), reverse=True)
        read = (_read(waiting / name) for name in names[:limit])
        return tuple(letter for letter in read if letter is not None)

    def _deliver(self, content: bytes) -> None:
        for part in ("", "tmp", "new", "cur"):
            (self.folder / part).mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{time.time_ns()}.{os.getpid()}_{secrets.token_hex(4)}.kiosk"
        unfinished = self.folder / "tmp" / name
        try:
            with open(unfinished, "xb", opener=_for_this_account) as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            unfinished.rename(self.folder / "new" / name)
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise


def _for_this_account(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _read(file: Path) -> TrainingLetter | None:
    try:
        message = message_from_bytes(file.read_bytes(), policy=policy.default)
        moment = message["Date"].datetime
        if moment is None:
            return None
        return TrainingLetter(
            subject=str(message["Subject"]),
            to=_only_recipient(message),
            body=str(message.get_content()).replace("\r\n", "\n"),
            at=moment,
        )
    except (OSError, MessageError, AttributeError, LookupError, ValueError, TypeError):
        return None


def _only_recipient(message: EmailMessage) -> str:
    (address,) = message["To"].addresses
    return str(address.addr_spec)

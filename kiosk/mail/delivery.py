"""How a letter leaves: through a mail server over TLS, or, in training, into a folder that a window shows."""

import asyncio
import os
import secrets
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage
from pathlib import Path
from typing import Final, Protocol

from aiosmtplib import SMTP
from aiosmtplib.errors import (
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from kiosk.config import Settings, SmtpSettings
from kiosk.errors import SettingsWrong

GOODBYE_SECONDS: Final = 1.0
"""How long the server may take over a farewell; the letter is already accepted."""


@dataclass(eq=False)
class MailNotSent(Exception):
    """A letter was not sent, or nobody can tell; sending it again uses the same Message-ID."""

    permanent: bool
    """The server will never take this letter for this recipient (RFC 5321 4.2.1)."""
    reason: str
    """A reply code or a few words; never text of the server, which may repeat an address."""
    server_away: bool = False
    """Nothing is wrong with the letter: no other one would get through either."""

    def __str__(self) -> str:
        return self.reason


class Mailer(Protocol):
    """Sends one letter at a time."""

    @property
    def simulated(self) -> bool:
        """Letters stay in this machine, for training."""
        ...

    async def send(self, message: EmailMessage) -> None:
        """Return once the letter is accepted. Raises `MailNotSent`."""
        ...


def mailer_for(settings: Settings) -> "Mailer | None":
    """The mail server of the settings, else the folder of training, else none: then nothing is issued."""
    if settings.mail.smtp is not None:
        return SmtpMailer(settings.mail.smtp)
    if settings.mail.maildir is not None:
        return MaildirMailer(settings.mail.maildir)
    return None


class _Line(SMTP):
    """A connection that is really gone when it is closed.

    A TLS line closed politely waits half a minute for the farewell of a server that may have fallen silent.
    """

    def close(self) -> None:
        transport = self.transport
        super().close()
        if isinstance(transport, asyncio.Transport):
            transport.abort()


@dataclass(frozen=True)
class SmtpMailer:
    """A mail server (RFC 5321), over TLS with a certificate that holds or not at all (RFC 8314, RFC 3207)."""

    settings: SmtpSettings
    simulated: bool = False

    async def send(self, message: EmailMessage) -> None:
        """Hand one letter to the server; it has the time limits of the settings. Raises `MailNotSent`."""
        with _said_as_mail_not_sent():
            client = self._client()
            try:
                async with asyncio.timeout(self.settings.total_seconds):
                    await client.connect()
                    await self._log_in(client)
                    await client.sendmail(_only(message, "From"), [_only(message, "To")], bytes(message))
                with suppress(SMTPException, OSError, TimeoutError):
                    async with asyncio.timeout(GOODBYE_SECONDS):
                        await client.quit()
            finally:
                client.close()
                await asyncio.sleep(0)  # the loop lets go of the line

    def _client(self) -> SMTP:
        return _Line(
            hostname=self.settings.host,
            port=self.settings.port,
            use_tls=self.settings.tls == "implicit",
            start_tls=self.settings.tls == "starttls",
            tls_context=ssl.create_default_context(cafile=self.settings.ca_file),
            timeout=self.settings.connect_seconds,
            # asking the resolver for our own full name can take longer than any of the limits
            local_hostname=socket.gethostname().encode("ascii", "replace").decode().replace("?", "-")
            or "terminal",
        )

    async def _log_in(self, client: SMTP) -> None:
        password = self.settings.password()
        if self.settings.user is None or password is None:
            return
        with password:
            await client.login(self.settings.user, password.reveal())


@contextmanager
def _said_as_mail_not_sent() -> Iterator[None]:
    """Tell apart what is wrong with this letter from what is wrong with the way to the server."""
    try:
        yield
    except SMTPRecipientsRefused as error:
        raise _refused(error.recipients[0]) from None
    except (SMTPRecipientRefused, SMTPDataError) as error:
        raise _refused(error) from None
    except SMTPResponseException as error:  # greeting, AUTH, MAIL FROM: no letter would fare better
        raise MailNotSent(permanent=False, reason=str(error.code), server_away=True) from None
    except ssl.SSLError as error:
        raise MailNotSent(permanent=False, reason=f"TLS: {error.reason}", server_away=True) from None
    except TimeoutError:
        raise MailNotSent(permanent=False, reason="timed out", server_away=True) from None
    except SettingsWrong as error:
        raise MailNotSent(permanent=False, reason=f"settings: {error.key}", server_away=True) from None
    except (SMTPException, OSError) as error:
        raise MailNotSent(permanent=False, reason=_kind_of(error), server_away=True) from None


def _refused(error: SMTPResponseException) -> MailNotSent:
    return MailNotSent(permanent=500 <= error.code < 600, reason=str(error.code))


def _kind_of(error: Exception) -> str:
    """The cause in one word; aiosmtplib wraps the error of the TLS handshake."""
    cause = error.__cause__
    return f"TLS: {cause.reason}" if isinstance(cause, ssl.SSLError) else type(cause or error).__name__


def _only(message: EmailMessage, header: str) -> str:
    (address,) = message[header].addresses
    return str(address.addr_spec)


@dataclass(frozen=True)
class TrainingLetter:
    """A letter as the training window shows it."""

    subject: str
    to: str
    body: str
    at: datetime


@dataclass(frozen=True)
class MaildirMailer:
    """Training: letters lie in a Maildir below the data folder, readable by this account alone."""

    folder: Path
    simulated: bool = True

    async def send(self, message: EmailMessage) -> None:
        """Put the letter into the folder, whole or not at all. Raises `MailNotSent` when the disk refuses."""
        try:
            await asyncio.to_thread(self._deliver, bytes(message))
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise MailNotSent(permanent=False, reason=reason, server_away=True) from None

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
            to=_only(message, "To"),
            body=str(message.get_content()).replace("\r\n", "\n"),
            at=moment,
        )
    except (OSError, MessageError, AttributeError, LookupError, ValueError, TypeError):
        return None

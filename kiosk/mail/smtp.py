"""A mail server over TLS, with a certificate that holds or not at all (RFC 8314, RFC 3207, RFC 5321)."""

import asyncio
import re
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

from aiosmtplib import SMTP
from aiosmtplib.errors import (
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPServerDisconnected,
)

from kiosk.config import SmtpSettings
from kiosk.errors import SettingsWrong
from kiosk.mail.delivery import LONGEST_ANSWER, MailNotSent
from kiosk.mail.message import Letter
from kiosk.rules.texts import displayable, mask_email

GOODBYE_SECONDS: Final = 1.0
"""How long the server may take over a farewell; the letter is already accepted."""

_ADDRESS_IN_ANSWER: Final = re.compile(r"[^\s<>()\[\],;:\"']+@[^\s<>()\[\],;:\"']+")
_NOT_ALLOWED: Final = re.compile(r"5\.7\.[0-9]+")
"""Enhanced codes about rights (RFC 3463 3.8): our account or its rights are wrong, not the recipient."""
_SERVICE_CLOSING: Final = 421
_NO_RIGHTS: Final = frozenset({530, 534, 535, 538})
"""The server wants a login, or another one (RFC 4954 6)."""


class _Connection(SMTP):
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
    """A mail server of the settings."""

    settings: SmtpSettings
    simulated: bool = False

    @asynccontextmanager
    async def line(self, *, paced: bool = False) -> AsyncIterator["SmtpLine"]:
        """One connection for many letters, opened with the first and anew when it breaks."""
        per_minute = self.settings.letters_per_minute if paced else None
        line = SmtpLine(self.settings, pause=60 / per_minute if per_minute else 0.0)
        try:
            yield line
        finally:
            await line.leave()


@dataclass(eq=False)
class SmtpLine:
    """The connection of one event loop."""

    settings: SmtpSettings
    pause: float = 0.0
    """Seconds from the beginning of one letter to that of the next, at least."""
    monotonic: Callable[[], float] = time.monotonic
    _connection: SMTP | None = field(default=None, repr=False)
    _taken: int = 0
    """Letters this connection took."""
    _next: float = 0.0

    async def send(self, letter: Letter) -> str:
        """Hand one letter to the server; it has the time limits of the settings. Raises `MailNotSent`."""
        await self._wait_for_turn()
        with said_as_mail_not_sent():
            try:
                async with asyncio.timeout(self.settings.total_seconds):
                    answer = await self._hand_over(letter)
            except SMTPResponseException as refusal:
                if refusal.code == _SERVICE_CLOSING:
                    await self._drop()
                raise
            except BaseException:  # what the line still holds belongs to no other letter
                await self._drop()
                raise
        self._taken += 1
        return answer

    async def leave(self) -> None:
        """Say farewell and close; what was accepted stays accepted however the server takes it."""
        if self._connection is not None and self._connection.is_connected:
            with suppress(SMTPException, OSError, TimeoutError):
                async with asyncio.timeout(GOODBYE_SECONDS):
                    await self._connection.quit()
        await self._drop()

    async def _hand_over(self, letter: Letter) -> str:
        kept = self._taken > 0
        try:
            connection = await self._envelope(letter)
        except (SMTPServerDisconnected, SMTPResponseException) as error:
            # A server may end a line that was idle or took many letters; nothing of this one was taken yet.
            closed = not isinstance(error, SMTPResponseException) or error.code == _SERVICE_CLOSING
            if not (kept and closed):
                raise
            await self._drop()
            connection = await self._envelope(letter)
        try:
            accepted = await connection.data(letter.content)
        except SMTPDataError:
            await self._forget_envelope(connection)
            raise
        except (
            SMTPServerDisconnected
        ):  # nobody can tell whether it was taken; whether others are is to be seen
            raise MailNotSent(permanent=False, reason="line lost") from None
        return in_one_line(accepted.code, accepted.message)

    async def _envelope(self, letter: Letter) -> SMTP:
        connection = await self._connected()
        try:
            await connection.mail(letter.sender)
            await connection.rcpt(letter.recipient)
        except SMTPResponseException:
            await self._forget_envelope(connection)
            raise
        return connection

    async def _forget_envelope(self, connection: SMTP) -> None:
        """The next letter begins anew; a server that will not have it is left."""
        try:
            await connection.rset()
        except (SMTPException, OSError):
            await self._drop()

    async def _connected(self) -> SMTP:
        if self._connection is not None and self._connection.is_connected:
            return self._connection
        await self._drop()
        connection = connection_of(self.settings)
        try:
            await connection.connect()
            await log_in(connection, self.settings)
        except BaseException:  # half a line must not be taken for a whole one
            connection.close()
            await asyncio.sleep(0)
            raise
        self._connection = connection
        return connection

    async def _drop(self) -> None:
        connection, self._connection, self._taken = self._connection, None, 0
        if connection is not None:
            connection.close()
            await asyncio.sleep(0)  # the loop lets go of the line

    async def _wait_for_turn(self) -> None:
        now = self.monotonic()
        if self._next > now:
            await asyncio.sleep(self._next - now)
        self._next = max(now, self._next) + self.pause


def connection_of(settings: SmtpSettings) -> SMTP:
    """A connection to the server of the settings, not opened yet; what is unsafe is refused whatever is set."""
    return _Connection(
        hostname=settings.host,
        port=settings.port,
        use_tls=settings.tls == "implicit",
        start_tls=settings.tls == "starttls",
        tls_context=ssl.create_default_context(cafile=settings.ca_file),
        timeout=settings.connect_seconds,
        # asking the resolver for our own full name can take longer than any of the limits
        local_hostname=socket.gethostname().encode("ascii", "replace").decode().replace("?", "-")
        or "terminal",
    )


async def log_in(connection: SMTP, settings: SmtpSettings) -> None:
    """Give the account of the settings, if there is one. Raises `SettingsWrong` for an unreadable password file."""
    password = settings.password()
    if settings.user is None or password is None:
        return
    with password:
        await connection.login(settings.user, password.reveal())


@contextmanager
def said_as_mail_not_sent() -> Iterator[None]:
    """Tell apart what is wrong with this letter from what is wrong with the way to the server."""
    try:
        yield
    except SMTPResponseException as error:
        raise _refused(error) from None
    except ssl.SSLError as error:
        raise MailNotSent(permanent=False, reason=f"TLS: {error.reason}", server_away=True) from None
    except TimeoutError:
        raise MailNotSent(permanent=False, reason="timed out", server_away=True) from None
    except SettingsWrong as error:
        raise MailNotSent(permanent=False, reason=f"settings: {error.key}", server_away=True) from None
    except (SMTPException, OSError) as error:
        raise MailNotSent(permanent=False, reason=_kind_of(error), server_away=True) from None


def _refused(error: SMTPResponseException) -> MailNotSent:
    """A refusal of recipient or text is about this letter; before that no letter would fare better."""
    about_letter = isinstance(error, SMTPRecipientRefused | SMTPDataError) and error.code != _SERVICE_CLOSING
    rights = error.code in _NO_RIGHTS or (
        isinstance(error, SMTPRecipientRefused) and _NOT_ALLOWED.match(error.message) is not None
    )
    return MailNotSent(
        permanent=about_letter and not rights and 500 <= error.code < 600,
        reason=str(error.code),
        server_away=not about_letter,
        answer=in_one_line(error.code, error.message),
    )


def in_one_line(code: int, message: str) -> str:
    """What a server said, fit for registry and screen: one line, no address, nothing that cannot be shown."""
    line = " ".join(f"{code} {message}".split())
    masked = _ADDRESS_IN_ANSWER.sub(lambda found: mask_email(found.group()), line)
    return displayable(masked)[:LONGEST_ANSWER]


def _kind_of(error: Exception) -> str:
    """The cause in one word; aiosmtplib wraps the error of the TLS handshake."""
    cause = error.__cause__
    return f"TLS: {cause.reason}" if isinstance(cause, ssl.SSLError) else type(cause or error).__name__

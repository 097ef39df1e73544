"""Trying the mail server step by step, to name the first thing that is wrong with the way to it."""

import asyncio
import socket
import ssl
from dataclasses import dataclass
from enum import StrEnum

from aiosmtplib import SMTP
from aiosmtplib.errors import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from kiosk.config import SmtpSettings
from kiosk.errors import SettingsWrong
from kiosk.mail.message import Letter
from kiosk.mail.smtp import GOODBYE_SECONDS, connection_of, in_one_line, log_in


class Step(StrEnum):
    """What is tried, in this order."""

    NAME = "name"
    PORT = "port"
    TLS = "tls"
    LOGIN = "login"
    SENDER = "sender"
    RECIPIENT = "recipient"
    LETTER = "letter"


class Trouble(StrEnum):
    """What was found wrong."""

    NO_SUCH_NAME = "no_such_name"
    NOBODY_LISTENS = "nobody_listens"
    NO_ANSWER = "no_answer"
    TURNED_AWAY = "turned_away"
    NO_TLS_HERE = "no_tls_here"
    """Something answers, but not TLS: probably a port for STARTTLS, or the other way round."""
    NO_STARTTLS = "no_starttls"
    UNKNOWN_AUTHORITY = "unknown_authority"
    WRONG_NAME = "wrong_name"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    BAD_CERTIFICATE = "bad_certificate"
    CA_FILE = "ca_file"
    PASSWORD_FILE = "password_file"  # noqa: S105  # what is wrong, not a password
    LOGIN_REFUSED = "login_refused"
    NO_LOGIN_OFFERED = "no_login_offered"
    LOGIN_WANTED = "login_wanted"
    SENDER_REFUSED = "sender_refused"
    RECIPIENT_REFUSED = "recipient_refused"
    LETTER_REFUSED = "letter_refused"
    LINE_LOST = "line_lost"


@dataclass(frozen=True, kw_only=True)
class Tried:
    """How one step went; the steps after one that failed were not tried."""

    step: Step
    trouble: Trouble | None = None
    fact: str = ""
    """An answer of the server, an address on the network, a kind of error."""


_X509: dict[int, Trouble] = {  # codes of OpenSSL's x509_vfy.h
    9: Trouble.NOT_YET_VALID,
    10: Trouble.EXPIRED,
    18: Trouble.UNKNOWN_AUTHORITY,
    19: Trouble.UNKNOWN_AUTHORITY,
    20: Trouble.UNKNOWN_AUTHORITY,
    21: Trouble.UNKNOWN_AUTHORITY,
    62: Trouble.WRONG_NAME,
    64: Trouble.WRONG_NAME,
}


async def try_server(settings: SmtpSettings, letter: Letter) -> tuple[Tried, ...]:
    """Send `letter`, step by step, within the time limits of the settings; never raises for what the server does."""
    trial = _Trial(settings, letter)
    try:
        async with asyncio.timeout(settings.total_seconds):
            await trial.run()
    except TimeoutError:
        trial.failed(Trouble.NO_ANSWER)
    except SettingsWrong as wrong:
        trial.failed(Trouble.PASSWORD_FILE, f"{wrong.key}: {wrong.problem}")
    except (SMTPException, OSError) as error:
        trial.failed(*_trouble(trial.step, error))
    finally:
        await trial.leave()
    return tuple(trial.went)


class _CaFileUnusable(OSError):
    """The certificates to trust cannot be read."""


class _Trial:
    def __init__(self, settings: SmtpSettings, letter: Letter) -> None:
        self.settings = settings
        self.letter = letter
        self.went: list[Tried] = []
        self.step = Step.NAME
        self._connection: SMTP | None = None

    async def run(self) -> None:
        """Every step; raises what the first one that fails raises."""
        place = await self._resolved()
        self._went(Step.NAME, place, then=Step.PORT)
        await self._knock()
        self._went(Step.PORT, str(self.settings.port), then=Step.TLS)
        connection = self._connection = self._prepared()
        await connection.connect()
        self._went(Step.TLS, _protocol(connection), then=Step.LOGIN)
        await log_in(connection, self.settings)
        self._went(Step.LOGIN, self.settings.user or "", then=Step.SENDER)
        await connection.mail(self.letter.sender)
        self._went(Step.SENDER, then=Step.RECIPIENT)
        await connection.rcpt(self.letter.recipient)
        self._went(Step.RECIPIENT, then=Step.LETTER)
        accepted = await connection.data(self.letter.content)
        self._went(Step.LETTER, in_one_line(accepted.code, accepted.message))

    def failed(self, trouble: Trouble, fact: str = "") -> None:
        self.went.append(Tried(step=self.step, trouble=trouble, fact=fact))

    async def leave(self) -> None:
        if self._connection is None:
            return
        try:
            async with asyncio.timeout(GOODBYE_SECONDS):
                await self._connection.quit()
        except (SMTPException, OSError, TimeoutError):
            pass
        finally:
            self._connection.close()
            await asyncio.sleep(0)

    def _prepared(self) -> SMTP:
        try:
            return connection_of(self.settings)
        except OSError as error:  # of the file, or of what OpenSSL thinks of it
            raise _CaFileUnusable from error

    async def _resolved(self) -> str:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(self.settings.host, self.settings.port, type=socket.SOCK_STREAM)
        return ", ".join(dict.fromkeys(str(one[4][0]) for one in found))

    async def _knock(self) -> None:
        async with asyncio.timeout(self.settings.connect_seconds):
            _, writer = await asyncio.open_connection(self.settings.host, self.settings.port)
        writer.close()
        writer.transport.abort()
        await asyncio.sleep(0)

    def _went(self, step: Step, fact: str = "", then: Step | None = None) -> None:
        self.went.append(Tried(step=step, fact=fact))
        self.step = then or step


def _protocol(connection: SMTP) -> str:
    version = connection.get_transport_info("ssl_object")
    return str(version.version()) if version is not None else ""


def _trouble(step: Step, error: Exception) -> tuple[Trouble, str]:
    answer = in_one_line(error.code, error.message) if isinstance(error, SMTPResponseException) else ""
    match step:
        case Step.NAME:
            return Trouble.NO_SUCH_NAME, ""
        case Step.PORT:
            return (Trouble.NO_ANSWER if isinstance(error, TimeoutError) else Trouble.NOBODY_LISTENS), ""
        case Step.TLS:
            return _tls_trouble(error), answer
        case Step.LOGIN if isinstance(error, SMTPAuthenticationError):
            return Trouble.LOGIN_REFUSED, answer
        case Step.LOGIN:
            return Trouble.NO_LOGIN_OFFERED, answer
    if isinstance(error, SMTPResponseException) and error.code in {530, 538}:
        return Trouble.LOGIN_WANTED, answer
    if isinstance(error, SMTPSenderRefused):
        return Trouble.SENDER_REFUSED, answer
    if isinstance(error, SMTPRecipientRefused):
        return Trouble.RECIPIENT_REFUSED, answer
    if isinstance(error, SMTPResponseException):
        return Trouble.LETTER_REFUSED, answer
    return Trouble.LINE_LOST, type(error).__name__


def _tls_trouble(error: Exception) -> Trouble:
    if isinstance(error, _CaFileUnusable):
        return Trouble.CA_FILE
    cause = error if isinstance(error, ssl.SSLError) else error.__cause__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return _X509.get(cause.verify_code, Trouble.BAD_CERTIFICATE)
    if isinstance(cause, ssl.SSLError):
        return Trouble.NO_TLS_HERE
    if isinstance(error, SMTPResponseException):
        return Trouble.TURNED_AWAY
    if isinstance(error, TimeoutError):
        return Trouble.NO_ANSWER
    return Trouble.NO_STARTTLS if "STARTTLS" in str(error) else Trouble.LINE_LOST

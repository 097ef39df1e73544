"""Mail servers on this machine: one that speaks SMTP over TLS as a real one, and several that misbehave."""

import asyncio
import random
import ssl
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Self

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from kiosk.config import SmtpSettings

HOST = "localhost"
USER = "madoguchi"
PASSWORD = "Mail#2026"


@dataclass
class ServedLine:
    """What one connection brought, and how it ended."""

    brought: list[bytes] = field(default_factory=list)
    """Accepted, in order."""
    farewell: bool = False
    """The mailer said QUIT."""
    cut: bool = False
    """The server ended it."""


@dataclass
class MailServer:
    """A server in a thread of its own; what it accepted lies in `accepted`, in order."""

    ca: trustme.CA
    tls: str = "implicit"
    login: bool = True
    rcpt_reply: str = ""
    """Said to every recipient when set."""
    data_replies: list[str] = field(default_factory=list)
    """Said after the next letters, one each; a letter with a reply of its own is accepted only with a 2."""
    swallow_answers: int = 0
    """So many letters are accepted, but the line is cut before the answer."""
    busy: float = 0.0
    """Share of letters that it will not take just now (451)."""
    forgetful: float = 0.0
    """Share of letters that it takes, but the line is cut before the answer."""
    seconds: float = 0.0
    """How long it takes over every letter."""
    chance: random.Random = field(default_factory=lambda: random.Random(5))  # noqa: S311  # the same in every run
    most_on_a_line: int = 0
    """Letters that one connection may bring when set; the next is told so, or meets a line that is gone."""
    cuts: bool = False
    """End such a line without a word."""
    certificate: dict[str, Any] = field(default_factory=dict)
    """What is odd about its certificate, in words of `trustme`."""
    contents: list[bytes] = field(default_factory=list)
    """What was accepted, as it came."""
    recipients: list[list[str]] = field(default_factory=list)
    unanswered: list[bytes] = field(default_factory=list)
    """What was accepted by a line that was cut before the answer."""
    lines: int = 0
    """How often somebody connected."""
    served: list[ServedLine] = field(default_factory=list)
    """Every connection that brought a letter or said farewell, in that order."""
    port: int = 9
    """Before it runs: the port nothing answers on."""

    @property
    def accepted(self) -> list[EmailMessage]:
        """The letters it took, in order."""
        return [message_from_bytes(content, policy=policy.default) for content in self.contents]

    def settings(self, folder: Path, **other: Any) -> SmtpSettings:
        """How to reach it; the CA and the password are written into `folder`."""
        ca_file = folder / "mail-ca.pem"
        self.ca.cert_pem.write_to_path(str(ca_file))
        password_file = folder / "smtp-password"
        password_file.write_text(PASSWORD + "\n", encoding="utf-8")
        password_file.chmod(0o600)
        reach = {"host": HOST, "port": self.port, "tls": self.tls, "ca_file": ca_file}
        user = {"user": USER, "password_file": password_file} if self.login else {}
        return SmtpSettings.model_validate({**reach, **user, **other})

    @contextmanager
    def running(self) -> Iterator[Self]:
        """Serve until the end of the block."""
        with _loop_in_a_thread() as run:
            server = run(self._start())
            self.port = server.sockets[0].getsockname()[1]
            try:
                yield self
            finally:
                run(_stop(server))

    async def _start(self) -> asyncio.Server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ca.issue_cert(HOST, **self.certificate).configure_cert(context)
        implicit = self.tls == "implicit"

        def protocol() -> SMTP:
            self.lines += 1
            server = SMTP(
                self,
                hostname=HOST,
                tls_context=None if implicit else context,
                require_starttls=not implicit,
                auth_required=self.login,
                authenticator=_authenticate if self.login else None,
                auth_exclude_mechanism=() if self.login else ("LOGIN", "PLAIN"),
            )
            server._auth_require_tls = not implicit  # this class does not know that a line may begin with TLS
            return server

        loop = asyncio.get_running_loop()
        return await loop.create_server(protocol, "127.0.0.1", 0, ssl=context if implicit else None)

    async def handle_MAIL(  # noqa: N802  # the name the server calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        brought = getattr(session, "brought", 0)
        if self.most_on_a_line and brought >= self.most_on_a_line:
            if self.cuts:
                assert isinstance(server.transport, asyncio.Transport)
                server.transport.abort()
            return "421 4.7.0 too many letters on this line"
        session.brought = brought + 1  # type: ignore[attr-defined]  # the session is ours to write on
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802  # the name the server calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.rcpt_reply:
            return self.rcpt_reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # the same
        await asyncio.sleep(self.seconds)
        reply = self.data_replies.pop(0) if self.data_replies else "250 OK"
        if self.busy and self.chance.random() < self.busy:
            reply = "451 come back later"
        if not reply.startswith("2"):
            return reply
        assert isinstance(envelope.content, bytes)
        self.contents.append(envelope.content)
        self.recipients.append(envelope.rcpt_tos)
        line = self._line_of(session)
        line.brought.append(envelope.content)
        if self.swallow_answers or (self.forgetful and self.chance.random() < self.forgetful):
            self.swallow_answers = max(0, self.swallow_answers - 1)
            self.unanswered.append(envelope.content)
            line.cut = True
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return reply

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # the same
        self._line_of(session).farewell = True
        return "221 Bye"

    def _line_of(self, session: Session) -> ServedLine:
        line: ServedLine | None = getattr(session, "line", None)
        if line is None:
            line = session.line = ServedLine()  # type: ignore[attr-defined]  # the session is ours to write on
            self.served.append(line)
        return line


def _authenticate(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
) -> AuthResult:
    right = data.login == USER.encode() and data.password == PASSWORD.encode()
    return AuthResult(success=right, handled=False)


Conversation = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextmanager
def a_server_that(converses: Conversation) -> Iterator[int]:
    """A server in clear text that behaves as told; its port."""
    with _loop_in_a_thread() as run:
        server = run(asyncio.start_server(converses, "127.0.0.1", 0))
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            run(_stop(server))


async def says_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Accept the line and stay silent until it is cut."""
    await reader.read()
    writer.close()


async def drips(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Never finish the greeting, but never pause for long either."""
    try:
        while True:
            writer.write(b"220-wait\r\n")
            await writer.drain()
            await asyncio.sleep(0.05)
    except ConnectionError:
        pass
    finally:
        writer.close()


async def refuses(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Turn everybody away."""
    writer.write(b"554 no service here for taro@example.jp\r\n")
    await writer.drain()
    writer.close()


async def has_no_tls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Speak SMTP without STARTTLS and keep whatever comes."""
    writer.write(b"220 localhost\r\n")
    while line := await reader.readline():
        writer.write(b"250 OK\r\n" if line.upper().startswith(b"EHLO") else b"502 no\r\n")
        await writer.drain()
    writer.close()


async def dawdles(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer every line just before the wait for one answer would be over."""
    answers = [b"220 localhost\r\n", b"250-localhost\r\n250 STARTTLS\r\n", b"220 go ahead\r\n"]
    for answer in answers:
        await asyncio.sleep(0.8)
        writer.write(answer)
        await writer.drain()
        await reader.readline()
    writer.close()


@contextmanager
def _loop_in_a_thread() -> Iterator[Callable[[Coroutine[Any, Any, Any]], Any]]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="mail server of the tests")
    thread.start()
    try:
        yield lambda work: asyncio.run_coroutine_threadsafe(work, loop).result(60)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _stop(server: asyncio.Server) -> None:
    """Take nobody new and wait until everybody has left: a mailer that leaves a line open fails its test."""
    server.close()
    await server.wait_closed()
    conversations = asyncio.all_tasks() - {asyncio.current_task()}
    if conversations:
        _left, staying = await asyncio.wait(conversations, timeout=30)
        assert not staying

"""A mail server in a process of its own, so that its work does not slow the mailer that is measured against it."""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection

import trustme
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support.mail_server import MailServer


@dataclass
class CountingServer(MailServer):
    """Takes every letter and keeps none."""

    taken: int = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # the name the server calls
        """Count."""
        self.taken += 1
        return "250 OK"


@contextmanager
def a_counting_server(ca: trustme.CA) -> Iterator[MailServer]:
    """Serve TLS with a login until the end of the block; its `settings` tell how to reach it."""
    here, there = multiprocessing.Pipe()
    # the CA is inherited: what it signs cannot be handed over a pipe
    process = multiprocessing.get_context("fork").Process(target=_serve, args=(ca, there), daemon=True)
    process.start()
    try:
        yield MailServer(ca, port=here.recv())
    finally:
        here.send("end")
        process.join()


def _serve(ca: trustme.CA, line: Connection) -> None:
    with CountingServer(ca).running() as server:
        line.send(server.port)
        line.recv()

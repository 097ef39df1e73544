"""What tests about letters start from: a mail server over TLS, a mailer for it, a user."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from db.database import Database
from db.tables import User
from kiosk.mail.smtp import SmtpMailer
from kiosk.services.desk.guard import Desk
from kiosk.services.letters.notices import Notices
from tests.support.builders import a_user
from tests.support.mail_server import MailServer
from tests.support.mailing import notices_of


@pytest.fixture(scope="session")
def ca() -> trustme.CA:
    """The authority of the mail server."""
    return trustme.CA()


@pytest.fixture
def server(ca: trustme.CA) -> Iterator[MailServer]:
    """A mail server of this test."""
    with MailServer(ca).running() as running:
        yield running


@pytest.fixture
def notices(desk: Desk, server: MailServer, tmp_path: Path) -> Notices:
    """A mailer that reaches it."""
    return notices_of(desk, SmtpMailer(server.settings(tmp_path)), stubs_in=tmp_path / "stubs")


@pytest.fixture
def user(database: Database) -> User:
    """Somebody with an address."""
    return a_user(database, user_id="tanaka01", email="tanaka@example.co.jp")

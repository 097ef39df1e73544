"""E-58: a mail server that is away, slow or refusing costs the customer a moment, no try and no certificate."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import trustme
from sqlmodel import col, select

from db.database import Database
from db.queries.users import by_pk
from db.tables import Notice, VerificationCode
from kiosk.config import MailSettings
from kiosk.errors import CodeMailFailed
from kiosk.mail.smtp import SmtpMailer
from kiosk.rules.cases import CaseState
from kiosk.secret import Secret
from kiosk.services.letters.notices import Notices
from kiosk.translations.catalog import Language
from tests.support.builders import PASSWORD, a_desk, a_user
from tests.support.clock import SteppedClock
from tests.support.counters import Counter
from tests.support.mail_server import (
    Conversation,
    MailServer,
    a_server_that,
    dawdles,
    drips,
    has_no_tls,
    refuses,
    says_nothing,
)
from tests.support.practice import CODE

IMPATIENT = {"connect_seconds": 1, "total_seconds": 2}
"""Seconds that a mail server may take."""
SECONDS_AT_MOST = 10.0


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def server(ca: trustme.CA) -> Iterator[MailServer]:
    with MailServer(ca).running() as running:
        yield running


def with_mail(counter: Counter, database: Database, clock: SteppedClock, mailer: SmtpMailer) -> Counter:
    """The counter with real letters instead of the post box of the tests."""
    notices = Notices(
        desk=a_desk(database, clock),
        vault=counter.post.vault,
        mailer=mailer,
        mail=MailSettings(sender="madoguchi@example.jp"),
        language=Language.JAPANESE,
        training=False,
    )
    return replace(counter, authenticating=replace(counter.authenticating, send_now=notices.send_now))


def require_nothing_lost(counter: Counter, database: Database, user_pk: int, reception_no: str) -> None:
    """The right password counts as right, the code is dead, step 4 waits."""
    assert counter.casework.case(counter.actor, reception_no).state is CaseState.TRANSACTION_CHOSEN
    with database.reading() as session:
        user = by_pk(session, user_pk, None)
        letters = session.exec(select(Notice.state).where(col(Notice.kind) == "code")).all()
        codes = session.exec(select(VerificationCode.ended)).all()
    assert user is not None
    assert user.consecutive_failures == 0
    assert set(letters) <= {"gave_up", "bounced"}
    assert set(codes) == {"mail_failed"}


@pytest.mark.rule("E-58", "R-60")
@pytest.mark.parametrize("converses", [says_nothing, drips, refuses, has_no_tls, dawdles])
def test_a_misbehaving_server_costs_a_moment_and_nothing_else(
    counter: Counter,
    database: Database,
    clock: SteppedClock,
    ca: trustme.CA,
    tmp_path: Path,
    converses: Conversation,
) -> None:
    user = a_user(database)
    reception_no = counter.opens_case(user).reception_no
    with a_server_that(converses) as port:
        settings = MailServer(ca, tls="starttls", login=False, port=port).settings(tmp_path, **IMPATIENT)
        counter = with_mail(counter, database, clock, SmtpMailer(settings))
        begun = time.monotonic()
        with pytest.raises(CodeMailFailed):
            counter.authenticating.submit_password(
                counter.actor, reception_no, user.user_id, Secret(PASSWORD)
            )
        assert time.monotonic() - begun < SECONDS_AT_MOST
    require_nothing_lost(counter, database, user.pk, reception_no)


@pytest.mark.rule("E-58", "R-60", "R-61")
def test_a_customer_whose_address_is_refused_issues_when_it_is_right_again(
    counter: Counter, database: Database, clock: SteppedClock, server: MailServer, tmp_path: Path
) -> None:
    user = a_user(database)
    reception_no = counter.opens_case(user).reception_no
    counter = with_mail(counter, database, clock, SmtpMailer(server.settings(tmp_path)))
    server.rcpt_reply = "550 no such user"
    with pytest.raises(CodeMailFailed):
        counter.authenticating.submit_password(counter.actor, reception_no, user.user_id, Secret(PASSWORD))
    require_nothing_lost(counter, database, user.pk, reception_no)

    server.rcpt_reply = ""
    counter.authenticating.submit_password(counter.actor, reception_no, user.user_id, Secret(PASSWORD))
    found = CODE.search(server.accepted[-1].get_content())
    assert found is not None
    counter.authenticating.submit_code(counter.actor, reception_no, Secret(found.group()))
    counter.signs(reception_no)

"""A real Postfix with SASL takes our letters over STARTTLS and implicit TLS, and nothing that is not as it must be."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fast_mail_parser
import pytest
import trustme

from db.database import Database
from db.tables import User
from kiosk.mail.delivery import MailNotSent
from kiosk.mail.smtp import SmtpMailer
from kiosk.mail.trying import Step, Trouble, try_server
from kiosk.rules.notices import NoticeKind
from kiosk.services.letters.notices import Round
from tests.support.builders import a_desk, a_user
from tests.support.clock import SteppedClock
from tests.support.deep import need
from tests.support.letters import a_letter
from tests.support.mailing import notices_of, queued, rows
from tests.support.postfix import UNKNOWN, Postfix, a_postfix

pytestmark = pytest.mark.deep
KINDS = ("starttls", "implicit")


@pytest.fixture(scope="module")
def postfix() -> Iterator[Postfix]:
    need("root", "postfix", "saslpasswd2")
    with a_postfix() as running:
        yield running


async def refused(postfix: Postfix, folder: Path, tls: str, **other: Any) -> MailNotSent:
    async with SmtpMailer(postfix.settings(folder, tls, **other)).line() as line:
        with pytest.raises(MailNotSent) as caught:
            await line.send(a_letter())
    return caught.value


@pytest.mark.parametrize("tls", KINDS)
async def test_a_letter_reaches_the_mailbox_as_it_was_written(
    postfix: Postfix, tmp_path: Path, tls: str
) -> None:
    before = len(postfix.delivered(0))
    async with SmtpMailer(postfix.settings(tmp_path, tls)).line() as line:
        answers = [await line.send(a_letter(recipient=f"{tls}{number}@example.jp")) for number in range(20)]
    assert all(answer.startswith("250 2.0.0 Ok: queued as ") for answer in answers)
    letters = [fast_mail_parser.parse_email(one) for one in postfix.delivered(before + 20)[before:]]
    assert {letter.headers["To"][0] for letter in letters} == {f"{tls}{n}@example.jp" for n in range(20)}
    assert {letter.subject for letter in letters} == {"【ろうきん】認証コードのお知らせ"}
    assert all("認証コード:048125" in letter.text_plain[0] for letter in letters)


@pytest.mark.rule("R-51", "E-93", "I-18")
def test_the_outbox_empties_into_the_mailbox(
    postfix: Postfix, database: Database, clock: SteppedClock, tmp_path: Path
) -> None:
    user: User = a_user(database, email="tanaka@example.jp")
    wrong: User = a_user(database, email=UNKNOWN)
    desk = a_desk(database, clock)
    for number in range(30):
        queued(desk, user, cause=str(number))
    queued(desk, wrong, NoticeKind.BLOCKED)
    before = len(postfix.delivered(0))
    notices = notices_of(desk, SmtpMailer(postfix.settings(tmp_path, "starttls")))
    assert notices.send_due() == Round(sent=30, failed=1)
    assert len(postfix.delivered(before + 30)) == before + 30
    states = {row.user_pk: (row.state, row.answer or "") for row in rows(database)}
    assert states[user.pk][1].startswith("250 2.0.0 Ok: queued as ")
    assert states[wrong.pk][0] == "bounced"
    assert states[wrong.pk][1].startswith("550 5.1.1")
    assert UNKNOWN not in states[wrong.pk][1]


@pytest.mark.parametrize("tls", KINDS)
async def test_whatever_is_not_right_is_refused(postfix: Postfix, tmp_path: Path, tls: str) -> None:
    other = tmp_path / "other-ca.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    wrong = tmp_path / "wrong-password"
    wrong.write_text("Falsch#01", encoding="utf-8")
    wrong.chmod(0o600)
    before = len(postfix.delivered(0))
    for ca_file in (other, None):
        assert "CERTIFICATE_VERIFY_FAILED" in (await refused(postfix, tmp_path, tls, ca_file=ca_file)).reason
    assert "CERTIFICATE_VERIFY_FAILED" in (await refused(postfix, tmp_path, tls, host="127.0.0.1")).reason
    login = await refused(postfix, tmp_path, tls, password_file=wrong)
    assert (login.reason, login.permanent, login.server_away) == ("535", False, True)
    nobody = await refused(postfix, tmp_path, tls, user=None, password_file=None)
    assert nobody.reason in {"530", "554"}
    assert not nobody.permanent, "our missing rights make no address wrong"
    assert len(postfix.delivered(0)) == before


async def test_the_trial_names_what_is_wrong(postfix: Postfix, tmp_path: Path) -> None:
    good = await try_server(postfix.settings(tmp_path, "starttls"), a_letter(recipient="try@example.jp"))
    assert [one.step for one in good] == list(Step)
    assert all(one.trouble is None for one in good)
    swapped = postfix.settings(tmp_path, "implicit", port=postfix.ports["starttls"])
    assert (await try_server(swapped, a_letter()))[-1].trouble is Trouble.NO_TLS_HERE
    unknown = await try_server(postfix.settings(tmp_path, "starttls"), a_letter(recipient=UNKNOWN))
    assert unknown[-1].trouble is Trouble.RECIPIENT_REFUSED

"""Letters leave over a checked TLS line or not at all, and never hold the counter up for long."""

import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from stat import S_IMODE

import pytest
import trustme
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.config import load_settings, training_settings
from kiosk.mail.delivery import MaildirMailer, Mailer, MailNotSent, SmtpMailer, mailer_for
from kiosk.mail.letters import Envelope, Fact, compose
from kiosk.rules.notices import NoticeKind
from kiosk.rules.users import UserRole
from kiosk.secret import Secret
from kiosk.translations.catalog import Language
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

NOW = datetime(2026, 3, 2, 1, 5, tzinfo=UTC)


def letter(branch: str = "中央支店", recipient: str = "taro@example.co.jp") -> EmailMessage:
    envelope = Envelope(
        sender="madoguchi@example.jp",
        sender_name="ろうきん賃金控除事務支援サービス",
        recipient=recipient,
        message_id="0123456789abcdef",
        date=NOW,
    )
    facts: dict[str, Fact] = {
        "user_id": "ta******",
        "branch_name": branch,
        "branch_phone": "",
        "valid_until": NOW,
    }
    return compose(
        NoticeKind.CODE,
        {**facts, "code": Secret("048125")},
        Language.JAPANESE,
        envelope,
        role=UserRole.MASTER,
    )


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(params=["implicit", "starttls"])
def server(request: pytest.FixtureRequest, ca: trustme.CA) -> Iterator[MailServer]:
    with MailServer(ca, tls=request.param).running() as running:
        yield running


async def test_a_letter_arrives_over_tls_as_it_was_written(server: MailServer, tmp_path: Path) -> None:
    await SmtpMailer(server.settings(tmp_path)).send(letter())
    (received,) = server.accepted
    assert received["Subject"] == "【ろうきん】認証コードのお知らせ"
    assert "認証コード:048125" in received.get_content()
    assert server.recipients == [["taro@example.co.jp"]]


async def test_a_server_without_accounts_is_not_asked_for_a_login(ca: trustme.CA, tmp_path: Path) -> None:
    with MailServer(ca, login=False).running() as server:
        await SmtpMailer(server.settings(tmp_path)).send(letter())
    assert len(server.accepted) == 1


async def not_sent(mailer: Mailer) -> MailNotSent:
    with pytest.raises(MailNotSent) as caught:
        await mailer.send(letter())
    assert caught.value.__suppress_context__
    assert "taro" not in str(caught.value) + repr(caught.value)
    return caught.value


async def test_a_wrong_password_of_the_mail_account_is_no_fault_of_the_letter(
    server: MailServer, tmp_path: Path
) -> None:
    settings = server.settings(tmp_path)
    (tmp_path / "smtp-password").write_text("Falsch#01", encoding="utf-8")
    error = await not_sent(SmtpMailer(settings))
    assert (error.permanent, error.reason, error.server_away) == (False, "535", True)
    assert server.accepted == []


async def test_a_server_that_wants_a_login_gets_no_letter_without_one(
    server: MailServer, tmp_path: Path
) -> None:
    error = await not_sent(SmtpMailer(server.settings(tmp_path, user=None, password_file=None)))
    assert (error.permanent, error.reason, error.server_away) == (False, "530", True)


async def test_a_password_file_others_may_read_is_not_used(server: MailServer, tmp_path: Path) -> None:
    settings = server.settings(tmp_path)
    (tmp_path / "smtp-password").chmod(0o644)
    error = await not_sent(SmtpMailer(settings))
    assert (error.reason, error.server_away) == ("settings: mail.smtp.password_file", True)


async def test_a_server_of_another_authority_gets_no_letter(server: MailServer, tmp_path: Path) -> None:
    other = tmp_path / "other-ca.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    for ca_file in (other, None):
        error = await not_sent(SmtpMailer(server.settings(tmp_path, ca_file=ca_file)))
        assert (error.permanent, error.server_away) == (False, True)
        assert "CERTIFICATE_VERIFY_FAILED" in error.reason
    assert server.accepted == []


async def test_a_server_with_another_name_gets_no_letter(server: MailServer, tmp_path: Path) -> None:
    error = await not_sent(SmtpMailer(server.settings(tmp_path, host="127.0.0.1")))
    assert "CERTIFICATE_VERIFY_FAILED" in error.reason


async def test_a_ca_file_that_is_not_there_is_no_fault_of_the_letter(
    server: MailServer, tmp_path: Path
) -> None:
    error = await not_sent(SmtpMailer(server.settings(tmp_path, ca_file=tmp_path / "nothing")))
    assert (error.permanent, error.server_away) == (False, True)


async def test_a_server_that_offers_no_starttls_gets_neither_password_nor_letter(
    ca: trustme.CA, tmp_path: Path
) -> None:
    with a_server_that(has_no_tls) as port:
        error = await not_sent(SmtpMailer(MailServer(ca, tls="starttls", port=port).settings(tmp_path)))
    assert (error.permanent, error.server_away) == (False, True)


@pytest.mark.parametrize(
    ("reply", "permanent"),
    [("450 later", False), ("451 later", False), ("550 nobody", True), ("552 full", True)],
)
async def test_a_refused_recipient_is_told_from_one_refused_for_now(
    ca: trustme.CA, tmp_path: Path, reply: str, permanent: bool
) -> None:
    with MailServer(ca, rcpt_reply=reply).running() as server:
        error = await not_sent(SmtpMailer(server.settings(tmp_path)))
    assert (error.permanent, error.reason, error.server_away) == (permanent, reply[:3], False)


@pytest.mark.parametrize(("reply", "permanent"), [("452 later", False), ("554 spam", True)])
async def test_a_refused_letter_is_told_from_one_refused_for_now(
    ca: trustme.CA, tmp_path: Path, reply: str, permanent: bool
) -> None:
    with MailServer(ca, data_replies=[reply]).running() as server:
        error = await not_sent(SmtpMailer(server.settings(tmp_path)))
    assert (error.permanent, error.reason, error.server_away) == (permanent, reply[:3], False)


async def test_a_line_cut_after_the_letter_is_not_taken_for_success(ca: trustme.CA, tmp_path: Path) -> None:
    with MailServer(ca, swallow_answers=1).running() as server:
        error = await not_sent(SmtpMailer(server.settings(tmp_path)))
    assert not error.permanent
    assert len(server.accepted) == 1


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
@pytest.mark.parametrize("behaviour", [says_nothing, drips, dawdles, refuses])
async def test_a_misbehaving_server_costs_no_more_than_the_time_limit(
    ca: trustme.CA, tmp_path: Path, tls: str, behaviour: Conversation
) -> None:
    with a_server_that(behaviour) as port:
        server = MailServer(ca, tls=tls, port=port)
        mailer = SmtpMailer(server.settings(tmp_path, connect_seconds=1, total_seconds=2))
        began = time.monotonic()
        error = await not_sent(mailer)
        assert time.monotonic() - began < 4
    assert (error.permanent, error.server_away) == (False, True)


async def test_nobody_listening_is_told_at_once(ca: trustme.CA, tmp_path: Path) -> None:
    with a_server_that(says_nothing) as port:
        pass
    error = await not_sent(SmtpMailer(MailServer(ca, port=port).settings(tmp_path)))
    assert (error.permanent, error.server_away) == (False, True)
    assert "Connect" in error.reason or "refused" in error.reason.lower()


def test_a_wrong_certificate_can_never_be_let_through(ca: trustme.CA, tmp_path: Path) -> None:
    mailer = SmtpMailer(MailServer(ca).settings(tmp_path))
    context = mailer._client().tls_context  # no public way shows that the check is on
    assert context is not None
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


# --- the folder of training ---


async def test_a_training_letter_can_be_read_back(tmp_path: Path) -> None:
    mailer = MaildirMailer(tmp_path / "letters")
    await mailer.send(letter())
    (read,) = mailer.newest(10)
    assert mailer.simulated
    assert read.subject == "【ろうきん】認証コードのお知らせ"
    assert read.to == "taro@example.co.jp"
    assert "認証コード:048125" in read.body
    assert "\r" not in read.body
    assert read.at == NOW


async def test_training_letters_come_newest_first(tmp_path: Path) -> None:
    mailer = MaildirMailer(tmp_path / "letters")
    assert mailer.newest(5) == ()
    for number in range(7):
        await mailer.send(letter(recipient=f"user{number}@example.jp"))
    assert [read.to for read in mailer.newest(3)] == [f"user{number}@example.jp" for number in (6, 5, 4)]


@pytest.mark.rule("I-21")
async def test_training_letters_are_for_this_account_alone(tmp_path: Path) -> None:
    folder = tmp_path / "letters"
    await MaildirMailer(folder).send(letter())
    (file,) = (folder / "new").iterdir()
    assert S_IMODE(file.stat().st_mode) == 0o600
    assert {S_IMODE(part.stat().st_mode) for part in (folder, folder / "new", folder / "tmp")} == {0o700}
    assert list((folder / "tmp").iterdir()) == []


async def test_what_is_no_letter_is_passed_over(tmp_path: Path) -> None:
    mailer = MaildirMailer(tmp_path)
    await mailer.send(letter())
    (tmp_path / "new" / "0").write_bytes(b"\xff\xfe")
    (tmp_path / "new" / "9").write_bytes(b"Subject: x\nTo: nobody\nDate: never\n\n")
    (tmp_path / "new" / "8").mkdir()
    assert len(mailer.newest(10)) == 1


async def test_a_folder_that_cannot_be_written_is_no_fault_of_the_letter(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    error = await not_sent(MaildirMailer(tmp_path / "file" / "letters"))
    assert (error.permanent, error.server_away) == (False, True)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(branch=st.text(min_size=1, max_size=40))
@pytest.mark.rule("I-19")
async def test_a_hostile_branch_name_does_no_harm_in_the_training_window(tmp_path: Path, branch: str) -> None:
    mailer = MaildirMailer(tmp_path)
    await mailer.send(letter(branch=branch))
    read = mailer.newest(1)[0]
    assert read.to == "taro@example.co.jp"
    assert read.subject == "【ろうきん】認証コードのお知らせ"


# --- which one is used ---


def test_training_uses_its_folder_and_without_anything_nothing_is_sent(tmp_path: Path) -> None:
    training = training_settings(tmp_path)
    assert mailer_for(training) == MaildirMailer(tmp_path / "letters")
    assert mailer_for(load_settings(Path(__file__).parents[2] / "docs/settings.example.toml")) is None


def test_a_mail_server_comes_before_the_folder(tmp_path: Path, ca: trustme.CA) -> None:
    training = training_settings(tmp_path)
    mail = training.mail.model_copy(update={"smtp": MailServer(ca, port=465).settings(tmp_path)})
    mailer = mailer_for(training.model_copy(update={"mail": mail}))
    assert isinstance(mailer, SmtpMailer)
    assert not mailer.simulated

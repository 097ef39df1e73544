"""Letters leave over a checked TLS line or not at all, and never hold the counter up for long."""

import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme

from kiosk.mail.delivery import Mailer, MailNotSent
from kiosk.mail.message import Letter
from kiosk.mail.smtp import SmtpMailer, connection_of, in_one_line
from tests.support.letters import a_letter
from tests.support.mail_server import (
    PASSWORD,
    Conversation,
    MailServer,
    a_server_that,
    dawdles,
    drips,
    has_no_tls,
    refuses,
    says_nothing,
)


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(params=["implicit", "starttls"])
def server(request: pytest.FixtureRequest, ca: trustme.CA) -> Iterator[MailServer]:
    with MailServer(ca, tls=request.param).running() as running:
        yield running


async def test_a_letter_arrives_over_tls_as_it_was_written(server: MailServer, tmp_path: Path) -> None:
    await send(SmtpMailer(server.settings(tmp_path)))
    (received,) = server.accepted
    assert received["Subject"] == "【ろうきん】認証コードのお知らせ"
    assert "認証コード:048125" in received.get_content()
    assert server.recipients == [["taro@example.co.jp"]]


async def test_a_server_without_accounts_is_not_asked_for_a_login(ca: trustme.CA, tmp_path: Path) -> None:
    with MailServer(ca, login=False).running() as server:
        await send(SmtpMailer(server.settings(tmp_path)))
    assert len(server.accepted) == 1


async def send(mailer: Mailer, letter: Letter | None = None) -> str:
    async with mailer.line() as line:
        return await line.send(letter or a_letter())


async def not_sent(mailer: Mailer) -> MailNotSent:
    with pytest.raises(MailNotSent) as caught:
        await send(mailer)
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


@pytest.mark.parametrize(
    "odd", [{"not_after": datetime(2025, 1, 1, tzinfo=UTC)}, {"not_before": datetime(2125, 1, 1, tzinfo=UTC)}]
)
async def test_a_server_whose_certificate_is_not_valid_today_gets_no_letter(
    ca: trustme.CA, tmp_path: Path, odd: dict[str, datetime]
) -> None:
    with MailServer(ca, certificate=odd).running() as server:
        error = await not_sent(SmtpMailer(server.settings(tmp_path)))
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
        assert time.monotonic() - began < 10
    assert (error.permanent, error.server_away) == (False, True)


async def test_nobody_listening_is_told_at_once(ca: trustme.CA, tmp_path: Path) -> None:
    with a_server_that(says_nothing) as port:
        pass
    error = await not_sent(SmtpMailer(MailServer(ca, port=port).settings(tmp_path)))
    assert (error.permanent, error.server_away) == (False, True)
    assert "Connect" in error.reason or "refused" in error.reason.lower()


def test_a_wrong_certificate_can_never_be_let_through(ca: trustme.CA, tmp_path: Path) -> None:
    mailer = SmtpMailer(MailServer(ca).settings(tmp_path))
    context = connection_of(mailer.settings).tls_context  # no public way shows that the check is on
    assert context is not None
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


# --- one line for many letters ---


async def test_many_letters_go_over_one_connection(server: MailServer, tmp_path: Path) -> None:
    async with SmtpMailer(server.settings(tmp_path)).line() as line:
        for number in range(5):
            await line.send(a_letter(recipient=f"user{number}@example.jp"))
    assert server.lines == 1
    assert server.recipients == [[f"user{number}@example.jp"] for number in range(5)]


async def test_a_refused_letter_does_not_end_the_line(ca: trustme.CA, tmp_path: Path) -> None:
    with MailServer(ca, data_replies=["554 spam", "250 OK", "451 later", "250 OK"]).running() as server:
        async with SmtpMailer(server.settings(tmp_path)).line() as line:
            for permanent in (True, False):
                with pytest.raises(MailNotSent) as caught:
                    await line.send(a_letter())
                assert caught.value.permanent is permanent
                await line.send(a_letter())
    assert (server.lines, len(server.accepted)) == (1, 2)


@pytest.mark.parametrize("cuts", [True, False])
async def test_a_line_the_server_ended_meanwhile_is_opened_again_for_the_same_letter(
    ca: trustme.CA, tmp_path: Path, cuts: bool
) -> None:
    with MailServer(ca, most_on_a_line=2, cuts=cuts).running() as server:
        async with SmtpMailer(server.settings(tmp_path)).line() as line:
            for _ in range(5):
                await line.send(a_letter())
    assert (server.lines, len(server.accepted)) == (3, 5)


async def test_a_line_that_nobody_used_was_never_opened(ca: trustme.CA, tmp_path: Path) -> None:
    with MailServer(ca).running() as server:
        async with SmtpMailer(server.settings(tmp_path)).line():
            pass
    assert server.lines == 0


async def test_a_line_that_gets_no_login_is_not_used_for_the_next_letter(
    server: MailServer, tmp_path: Path
) -> None:
    settings = server.settings(tmp_path)
    password = tmp_path / "smtp-password"
    async with SmtpMailer(settings).line() as line:
        password.write_text("Falsch#01", encoding="utf-8")
        with pytest.raises(MailNotSent):
            await line.send(a_letter())
        password.write_text(PASSWORD, encoding="utf-8")
        await line.send(a_letter())
    assert len(server.accepted) == 1


async def test_letters_keep_to_the_rate_of_the_settings_and_codes_do_not(
    server: MailServer, tmp_path: Path
) -> None:
    mailer = SmtpMailer(server.settings(tmp_path, letters_per_minute=300))
    async with mailer.line(paced=True) as line:
        began = time.monotonic()
        for _ in range(4):
            await line.send(a_letter())
        assert time.monotonic() - began >= 0.6
    async with mailer.line() as line:
        assert line.pause == 0


@pytest.mark.parametrize("reply", ["530 5.7.0 log in first", "554 5.7.1 relay access denied"])
async def test_a_server_that_gives_us_no_right_does_not_make_an_address_wrong(
    ca: trustme.CA, tmp_path: Path, reply: str
) -> None:
    with MailServer(ca, rcpt_reply=reply).running() as server:
        error = await not_sent(SmtpMailer(server.settings(tmp_path)))
    assert (error.permanent, error.reason, error.server_away) == (False, reply[:3], False)


async def test_a_server_that_closes_its_service_takes_no_other_letter_either(
    ca: trustme.CA, tmp_path: Path
) -> None:
    with MailServer(ca, rcpt_reply="421 closing").running() as server:
        error = await not_sent(SmtpMailer(server.settings(tmp_path)))
    assert (error.permanent, error.reason, error.server_away) == (False, "421", True)


async def test_an_answer_is_kept_without_the_address_it_repeats(ca: trustme.CA, tmp_path: Path) -> None:
    with MailServer(ca, rcpt_reply="550 5.1.1 <taro@example.co.jp>: unknown").running() as server:
        error = await not_sent(SmtpMailer(server.settings(tmp_path)))
    assert error.answer == "550 5.1.1 <t****@e******.jp>: unknown"


def test_an_answer_is_one_line_that_can_be_shown() -> None:
    told = in_one_line(250, "2.0.0 Ok:\r\n\x1b[31mqueued\u202e as 4F2 " + "x" * 400)
    assert told.startswith("250 2.0.0 Ok:")
    assert "\n" not in told
    assert "\x1b" not in told
    assert "\u202e" not in told
    assert len(told) <= 300

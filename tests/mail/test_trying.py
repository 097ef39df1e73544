"""Trying the mail server names the first thing that is wrong with the way to it."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import trustme

from kiosk.cli.mail_words import STEPS, TROUBLES
from kiosk.mail.trying import Step, Tried, Trouble, try_server
from tests.support.letters import a_letter
from tests.support.mail_server import (
    Conversation,
    MailServer,
    a_server_that,
    drips,
    has_no_tls,
    refuses,
    says_nothing,
)

IMPATIENT: dict[str, Any] = {"connect_seconds": 1, "total_seconds": 2}
YESTERYEAR = datetime(2025, 1, 1, tzinfo=UTC)
LONG_FROM_NOW = datetime(2125, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(params=["implicit", "starttls"])
def server(request: pytest.FixtureRequest, ca: trustme.CA) -> Iterator[MailServer]:
    with MailServer(ca, tls=request.param).running() as running:
        yield running


async def end_of(server: MailServer, folder: Path, **other: Any) -> Tried:
    tried = await try_server(server.settings(folder, **other), a_letter())
    assert all(one.trouble is None for one in tried[:-1])
    assert "taro@" not in repr(tried)
    return tried[-1]


async def test_every_step_of_a_good_server_is_told(server: MailServer, tmp_path: Path) -> None:
    tried = await try_server(server.settings(tmp_path), a_letter())
    assert [one.step for one in tried] == list(Step)
    assert all(one.trouble is None for one in tried)
    facts = {one.step: one.fact for one in tried}
    assert "127.0.0.1" in facts[Step.NAME]
    assert facts[Step.TLS].startswith("TLSv1.")
    assert facts[Step.LETTER] == "250 OK"
    assert len(server.accepted) == 1


async def test_a_name_nobody_knows(server: MailServer, tmp_path: Path) -> None:
    last = await end_of(server, tmp_path, host="mail.invalid")
    assert (last.step, last.trouble) == (Step.NAME, Trouble.NO_SUCH_NAME)


async def test_a_port_nobody_listens_on(ca: trustme.CA, tmp_path: Path) -> None:
    with a_server_that(says_nothing) as port:
        pass
    last = await end_of(MailServer(ca, port=port), tmp_path)
    assert (last.step, last.trouble) == (Step.PORT, Trouble.NOBODY_LISTENS)


@pytest.mark.parametrize("behaviour", [says_nothing, drips])
async def test_a_server_that_does_not_come_to_the_point(
    ca: trustme.CA, tmp_path: Path, behaviour: Conversation
) -> None:
    with a_server_that(behaviour) as port:
        last = await end_of(MailServer(ca, tls="starttls", port=port), tmp_path, **IMPATIENT)
    assert (last.step, last.trouble) == (Step.TLS, Trouble.NO_ANSWER)


async def test_a_server_that_turns_us_away(ca: trustme.CA, tmp_path: Path) -> None:
    with a_server_that(refuses) as port:
        last = await end_of(MailServer(ca, tls="starttls", port=port), tmp_path)
    assert (last.step, last.trouble) == (Step.TLS, Trouble.TURNED_AWAY)
    assert last.fact == "554 no service here for t****@e******.jp"


async def test_a_port_for_the_other_kind_of_tls(ca: trustme.CA, tmp_path: Path) -> None:
    with MailServer(ca, tls="starttls").running() as server:
        last = await end_of(server, tmp_path, tls="implicit", **IMPATIENT)
    assert (last.step, last.trouble) == (Step.TLS, Trouble.NO_TLS_HERE)


async def test_a_server_without_starttls(ca: trustme.CA, tmp_path: Path) -> None:
    with a_server_that(has_no_tls) as port:
        last = await end_of(MailServer(ca, tls="starttls", port=port), tmp_path)
    assert (last.step, last.trouble) == (Step.TLS, Trouble.NO_STARTTLS)


async def test_a_certificate_of_somebody_else(server: MailServer, tmp_path: Path) -> None:
    last = await end_of(server, tmp_path, ca_file=None)
    assert (last.step, last.trouble) == (Step.TLS, Trouble.UNKNOWN_AUTHORITY)


@pytest.mark.parametrize(
    ("odd", "trouble"),
    [
        ({"not_after": YESTERYEAR}, Trouble.EXPIRED),
        ({"not_before": LONG_FROM_NOW}, Trouble.NOT_YET_VALID),
    ],
)
async def test_a_certificate_of_another_time(
    ca: trustme.CA, tmp_path: Path, odd: dict[str, datetime], trouble: Trouble
) -> None:
    with MailServer(ca, certificate=odd).running() as server:
        last = await end_of(server, tmp_path)
    assert (last.step, last.trouble) == (Step.TLS, trouble)


async def test_a_certificate_of_another_name(server: MailServer, tmp_path: Path) -> None:
    last = await end_of(server, tmp_path, host="127.0.0.1")
    assert (last.step, last.trouble) == (Step.TLS, Trouble.WRONG_NAME)


async def test_a_ca_file_that_is_not_there(server: MailServer, tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_text("", encoding="ascii")
    for file in (tmp_path / "nothing", empty):
        last = await end_of(server, tmp_path, ca_file=file)
        assert (last.step, last.trouble) == (Step.TLS, Trouble.CA_FILE)


async def test_a_wrong_password(server: MailServer, tmp_path: Path) -> None:
    settings = server.settings(tmp_path)
    (tmp_path / "smtp-password").write_text("Falsch#01", encoding="utf-8")
    last = (await try_server(settings, a_letter()))[-1]
    assert (last.step, last.trouble) == (Step.LOGIN, Trouble.LOGIN_REFUSED)
    assert last.fact.startswith("535")
    assert "Falsch" not in repr(last)


async def test_a_password_file_others_may_read(server: MailServer, tmp_path: Path) -> None:
    settings = server.settings(tmp_path)
    (tmp_path / "smtp-password").chmod(0o644)
    last = (await try_server(settings, a_letter()))[-1]
    assert (last.step, last.trouble) == (Step.LOGIN, Trouble.PASSWORD_FILE)


async def test_a_server_that_takes_no_login(ca: trustme.CA, tmp_path: Path) -> None:
    with MailServer(ca, login=False).running() as server:
        settings = MailServer(ca, port=server.port).settings(tmp_path)
        last = (await try_server(settings, a_letter()))[-1]
    assert (last.step, last.trouble) == (Step.LOGIN, Trouble.NO_LOGIN_OFFERED)


async def test_a_server_that_wants_a_login(server: MailServer, tmp_path: Path) -> None:
    last = await end_of(server, tmp_path, user=None, password_file=None)
    assert (last.step, last.trouble) == (Step.SENDER, Trouble.LOGIN_WANTED)


async def test_a_recipient_it_does_not_take(ca: trustme.CA, tmp_path: Path) -> None:
    with MailServer(ca, rcpt_reply="550 5.1.1 <taro@example.co.jp> unknown").running() as server:
        last = await end_of(server, tmp_path)
    assert (last.step, last.trouble) == (Step.RECIPIENT, Trouble.RECIPIENT_REFUSED)
    assert last.fact == "550 5.1.1 <t****@e******.jp> unknown"


async def test_a_letter_it_does_not_take(ca: trustme.CA, tmp_path: Path) -> None:
    with MailServer(ca, data_replies=["554 spam"]).running() as server:
        last = await end_of(server, tmp_path)
    assert (last.step, last.trouble) == (Step.LETTER, Trouble.LETTER_REFUSED)


async def test_a_line_that_breaks_after_the_letter(ca: trustme.CA, tmp_path: Path) -> None:
    with MailServer(ca, swallow_answers=1).running() as server:
        last = await end_of(server, tmp_path)
        await asyncio.sleep(0)
    assert (last.step, last.trouble) == (Step.LETTER, Trouble.LINE_LOST)


def test_every_step_and_every_trouble_has_its_sentence() -> None:
    assert set(STEPS) == set(Step)
    assert set(TROUBLES) == set(Trouble)

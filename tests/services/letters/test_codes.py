"""The letter of a code leaves at once or never, and the code is nowhere else."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import trustme
from sqlmodel import select

from db.tables import JournalEntry, Notice, User
from kiosk.mail.smtp import SmtpMailer
from kiosk.secret import Secret
from kiosk.services.desk.outbox import CodeVault
from kiosk.services.letters.notices import Notices, Round
from tests.support.clock import SteppedClock
from tests.support.journal import told
from tests.support.mail_server import MailServer
from tests.support.mailing import CODE, GIVEN_UP, SENT, a_code, queued, rows, states


@pytest.mark.rule("R-44", "R-62", "E-58")
def test_a_code_leaves_at_once_and_is_forgotten(notices: Notices, server: MailServer, user: User) -> None:
    queued(notices.desk, user)
    pk = a_code(notices, user)
    assert notices.send_now(pk)
    (message,) = server.accepted
    assert message["Subject"] == "【ろうきん】認証コードのお知らせ"
    assert f"認証コード:{CODE}" in message.get_content()
    assert notices.vault.take(pk, notices.desk.clock.now()) is None
    assert not notices.send_now(pk), "it has left"
    assert told(notices.desk.database) == [SENT]


@pytest.mark.rule("I-21")
def test_a_code_is_neither_in_the_registry_nor_in_the_journal(notices: Notices, user: User) -> None:
    notices.send_now(a_code(notices, user))
    with notices.desk.database.reading() as session:
        stored = [row.model_dump() for table in (Notice, JournalEntry) for row in session.exec(select(table))]
    assert len(stored) == 2
    assert CODE not in repr(stored)
    assert CODE not in repr(notices) + repr(notices.vault)


@pytest.mark.rule("E-58")
def test_a_code_that_cannot_be_sent_is_given_up_at_once(
    notices: Notices, user: User, clock: SteppedClock, ca: trustme.CA, tmp_path: Path
) -> None:
    away = replace(notices, mailer=SmtpMailer(MailServer(ca).settings(tmp_path, connect_seconds=1)))
    pk = a_code(notices, user)
    assert not away.send_now(pk)
    assert notices.vault.take(pk, clock.now()) is None
    clock.step(hours=1)
    assert notices.send_due() == Round(), "an old code never arrives later"
    assert states(notices.desk.database) == ["gave_up"]
    assert told(notices.desk.database) == [GIVEN_UP]


@pytest.mark.rule("I-21", "E-51")
def test_a_code_of_a_process_that_died_is_given_up_when_its_time_is_over(
    notices: Notices, server: MailServer, user: User, clock: SteppedClock
) -> None:
    a_code(replace(notices, vault=CodeVault()), user)
    clock.step(minutes=30, seconds=-1)
    assert notices.send_due() == Round(), "the process that knows it may still send it"
    clock.step(seconds=1)
    assert notices.send_due() == Round(failed=1)
    (row,) = rows(notices.desk.database)
    assert (row.state, row.last_error) == ("gave_up", "the code is not known here")
    assert server.accepted == []


def test_a_code_letter_of_another_process_is_not_sent_without_its_code(
    notices: Notices, server: MailServer, user: User
) -> None:
    pk = a_code(replace(notices, vault=CodeVault()), user)
    assert not notices.send_now(pk)
    assert states(notices.desk.database) == ["gave_up"]
    assert server.accepted == []


def test_two_presses_send_one_code(notices: Notices, server: MailServer, user: User) -> None:
    pk = a_code(notices, user)
    with ThreadPoolExecutor(2) as pool:
        answers = [future.result() for future in [pool.submit(notices.send_now, pk) for _ in range(2)]]
    assert sorted(answers) == [False, True]
    assert len(server.accepted) == 1


def test_a_vault_hands_a_code_over_once_and_keeps_none_too_long(clock: SteppedClock) -> None:
    vault = CodeVault()
    code = Secret(CODE)
    for pk in (1, 2, 3, 4):
        vault.put(pk, code, clock.now())
    code.wipe()
    taken = vault.take(1, clock.now())
    assert taken is not None
    assert taken.reveal() == CODE
    assert vault.take(1, clock.now()) is None
    vault.wipe(2)
    vault.wipe(2)
    assert vault.take(2, clock.now()) is None
    clock.step(minutes=30, seconds=-1)
    assert vault.take(3, clock.now()) is not None
    clock.step(seconds=1)
    assert vault.take(4, clock.now()) is None

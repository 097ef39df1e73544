"""`kiosk mail run`, `kiosk mail test` and `kiosk jobs run`, as a service manager and an operator start them."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme

from db.database import open_database
from kiosk.__main__ import main
from kiosk.cli.answers import Exit
from kiosk.clock import SystemClock
from kiosk.rules.notices import NoticeKind
from kiosk.services.desk.outbox import queue_notice
from tests.support.builders import a_terminal, a_user
from tests.support.journal import journal_of, told
from tests.support.mail_server import USER, MailServer, a_server_that, says_nothing
from tests.support.mailing import rows

SETTINGS = """
[terminal]
branch_no = "012"
terminal_no = "01"
[paths]
data = "."
[certificate]
crl_url = "http://pki.example.jp/madoguchi.crl"
ca_issuers_url = "http://pki.example.jp/madoguchi.cer"
policy_oid = "1.3.6.1.4.1.32473.1.1"
"""
SMTP = """
[mail]
sender = "madoguchi@example.jp"
[mail.smtp]
host = "localhost"
port = {port}
user = "{user}"
password_file = "smtp-password"
ca_file = "mail-ca.pem"
connect_seconds = 2
"""
ADDRESS = "tanaka@example.co.jp"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer(trustme.CA()).running() as running:
        yield running


@pytest.fixture
def branch(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """The settings of a branch that was set up; without a mail server."""
    file = tmp_path / "kiosk.toml"
    file.write_text(SETTINGS, encoding="utf-8")
    assert main(["--settings", str(file), "init", "--branch-name", "本店営業部"]) == Exit.DONE
    capsys.readouterr()
    return file


@pytest.fixture
def settings(branch: Path, server: MailServer) -> Path:
    """The same with the mail server."""
    server.settings(branch.parent)
    branch.write_text(SETTINGS + SMTP.format(port=server.port, user=USER), encoding="utf-8")
    return branch


def queue(settings: Path, letters: int = 1) -> None:
    with open_database(f"sqlite:///{settings.parent / 'registry.sqlite3'}") as database:
        a_terminal(database)
        user = a_user(database, email=ADDRESS)
        now = SystemClock().now()
        with database.transaction() as session:
            for number in range(letters):
                queue_notice(session, kind=NoticeKind.BLOCKED, dedupe=f"b:{number}", user_pk=user.pk, now=now)


def answer(settings: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, object]:
    code = main(["--settings", str(settings), *words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_one_round_sends_what_is_due_and_ends(
    settings: Path, server: MailServer, capsys: pytest.CaptureFixture[str]
) -> None:
    queue(settings, 3)
    assert answer(settings, capsys, "mail", "run", "--once") == (
        Exit.DONE,
        {"sent": 3, "failed": 0, "put_off": 0},
    )
    assert server.recipients == [[ADDRESS]] * 3


def test_a_round_without_its_server_is_a_finding(branch: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with a_server_that(says_nothing) as port:
        pass
    MailServer(trustme.CA()).settings(branch.parent)
    branch.write_text(SETTINGS + SMTP.format(port=port, user=USER), encoding="utf-8")
    queue(branch)
    code, told_ = answer(branch, capsys, "mail", "run", "--once")
    assert (code, told_) == (Exit.FOUND, {"sent": 0, "failed": 0, "put_off": 1})


def test_without_a_mail_server_every_mail_command_says_so(
    branch: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (("mail", "run", "--once"), ("mail", "test", ADDRESS)):
        assert main(["--settings", str(branch), *words]) == Exit.REFUSED
        assert "[mail.smtp]" in capsys.readouterr().err


def test_a_mailer_runs_until_it_is_told_to_stop_and_several_write_chains_of_their_own(
    settings: Path, server: MailServer
) -> None:
    command = [sys.executable, "-m", "kiosk", "--settings", str(settings), "--json", "mail", "run"]
    mailers = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
    try:
        until(lambda: all(map(ends_when_told, mailers)))
        queue(settings, 60)
        until(lambda: len(server.contents) == 60)
    finally:
        for mailer in mailers:
            mailer.send_signal(signal.SIGTERM)
        answers = [json.loads(mailer.communicate(timeout=60)[0]) for mailer in mailers]
    assert [mailer.returncode for mailer in mailers] == [Exit.DONE, Exit.DONE]
    assert sum(one["sent"] for one in answers) == len(server.contents) == 60
    with open_database(f"sqlite:///{settings.parent / 'registry.sqlite3'}") as database:
        assert {row.state for row in rows(database)} == {"sent"}
        nodes = {line.body["node"] for line in journal_of(database)}
    assert {node for node in nodes if "/mail-" in str(node)} <= {"012/01/mail-1", "012/01/mail-2"}


def ends_when_told(program: "subprocess.Popen[bytes]") -> bool:
    """Whether it would end in order; one that has only begun to start would be cut off."""
    status = Path(f"/proc/{program.pid}/status").read_text(encoding="utf-8")
    (caught,) = [line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:")]
    return bool(int(caught, 16) >> (signal.SIGTERM - 1) & 1)


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that takes two seconds on a quiet machine."""
    for _ in range(600):
        if condition():
            return
        time.sleep(0.1)  # a mailer is another process: it can only be asked again
    raise AssertionError("waited in vain")


def test_a_test_letter_tells_every_step(
    settings: Path, server: MailServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--settings", str(settings), "mail", "test", ADDRESS]) == Exit.DONE
    out = capsys.readouterr().out
    assert "TLSで接続し、証明書を確認しました。" in out
    assert "受信箱で確認してください" in out
    (letter,) = server.accepted
    assert letter["Subject"] == "【ろうきん】メール送信の試験"
    with open_database(f"sqlite:///{settings.parent / 'registry.sqlite3'}") as database:
        assert ("mail:server:tested", "done") in told(database)


def test_what_is_wrong_is_said_in_plain_words_and_in_json(
    settings: Path, server: MailServer, capsys: pytest.CaptureFixture[str]
) -> None:
    (settings.parent / "smtp-password").write_text("Falsch#01", encoding="utf-8")
    assert main(["--settings", str(settings), "--lang", "en", "mail", "test", ADDRESS]) == Exit.FOUND
    assert "The login was refused. Check mail.smtp.user and the password file." in capsys.readouterr().out
    code, steps = answer(settings, capsys, "mail", "test", ADDRESS)
    assert code == Exit.FOUND
    assert isinstance(steps, list)
    assert [step["ok"] for step in steps] == [True, True, True, False]
    assert (steps[-1]["step"], steps[-1]["problem"]) == ("login", "login_refused")
    with open_database(f"sqlite:///{settings.parent / 'registry.sqlite3'}") as database:
        assert ("mail:server:tested", "failed") in told(database)


def test_a_recipient_the_server_refuses_is_named_with_its_answer(
    settings: Path, server: MailServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server.rcpt_reply = "550 5.1.1 <tanaka@example.co.jp> unknown"
    code, steps = answer(settings, capsys, "mail", "test", ADDRESS)
    assert code == Exit.FOUND
    assert isinstance(steps, list)
    assert (steps[-1]["problem"], steps[-1]["fact"]) == (
        "recipient_refused",
        "550 5.1.1 <t****@e******.jp> unknown",
    )


@pytest.mark.parametrize("address", ["tanaka", "a@b.jp\nBcc: x@y.jp", "=?utf-8?q?a?=@b.jp"])
def test_what_is_no_address_gets_no_test_letter(
    settings: Path, server: MailServer, capsys: pytest.CaptureFixture[str], address: str
) -> None:
    assert main(["--settings", str(settings), "mail", "test", address]) == Exit.REFUSED
    assert "address" in capsys.readouterr().err
    assert server.contents == []


@pytest.mark.rule("E-09", "E-10")
def test_the_jobs_say_what_they_did_and_what_they_could_not_do(
    branch: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = ("--organization", "テスト", "--common-name", "Test CA")
    main(["--settings", str(branch), "ca", "init", *name, "--algorithm", "p-256"])
    passphrase = capsys.readouterr().out.rsplit(": ", 1)[1].strip()
    code, locked = answer(branch, capsys, "jobs", "run")
    assert isinstance(locked, list)
    assert code == Exit.FOUND, "nobody unlocked the key"
    assert {row["job"] for row in locked if row["problem"]} <= {"crl", "checkpoints"}
    assert all("ca_passphrase_file" in row["to_do"] for row in locked if row["problem"] == "ES09")
    file = branch.parent / "ca-passphrase"
    file.write_text(passphrase + "\n", encoding="utf-8")
    file.chmod(0o600)
    branch.write_text(SETTINGS + f'ca_passphrase_file = "{file}"\n', encoding="utf-8")
    code, done = answer(branch, capsys, "jobs", "run")
    assert isinstance(done, list)
    assert code == Exit.DONE, done
    assert [row["job"] for row in done] == [
        *("lock_letters", "expiring", "expired", "codes", "receptions", "crl", "checkpoints")
    ]
    assert next(row["count"] for row in done if row["job"] == "checkpoints") >= 1


def test_a_text_that_does_not_hold_stops_the_mailer_with_its_name(
    settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = settings.parent / "letters" / "ja"
    texts.mkdir(parents=True)
    (texts / "code.txt").write_text("件名\n\n$valid_until\n", encoding="utf-8")
    own = SMTP.replace("[mail]\n", '[mail]\ntexts = "letters"\n').format(port=9, user=USER)
    settings.write_text(SETTINGS + own, encoding="utf-8")
    assert main(["--settings", str(settings), "mail", "run", "--once"]) == Exit.REFUSED
    err = capsys.readouterr().err
    assert str(texts / "code.txt") in err
    assert "$code" in err

"""Two real mailers, six kills, a server that is busy and forgetful: every letter arrives (I-18, I-2)."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter as Tally
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from pathlib import Path

import pytest
import trustme
from sqlmodel import col, select

from db.database import Database
from db.tables import Notice, User
from kiosk.clock import SystemClock
from kiosk.keys import PASSWORD_KEY, make_key
from kiosk.rules.notices import NoticeKind
from kiosk.services.desk.outbox import queue_notice
from tests.support.builders import a_terminal, a_user
from tests.support.mail_server import USER, MailServer, ServedLine
from tests.support.mailing import rows

LETTERS = 400
KILLS = 6
PATIENCE_S = 180.0
"""For one step of it; a mailer that starts beside other tests may take many seconds to its first letter."""
ANSWER_CUT = "the server cut the line instead of answering"
KILLED = "the mailer was killed while the letter was on its way"
SETTINGS = """
[terminal]
branch_no = "012"
terminal_no = "01"
[paths]
data = "{folder}"
[database]
url = "{url}"
[mail]
sender = "madoguchi@example.jp"
[mail.smtp]
host = "localhost"
port = {port}
user = "{user}"
password_file = "{folder}/smtp-password"
ca_file = "{folder}/mail-ca.pem"
[certificate]
crl_url = "http://pki.example.jp/madoguchi.crl"
ca_issuers_url = "http://pki.example.jp/madoguchi.cer"
policy_oid = "1.3.6.1.4.1.32473.1.1"
"""


def queue(database: Database, user: User, letters: int) -> list[str]:
    """Queue so many; their Message-IDs."""
    now = SystemClock().now()
    with database.transaction() as session:
        for number in range(letters):
            queue_notice(
                session, kind=NoticeKind.BLOCKED, dedupe=f"blocked:{number}", user_pk=user.pk, now=now
            )
    return [f"<{row.message_id}@example.jp>" for row in rows(database)]


def id_of(content: bytes) -> str:
    return str(message_from_bytes(content)["Message-ID"])


def hurry(database: Database, *, leases: bool = False) -> None:
    """Let pauses be over, and the leases of mailers that are all dead, so that nobody waits for minutes."""
    now = SystemClock().now()
    with database.transaction() as session:
        for row in session.exec(select(Notice).where(col(Notice.state).in_(("queued", "sending")))):
            row.due_at = now
            if leases and row.leased_until is not None:
                row.leased_until = now


@contextmanager
def a_mailer(settings: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`kiosk mail run`, as a service manager starts it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "kiosk", "--settings", str(settings), "mail", "run"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": "."},
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def why_twice(server: MailServer) -> dict[str, list[str]]:
    """Of every Message-ID that arrived more than once, why each arrival but the last was not the end of it.

    The server alone knows: either it cut the line instead of answering, or the letter is the last of a line that ended
    without a farewell, so its mailer was killed before it could have seen the answer.
    """
    # one mailer's line may be older than the other's, and bring a letter again after that one did
    place = {id(content): number for number, content in enumerate(server.contents)}
    reasons: dict[str, list[tuple[int, str]]] = {}
    for line in server.served:
        for content in line.brought:
            last = content is line.brought[-1]
            reason = "answered"
            if last and line.cut:
                reason = ANSWER_CUT
            elif last and not line.farewell:
                reason = KILLED
            reasons.setdefault(id_of(content), []).append((place[id(content)], reason))
    return {
        message_id: [reason for _, reason in sorted(why)[:-1]]
        for message_id, why in reasons.items()
        if len(why) > 1
    }


def test_why_a_letter_came_twice_is_told_in_the_order_of_its_copies() -> None:
    """The second copy may come on the older line."""
    first, second = (b"Message-ID: <1@example.jp>\n\n%d" % number for number in (1, 2))
    older = ServedLine(brought=[second], farewell=True)
    newer = ServedLine(brought=[first], cut=True)
    server = MailServer(trustme.CA(), contents=[first, second], served=[older, newer])
    assert why_twice(server) == {"<1@example.jp>": [ANSWER_CUT]}


@pytest.mark.rule("I-18", "I-2", "E-93")
@pytest.mark.timeout(1500)  # each of the steps may be slow on a busy machine
def test_two_mailers_six_kills_and_a_bad_server_lose_nothing(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    a_terminal(database)
    make_key(tmp_path, PASSWORD_KEY)
    written = queue(database, a_user(database), LETTERS)
    chance = random.Random(3)  # noqa: S311  # the same order in every run
    with MailServer(trustme.CA(), busy=0.1, forgetful=0.02).running() as server:
        server.settings(tmp_path)
        settings = tmp_path / "kiosk.toml"
        settings.write_text(
            SETTINGS.format(folder=tmp_path, url=database_url, port=server.port, user=USER), encoding="utf-8"
        )
        for _ in range(KILLS // 2):
            with a_mailer(settings) as first, a_mailer(settings) as second:
                for victim in (first, second):
                    _wait(_more_than(server, len(server.contents) + 10))
                    time.sleep(chance.random() * 0.2)
                    victim.send_signal(signal.SIGKILL)
                    victim.wait()
                    time.sleep(0.2)
            hurry(database, leases=True)
        with a_mailer(settings), a_mailer(settings):
            _wait(lambda: _all_sent(database), lambda: hurry(database))
    arrived = Tally(id_of(content) for content in server.contents)
    assert set(arrived) == set(written), "every letter arrives, all with the first Message-ID"
    twice = why_twice(server)
    assert set(twice) == {one for one, times in arrived.items() if times > 1}
    reasons = Tally(reason for why in twice.values() for reason in why)
    assert set(reasons) <= {ANSWER_CUT, KILLED}, f"a copy only where an answer was lost: {twice}"
    assert reasons[ANSWER_CUT] == len(server.unanswered), "and one for each answer the server lost"
    assert reasons[KILLED] <= KILLS, "and one at most for each kill"
    assert all(len({one for one in server.contents if id_of(one) == letter}) == 1 for letter in twice)


def _more_than(server: MailServer, letters: int) -> Callable[[], bool]:
    return lambda: len(server.contents) > letters


def _all_sent(database: Database) -> bool:
    return {row.state for row in rows(database)} == {"sent"}


def _wait(until: Callable[[], bool], meanwhile: Callable[[], None] = lambda: None) -> None:
    end = time.monotonic() + PATIENCE_S
    while not until():
        if time.monotonic() > end:
            pytest.fail("the mailers do not get on")
        meanwhile()
        time.sleep(0.2)

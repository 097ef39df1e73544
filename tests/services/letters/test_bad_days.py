"""Days on which nothing goes right: no server for two days, a clock that jumps, a long queue before a code."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
import trustme

from db.tables import User
from kiosk.mail.delivery import MailNotSent
from kiosk.mail.message import Letter
from kiosk.mail.smtp import SmtpMailer
from kiosk.rules.notices import NoticeKind
from kiosk.services.desk.guard import Desk
from kiosk.services.letters._rounds import MOST_CLAIMED
from kiosk.services.letters.notices import Round
from tests.support.builders import a_certificate
from tests.support.clock import SteppedClock
from tests.support.journal import told
from tests.support.mail_server import MailServer
from tests.support.mailing import SENT, Pile, a_code, ids, notices_of, queued, rows, states


@dataclass
class Moody:
    """What a server answers, letter by letter; then it takes everything."""

    errors: list[MailNotSent] = field(default_factory=list)

    def __call__(self, _: Letter) -> str:
        if self.errors:
            raise self.errors.pop(0)
        return "250 2.0.0 Ok: queued as 4F2"


AWAY = MailNotSent(permanent=False, reason="ConnectionRefusedError", server_away=True)
LATER = MailNotSent(permanent=False, reason="451", answer="451 4.3.0 later")


@pytest.mark.rule("E-93", "R-04", "R-06", "R-51")
def test_two_days_without_a_mail_server_lose_no_letter(desk: Desk, user: User, clock: SteppedClock) -> None:
    pile = Pile(answers=Moody([AWAY] * 10_000))
    notices = notices_of(desk, pile)
    certificate = a_certificate(desk.database, user)
    queued(desk, user, NoticeKind.LOCKED)
    queued(desk, user, NoticeKind.BLOCKED)
    queued(desk, user, NoticeKind.ISSUED, certificate_pk=certificate.pk)
    queued(desk, user, NoticeKind.EXPIRING, certificate_pk=certificate.pk)
    for _ in range(2 * 48):
        assert notices.send_due().sent == 0
        clock.step(minutes=30)
    pile.answers = Moody()
    clock.step(hours=2)
    assert notices.send_due() == Round(sent=4)
    assert told(desk.database) == [SENT] * 4, "a try that only failed for now is no end"


@pytest.mark.rule("E-93")
def test_a_server_that_is_away_is_asked_less_and_less(desk: Desk, user: User) -> None:
    pile = Pile(answers=Moody([AWAY] * 10_000))
    for number in range(6):
        queued(desk, user, cause=str(number))
    end = _Watched(rounds=6)
    notices_of(desk, pile).send_until(end)
    assert end.waits == sorted(end.waits)
    assert end.waits[0] == 15
    assert max(end.waits) <= 300


class _Watched(threading.Event):
    """An end that comes after some waits, and remembers how long they were to be."""

    def __init__(self, rounds: int) -> None:
        super().__init__()
        self.rounds = rounds
        self.waits: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout or 0)
        if len(self.waits) >= self.rounds:
            self.set()
        return self.is_set()


@pytest.mark.rule("E-58", "R-60")
def test_a_code_that_is_refused_for_now_is_tried_again_while_the_customer_waits(
    desk: Desk, user: User
) -> None:
    for errors, arrives in (([LATER], True), ([LATER, LATER], True), ([LATER] * 3, False)):
        pile = Pile(answers=Moody(list(errors)))
        notices = notices_of(desk, pile)
        pk = a_code(notices, user, cause=str(len(errors)))
        assert notices.send_now(pk) is arrives
        assert len(pile.letters) == int(arrives)
    assert states(desk.database) == ["sent", "sent", "gave_up"]


@pytest.mark.rule("E-58")
def test_a_code_is_not_tried_again_at_a_server_that_is_away(desk: Desk, user: User) -> None:
    moody = Moody([AWAY])
    notices = notices_of(desk, Pile(answers=moody))
    assert not notices.send_now(a_code(notices, user))
    assert moody.errors == []
    assert states(desk.database) == ["gave_up"]


@pytest.mark.rule("R-63", "E-93")
def test_what_the_server_answered_is_kept_with_the_masked_address(desk: Desk, user: User) -> None:
    refused = MailNotSent(permanent=True, reason="550", answer="550 5.1.1 <t****@e******.jp> unknown")
    notices = notices_of(desk, Pile(answers=Moody([refused])))
    queued(desk, user)
    queued(desk, user, cause="2")
    notices.send_due()
    bounced, sent = rows(desk.database)
    assert (bounced.state, bounced.answer) == ("bounced", "550 5.1.1 <t****@e******.jp> unknown")
    assert (sent.state, sent.answer) == ("sent", "250 2.0.0 Ok: queued as 4F2")
    assert bounced.sent_to == sent.sent_to == "t****@e******.jp"


@pytest.mark.rule("I-18", "I-22")
def test_a_clock_that_jumps_a_year_ahead_and_back_costs_no_letter(
    desk: Desk, user: User, clock: SteppedClock
) -> None:
    pile = Pile(answers=Moody([LATER]))
    notices = notices_of(desk, pile)
    queued(desk, user)
    before = clock.now()
    clock.jump(before + timedelta(days=2))
    assert notices.send_due() == Round(put_off=1)
    clock.jump(before)
    assert notices.send_due() == Round(sent=1)
    assert len(pile.letters) == 1


def test_what_was_claimed_and_not_tried_is_there_for_others_at_once(desk: Desk, user: User) -> None:
    for number in range(5):
        queued(desk, user, cause=str(number))
    notices = notices_of(desk, Pile(answers=Moody([AWAY])))
    assert notices.send_due() == Round(put_off=1)
    assert sorted(row.tries for row in rows(desk.database)) == [0, 0, 0, 0, 1]
    assert set(states(desk.database)) == {"queued"}
    assert notices.send_due() == Round(sent=4)


def test_a_mailer_that_is_told_to_stop_finishes_its_letter_and_gives_back_the_rest(
    desk: Desk, user: User
) -> None:
    for number in range(5):
        queued(desk, user, cause=str(number))
    pile = Pile()
    assert notices_of(desk, pile).send_due(stopped=lambda: len(pile.letters) >= 2) == Round(sent=2)
    assert states(desk.database).count("queued") == 3
    assert sum(row.tries for row in rows(desk.database)) == 2


def test_a_letter_is_not_begun_when_its_lease_may_run_out(
    desk: Desk, user: User, clock: SteppedClock
) -> None:
    def slowly(_: Letter) -> str:
        clock.step(minutes=1)
        return "250 OK"

    for number in range(6):
        queued(desk, user, cause=str(number))
    pile = Pile(answers=slowly)
    assert notices_of(desk, pile).send_due() == Round(sent=6)
    assert max(row.tries for row in rows(desk.database)) == 1, "and nobody else had a chance to send it"


@pytest.mark.rule("E-93", "R-60")
def test_an_urgent_letter_overtakes_a_long_queue(desk: Desk, user: User) -> None:
    certificate = a_certificate(desk.database, user)
    for number in range(3 * MOST_CLAIMED):
        queued(desk, user, NoticeKind.EXPIRING, cause=str(number), certificate_pk=certificate.pk)
    sent: list[str] = []

    def answers(letter: Letter) -> str:
        if len(sent) == 3:
            queued(desk, user, NoticeKind.BLOCKED)
        sent.append(letter.content.decode().partition("Subject: ")[2].partition("\r\n")[0])
        return "250 OK"

    notices_of(desk, Pile(answers=answers)).send_due()
    urgent = [number for number, subject in enumerate(sent) if subject != sent[0]]
    assert len(urgent) == 1
    assert urgent[0] <= MOST_CLAIMED


@pytest.fixture
def slow_server(ca: trustme.CA) -> Iterator[MailServer]:
    with MailServer(ca, seconds=A_LETTER_TAKES).running() as server:
        yield server


A_LETTER_TAKES = 0.05
"""Seconds at the slow server."""


@pytest.mark.rule("R-60", "R-62")
def test_a_code_leaves_within_two_seconds_while_others_are_on_their_way(
    desk: Desk, user: User, slow_server: MailServer, tmp_path: Path
) -> None:
    for number in range(300):
        queued(desk, user, cause=str(number))
    notices = notices_of(desk, SmtpMailer(slow_server.settings(tmp_path)))
    ended = threading.Event()
    bulk = threading.Thread(target=lambda: notices.send_until(ended))
    bulk.start()
    try:
        while not slow_server.contents:
            time.sleep(0.01)
        for number in range(3):
            before = len(slow_server.contents)
            assert notices.send_now(a_code(notices, user, cause=str(number)))
            # Counted in the server's time: on a busy machine both are slow.
            assert len(slow_server.contents) - before <= 2 / A_LETTER_TAKES
    finally:
        ended.set()
        bulk.join()
    assert "queued" in states(desk.database), "the others were still on their way"
    assert len(ids(slow_server)) == len(set(ids(slow_server)))

"""Without a mail server nothing leaves; in training letters lie in a window."""

from dataclasses import replace
from pathlib import Path

import pytest

from db.tables import User
from kiosk.mail.maildir import MaildirMailer
from kiosk.services.desk.guard import Desk
from kiosk.services.letters.notices import Notices, Round
from tests.support.builders import an_actor
from tests.support.journal import told
from tests.support.mailing import CODE, SENT, a_code, notices_of, queued, states


def test_without_a_mail_server_nothing_can_be_sent(desk: Desk, user: User) -> None:
    nowhere = notices_of(desk, None)
    queued(desk, user)
    assert not nowhere.can_send
    assert nowhere.send_due() == Round()
    assert nowhere.training_mailbox() == ()
    assert not nowhere.send_now(a_code(nowhere, user))
    assert states(desk.database) == ["queued", "gave_up"]


def test_letters_of_training_lie_in_their_window(desk: Desk, user: User, tmp_path: Path) -> None:
    training = replace(notices_of(desk, MaildirMailer(tmp_path / "letters")), training=True)
    queued(desk, user)
    assert training.send_now(a_code(training, user))
    assert training.send_due() == Round(sent=1)
    assert training.can_send
    newest, code = training.training_mailbox(5)
    assert newest.subject == "【訓練】【ろうきん】ログイン不可(ロック)のお知らせ"
    assert code.to == "tanaka@example.co.jp"
    assert CODE in code.body
    assert len(training.training_mailbox(1)) == 1


def test_opening_the_training_window_is_journaled(desk: Desk, user: User, tmp_path: Path) -> None:
    training = notices_of(desk, MaildirMailer(tmp_path / "letters"))
    queued(desk, user)
    training.send_due()
    assert len(training.open_mailbox(an_actor(desk.database))) == 1
    assert told(desk.database) == [SENT, ("mail:mailbox:inquired", "done")]


@pytest.mark.rule("I-21")
def test_nobody_reads_letters_that_really_leave(notices: Notices, user: User) -> None:
    notices.send_now(a_code(notices, user))
    assert notices.training_mailbox() == ()

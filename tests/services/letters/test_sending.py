"""What is due leaves in its order, once, on bad days too."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import trustme

from db.tables import Branch, User
from kiosk.mail.delivery import MailNotSent
from kiosk.mail.smtp import SmtpMailer
from kiosk.rules.notices import NoticeKind
from kiosk.services.desk.guard import Desk
from kiosk.services.letters.notices import LEASE, Notices, Round
from kiosk.translations.catalog import Language
from tests.support.builders import a_certificate, a_desk, a_user, changed
from tests.support.clock import SteppedClock
from tests.support.journal import journal_of, told
from tests.support.mail_server import MailServer
from tests.support.mailing import (
    FAILED,
    GIVEN_UP,
    SENT,
    AndThen,
    PowerCut,
    cut_the_power,
    ids,
    notices_of,
    queued,
    rows,
    states,
)


@pytest.mark.rule("R-51", "E-33", "E-93")
def test_letters_go_out_most_urgent_first_and_once(notices: Notices, server: MailServer, user: User) -> None:
    database = notices.desk.database
    certificate = a_certificate(database, user)
    revoked = a_certificate(database, user, state="revoked", revocation_reason="pc_change")
    for kind in (NoticeKind.EXPIRING, NoticeKind.EXPIRED, NoticeKind.ISSUED):
        queued(notices.desk, user, kind, certificate_pk=certificate.pk)
    queued(notices.desk, user, NoticeKind.REVOKED, certificate_pk=revoked.pk)
    for kind in (NoticeKind.UNBLOCKED, NoticeKind.BLOCKED, NoticeKind.LOCKED):
        queued(notices.desk, user, kind)
    assert notices.send_due() == Round(sent=7)
    assert notices.send_due() == Round()
    subjects = [str(message["Subject"]) for message in server.accepted]
    assert [subject.removeprefix("【ろうきん】") for subject in subjects] == [
        "ログイン不可(閉塞)のお知らせ",
        "ログイン不可(ロック)のお知らせ",
        "電子証明書失効のお知らせ",
        "閉塞解除完了のお知らせ",
        "電子証明書発行のお知らせ",
        "電子証明書の有効期限のお知らせ(30日前)",
        "電子証明書の有効期限切れのお知らせ",
    ]
    assert server.recipients == [["tanaka@example.co.jp"]] * 7
    revoked_letter = server.accepted[2].get_content()
    assert "理由:パソコンの変更" in revoked_letter
    assert f"シリアル番号の末尾:{revoked.serial[-8:]}" in revoked_letter
    assert "ta******" in revoked_letter
    assert "tanaka01" not in revoked_letter
    assert states(database) == ["sent"] * 7
    assert told(database) == [SENT] * 7
    assert journal_of(database)[2].body["serial"] == revoked.serial


@pytest.mark.rule("R-52", "R-54")
def test_a_blocked_general_user_is_sent_to_the_master_user(notices: Notices, server: MailServer) -> None:
    queued(notices.desk, a_user(notices.desk.database, role="general"), NoticeKind.BLOCKED)
    notices.send_due()
    assert "マスターユーザーへご依頼ください" in server.accepted[0].get_content()


def test_letters_come_in_the_language_of_the_settings(
    notices: Notices, server: MailServer, user: User
) -> None:
    queued(notices.desk, user)
    replace(notices, language=Language.ENGLISH, training=True).send_due()
    assert server.accepted[0]["Subject"] == "[TRAINING] [Rokin] Login not possible (locked)"


@pytest.mark.rule("E-93")
def test_a_server_that_is_away_puts_letters_off_without_trying_each(
    notices: Notices, server: MailServer, user: User, clock: SteppedClock, ca: trustme.CA, tmp_path: Path
) -> None:
    away = replace(notices, mailer=SmtpMailer(MailServer(ca).settings(tmp_path, connect_seconds=1)))
    for cause in "12":
        queued(notices.desk, user, cause=cause)
    assert away.send_due() == Round(put_off=1)
    first, second = rows(notices.desk.database)
    assert (first.state, first.tries, first.due_at) == ("queued", 1, clock.now() + timedelta(seconds=15))
    assert first.last_error is not None
    assert "Connect" in first.last_error
    assert (second.state, second.tries) == ("queued", 0)
    assert notices.send_due() == Round(sent=1)
    clock.step(seconds=15)
    assert notices.send_due() == Round(sent=1)
    assert sorted(ids(server)) == sorted(
        f"<{row.message_id}@example.jp>" for row in rows(notices.desk.database)
    )


@pytest.mark.rule("I-18")
def test_a_letter_refused_for_now_is_tried_again_as_the_same_letter(
    ca: trustme.CA, desk: Desk, user: User, clock: SteppedClock, tmp_path: Path
) -> None:
    with MailServer(ca, data_replies=["451 later", "250 OK"]).running() as server:
        notices = notices_of(desk, SmtpMailer(server.settings(tmp_path)))
        queued(desk, user)
        assert notices.send_due() == Round(put_off=1)
        assert notices.send_due() == Round(), "the pause is not over"
        clock.step(seconds=15)
        assert notices.send_due() == Round(sent=1)
    (row,) = rows(desk.database)
    assert (row.state, row.tries, row.last_error, row.sent_at) == ("sent", 2, None, clock.now())
    assert ids(server) == [f"<{row.message_id}@example.jp>"]
    assert told(desk.database) == [SENT]


def test_a_letter_refused_for_good_is_not_tried_again(
    ca: trustme.CA, desk: Desk, user: User, clock: SteppedClock, tmp_path: Path
) -> None:
    with MailServer(ca, rcpt_reply="550 nobody called tanaka").running() as server:
        notices = notices_of(desk, SmtpMailer(server.settings(tmp_path)))
        queued(desk, user)
        queued(desk, user, cause="2")
        assert notices.send_due() == Round(failed=2), "one refused letter does not stop the next"
        clock.step(days=1)
        assert notices.send_due() == Round()
    assert [(row.state, row.last_error) for row in rows(desk.database)] == [("bounced", "550")] * 2
    assert told(desk.database) == [FAILED] * 2
    assert journal_of(desk.database)[0].facts == {"kind": "locked", "tries": 1, "reason": "550"}


@pytest.mark.rule("E-93")
def test_a_letter_is_given_up_after_three_days(
    notices: Notices, user: User, clock: SteppedClock, ca: trustme.CA, tmp_path: Path
) -> None:
    away = replace(notices, mailer=SmtpMailer(MailServer(ca).settings(tmp_path, connect_seconds=1)))
    queued(notices.desk, user)
    clock.step(days=3, seconds=-1)
    assert away.send_due() == Round(put_off=1)
    clock.step(hours=1)
    assert away.send_due() == Round(failed=1)
    assert states(notices.desk.database) == ["gave_up"]
    assert told(notices.desk.database) == [GIVEN_UP]


@pytest.mark.rule("I-18")
def test_an_answer_that_is_lost_gives_a_copy_with_the_same_message_id(
    ca: trustme.CA, desk: Desk, user: User, clock: SteppedClock, tmp_path: Path
) -> None:
    with MailServer(ca, swallow_answers=1).running() as server:
        notices = notices_of(desk, SmtpMailer(server.settings(tmp_path)))
        queued(desk, user)
        assert notices.send_due() == Round(put_off=1)
        clock.step(minutes=1)
        assert notices.send_due() == Round(sent=1)
    first, copy = server.accepted
    assert bytes(first) == bytes(copy)


@pytest.mark.rule("I-18")
def test_a_mailer_that_dies_before_marking_costs_one_copy_after_its_lease(
    notices: Notices, server: MailServer, user: User, clock: SteppedClock
) -> None:
    assert notices.mailer is not None
    queued(notices.desk, user)
    with pytest.raises(PowerCut):
        replace(notices, mailer=AndThen(notices.mailer, cut_the_power)).send_due()
    assert states(notices.desk.database) == ["sending"]
    clock.jump(clock.now() + LEASE - timedelta(seconds=1))
    assert notices.send_due() == Round(), "the lease still holds"
    clock.step(seconds=1)
    assert notices.send_due() == Round(sent=1)
    first, copy = server.accepted
    assert bytes(first) == bytes(copy)
    assert states(notices.desk.database) == ["sent"]


@pytest.mark.rule("I-18")
def test_a_mailer_whose_lease_ran_out_does_not_undo_what_another_did(
    notices: Notices, server: MailServer, user: User, clock: SteppedClock
) -> None:
    assert notices.mailer is not None
    rounds: list[Round] = []

    def is_too_slow_and_then_fails() -> None:
        clock.jump(clock.now() + LEASE)
        with ThreadPoolExecutor(1) as elsewhere:
            rounds.append(elsewhere.submit(notices.send_due).result())
        raise MailNotSent(permanent=True, reason="554")

    queued(notices.desk, user)
    slow = replace(notices, mailer=AndThen(notices.mailer, is_too_slow_and_then_fails))
    assert slow.send_due() == Round(sent=1), "as the other mailer left it"
    assert rounds == [Round(sent=1)]
    assert states(notices.desk.database) == ["sent"]
    assert told(notices.desk.database) == [SENT]
    assert len(set(ids(server))) == 1


@pytest.mark.rule("I-18")
def test_two_mailers_at_once_send_every_letter_once(notices: Notices, server: MailServer, user: User) -> None:
    for cause in range(12):
        queued(notices.desk, user, cause=str(cause))
    second = replace(notices, desk=a_desk(notices.desk.database, notices.desk.clock))
    with ThreadPoolExecutor(2) as pool:
        both = [future.result() for future in [pool.submit(notices.send_due), pool.submit(second.send_due)]]
    assert sum(one.sent for one in both) == 12
    assert len(ids(server)) == len(set(ids(server))) == 12
    assert states(notices.desk.database) == ["sent"] * 12


@pytest.mark.rule("I-19")
def test_a_hostile_registry_stops_its_own_letter_and_no_other(
    notices: Notices, server: MailServer, user: User
) -> None:
    database = notices.desk.database
    hostile = a_user(database, email="x@example.jp, evil@example.com")
    queued(notices.desk, hostile, cause="hostile")
    with database.transaction() as session:
        session.get_one(Branch, user.branch_pk).name = "=?utf-8?q?x=0D=0ABcc:_evil@x.jp?="
    queued(notices.desk, user)
    assert notices.send_due() == Round(sent=1, failed=1)
    assert [(row.state, row.last_error) for row in rows(database)] == [
        ("bounced", "not composed: LetterRefused"),
        ("sent", None),
    ]
    assert server.recipients == [["tanaka@example.co.jp"]]
    assert server.accepted[0]["Bcc"] is None


def test_a_user_who_changed_address_meanwhile_gets_the_letter_there(
    notices: Notices, server: MailServer, user: User
) -> None:
    queued(notices.desk, user)
    changed(notices.desk.database, user, email="new@example.co.jp")
    notices.send_due()
    assert server.recipients == [["new@example.co.jp"]]

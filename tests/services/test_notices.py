"""The outbox from the transaction of a cause to the customer's mailbox, on bad days too."""

import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import trustme
from sqlmodel import select

from db.database import Database
from db.tables import Branch, JournalEntry, Notice, User
from kiosk.config import MailSettings
from kiosk.mail.delivery import Line, Mailer, MailNotSent
from kiosk.mail.maildir import MaildirMailer
from kiosk.mail.message import Letter
from kiosk.mail.smtp import SmtpMailer
from kiosk.rules.notices import NoticeKind
from kiosk.secret import Secret
from kiosk.services._guard import Desk
from kiosk.services._outbox import CodeVault, queue_notice
from kiosk.services.notices import LEASE, Notices, Round
from kiosk.translations.catalog import Language
from tests.support.builders import a_certificate, a_desk, a_user, an_actor, changed
from tests.support.clock import SteppedClock
from tests.support.journal import journal_of, told
from tests.support.mail_server import MailServer

CODE = "048125"
MAIL = MailSettings(sender="madoguchi@example.jp")
SENT = ("mail:message:sent", "done")
FAILED = ("mail:message:failed", "failed")
GIVEN_UP = ("mail:message:given_up", "failed")


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def server(ca: trustme.CA) -> Iterator[MailServer]:
    with MailServer(ca).running() as running:
        yield running


def notices_of(desk: Desk, mailer: Mailer | None, vault: CodeVault | None = None) -> Notices:
    return Notices(
        desk=desk,
        vault=vault or CodeVault(),
        mailer=mailer,
        mail=MAIL,
        language=Language.JAPANESE,
        training=False,
        jitter=lambda: 0.0,
    )


@pytest.fixture
def notices(desk: Desk, server: MailServer, tmp_path: Path) -> Notices:
    return notices_of(desk, SmtpMailer(server.settings(tmp_path)))


@pytest.fixture
def user(database: Database) -> User:
    return a_user(database, user_id="tanaka01", email="tanaka@example.co.jp")


def queued(
    desk: Desk, user: User, kind: NoticeKind = NoticeKind.LOCKED, cause: str = "1", **other: int | None
) -> int:
    now = desk.clock.now()
    facts = {NoticeKind.CODE: "valid_until", NoticeKind.LOCKED: "until", NoticeKind.UNBLOCKED: "at"}
    moments = {facts[kind]: now + timedelta(minutes=30)} if kind in facts else {}
    with desk.database.transaction() as session:
        return queue_notice(
            session, kind=kind, dedupe=f"{kind}:{cause}", user_pk=user.pk, now=now, facts=moments, **other
        )


def a_code(notices: Notices, user: User, cause: str = "1") -> int:
    pk = queued(notices.desk, user, NoticeKind.CODE, cause)
    notices.vault.put(pk, Secret(CODE), notices.desk.clock.now())
    return pk


def rows(database: Database) -> list[Notice]:
    with database.reading() as session:
        return list(session.exec(select(Notice).order_by(Notice.pk)))  # type: ignore[arg-type]


def states(database: Database) -> list[str]:
    return [row.state for row in rows(database)]


def ids(server: MailServer) -> list[str]:
    return [str(message["Message-ID"]) for message in server.accepted]


# --- queueing ---


@pytest.mark.rule("I-18")
def test_a_letter_is_queued_only_when_its_cause_is_stored(desk: Desk, user: User) -> None:
    def fails_after_queueing() -> None:
        with desk.database.transaction() as session:
            queue_notice(session, kind=NoticeKind.BLOCKED, dedupe="x", user_pk=user.pk, now=desk.clock.now())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails_after_queueing()
    assert rows(desk.database) == []


@pytest.mark.rule("I-18")
def test_one_cause_makes_one_letter(desk: Desk, user: User) -> None:
    first = queued(desk, user)
    assert queued(desk, user) == first
    assert queued(desk, user, cause="2") != first
    assert len(rows(desk.database)) == 2


@pytest.mark.rule("I-18")
def test_one_cause_at_two_terminals_makes_one_letter(desk: Desk, user: User) -> None:
    ready = threading.Barrier(4)

    def queue_together() -> int:
        ready.wait()
        return queued(desk, user)

    with ThreadPoolExecutor(4) as pool:
        found = {future.result() for future in [pool.submit(queue_together) for _ in range(4)]}
    assert len(found) == len(rows(desk.database)) == 1


def test_a_letter_takes_the_moments_of_its_kind_and_nothing_else(desk: Desk, user: User) -> None:
    now = desk.clock.now()
    with desk.database.transaction() as session:

        def queue(kind: NoticeKind, facts: dict[str, datetime], certificate_pk: int | None = None) -> None:
            queue_notice(
                session,
                kind=kind,
                dedupe="x",
                user_pk=user.pk,
                now=now,
                facts=facts,
                certificate_pk=certificate_pk,
            )

        for kind, facts in (
            (NoticeKind.LOCKED, {}),
            (NoticeKind.BLOCKED, {"until": now}),
            (NoticeKind.CODE, {"valid_until": now, "code": now}),
        ):
            with pytest.raises(ValueError, match="takes the facts"):
                queue(kind, facts)
        with pytest.raises(ValueError, match="certificate"):
            queue(NoticeKind.REVOKED, {})
        with pytest.raises(ValueError, match="certificate"):
            queue(NoticeKind.BLOCKED, {}, certificate_pk=1)
        with pytest.raises(ValueError, match="time zone"):
            queue(NoticeKind.LOCKED, {"until": now.replace(tzinfo=None)})


# --- sending what is due ---


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


class PowerCut(BaseException):
    """The machine stops here."""


@dataclass(frozen=True)
class LineAndThen:
    """The real line, with something that happens after it took a letter."""

    line: Line
    happens: Callable[[], None]

    async def send(self, letter: Letter) -> str:
        answer = await self.line.send(letter)
        self.happens()
        return answer


@dataclass(frozen=True)
class AndThen:
    """The real mailer, with something that happens after it took the letter."""

    mailer: Mailer
    happens: Callable[[], None]
    simulated: bool = False

    @asynccontextmanager
    async def line(self, *, paced: bool = False) -> AsyncIterator[Line]:
        async with self.mailer.line(paced=paced) as line:
            yield LineAndThen(line, self.happens)


def cut_the_power() -> None:
    raise PowerCut


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


# --- the code ---


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


# --- without a mail server, and in training ---


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


def test_a_user_who_changed_address_meanwhile_gets_the_letter_there(
    notices: Notices, server: MailServer, user: User
) -> None:
    queued(notices.desk, user)
    changed(notices.desk.database, user, email="new@example.co.jp")
    notices.send_due()
    assert server.recipients == [["new@example.co.jp"]]

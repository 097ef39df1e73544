"""Dialogs: the harmless answer first, no answer by habit, nothing hidden."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from kiosk.translations.catalog import N_, _
from screens.base import counter_action
from screens.dialogs import confirm
from screens.dialogs.confirm import SETTLE, Confirm, Question
from screens.dialogs.mailbox import Letter, Mailbox
from screens.dialogs.working import working
from tests.support.drivers.counter import SMALL_WINDOW, at_the_counter
from tests.support.shell import Plain, a_kiosk

# --- 取引中断 and every other question ------------------------------------------------------------


async def test_the_focus_rests_on_no_and_enter_again_and_again_never_confirms() -> None:
    screen = Plain()
    async with at_the_counter(a_kiosk(lambda: screen)) as person:
        await person.presses("escape")
        await person.comes_to("Confirm")
        await person.sees("取引を中断します。")
        await person.sees("[>いいえ<]")
        await person.waits(SETTLE)
        await person.presses("enter", "enter", "enter")
        await person.comes_to("S999")
        assert screen.left is False


async def test_yes_is_said_by_moving_there() -> None:
    screen = Plain()
    async with at_the_counter(a_kiosk(lambda: screen)) as person:
        await person.presses("escape")
        await person.comes_to("Confirm")
        await person.waits(SETTLE)
        await person.presses("right")
        await person.sees("[>はい<]")
        await person.presses("enter")
        await person.comes_to("S999")
        assert screen.left is True


async def test_yes_is_said_with_the_mouse_but_not_by_a_second_click(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Plain()
    async with at_the_counter(a_kiosk(lambda: screen)) as person:
        monkeypatch.setattr(confirm, "SETTLE", 60.0)  # the dialog has not settled yet
        await person.presses("escape")
        await person.clicks("はい")
        assert person.stands_on == "Confirm"
        monkeypatch.setattr(confirm, "SETTLE", 0.0)
        await person.clicks("はい")
        await person.comes_to("S999")
        assert screen.left is True


@pytest.mark.parametrize("keys", [("escape",), ("f12", "escape"), ("left", "right", "left", "enter")])
async def test_everything_else_means_no(keys: tuple[str, ...]) -> None:
    screen = Plain()
    async with at_the_counter(a_kiosk(lambda: screen)) as person:
        await person.presses("escape")
        await person.comes_to("Confirm")
        await person.waits(SETTLE)
        await person.presses(*keys)
        await person.comes_to("S999")
        assert screen.left is False


@pytest.mark.rule("I-19")
async def test_a_question_names_whom_and_what_and_reads_no_markup() -> None:
    question = Question(
        title="次の電子証明書を失効します。",
        facts=(
            ("ユーザーID", "tanaka01"),
            ("氏名", "[@click=app.quit]田中[/]"),
            ("シリアル番号", "0A1B" * 10),
        ),
        consequence="失効すると元に戻せません。",
        yes="失効する",
        no="戻る",
    )
    async with at_the_counter(a_kiosk(Plain), SMALL_WINDOW) as person:
        person.app.push_screen(Confirm(lambda: question))
        await person.sees("[@click=app.quit]田中[/]")
        await person.sees("0A1B" * 10)
        await person.sees("失効すると元に戻せません。")
        await person.sees("[>戻る<]")


async def test_a_question_follows_the_language() -> None:
    async with at_the_counter(a_kiosk(Plain)) as person:
        await person.presses("escape")
        await person.sees("取引を中断します。")
        await person.presses("ctrl+l")
        await person.sees("Break off this transaction?")
        await person.has_focus("no")


# --- 処理中 ------------------------------------------------------------


class Long(Plain):
    """F12 takes long and passes two stages."""

    @counter_action
    async def action_go(self) -> None:
        stages = (("key", N_("受付")), ("write", N_("交付")))
        async with working(self, lambda: _("処理しています。そのままお待ちください。"), stages) as dialog:
            dialog.reach("write")
            await self.perform(self.work)


async def test_a_long_job_shows_its_stages_and_no_key_works() -> None:
    finished = threading.Event()
    screen = Long(lambda: finished.wait(10))
    async with at_the_counter(a_kiosk(lambda: screen)) as person:
        await person.presses("f12")
        await person.comes_to("Working")
        await person.sees("受付 済")
        await person.sees("交付 実行中")
        await person.sees("(経過 1秒)")
        await person.presses("escape", "enter", "f1", "ctrl+l", "f3")
        assert person.stands_on == "Working"
        finished.set()
        await person.comes_to("S999")


# --- 【訓練】 ------------------------------------------------------------


def letters() -> Sequence[Letter]:
    return [
        Letter(
            at=datetime(2026, 3, 2, 1, minute, tzinfo=UTC),
            recipient="tanaka@example.jp",
            subject=f"【ろうきん】認証コードのお知らせ {minute}",
            body=f"認証コード:12345{minute}\n[@click=app.quit]\x1b]52;c;AAAA\x07",
        )
        for minute in (1, 2)
    ]


async def test_the_training_mailbox_shows_the_newest_letter_first() -> None:
    async with at_the_counter(a_kiosk(Plain), SMALL_WINDOW) as person:
        person.app.push_screen(Mailbox(letters))
        await person.sees("【訓練】メール(実際には送信されません)")
        await person.sees("認証コード:123452")
        await person.sees("[@click=app.quit]")
        await person.presses("down")
        await person.sees("認証コード:123451")
        await person.presses("escape")
        await person.comes_to("S999")


async def test_the_training_mailbox_is_closed_with_the_mouse_in_a_small_window_too() -> None:
    """However long the letter is, the key that closes the box stays in sight."""

    def long_letter() -> list[Letter]:
        [letter] = letters()[:1]
        return [replace(letter, body=letter.body + "\n-" * 60)]

    async with at_the_counter(a_kiosk(Plain), SMALL_WINDOW) as person:
        person.app.push_screen(Mailbox(long_letter))
        await person.sees("認証コード:")
        await person.clicks("Esc 閉じる")
        await person.comes_to("S999")


async def test_an_empty_mailbox_says_why_and_can_be_read_again() -> None:
    box: list[Letter] = []
    async with at_the_counter(a_kiosk(Plain)) as person:
        person.app.push_screen(Mailbox(lambda: box))
        await person.sees("まだメールはありません。認証コードを送信すると、ここに届きます。")
        box.extend(letters())
        await person.presses("f5")
        await person.sees("認証コード:123452")

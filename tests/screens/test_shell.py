"""The shell around every screen: one journey at a time, errors in words, languages, small windows, help."""

import asyncio
import threading
import time
from datetime import UTC, datetime

import pytest
from textual.app import ComposeResult
from textual.containers import Horizontal

from kiosk import errors
from kiosk.services.acting import Terminal
from kiosk.translations.catalog import Language, language
from screens.hardening import redacted_hooks
from screens.messages import check
from screens.parts import Counter
from screens.widgets.field import Field
from screens.widgets.press import Press
from tests.support.clock import SteppedClock
from tests.support.drivers.counter import SMALL_WINDOW, at_the_counter
from tests.support.shell import Plain, a_kiosk, refusing, taking

HEAD_OFFICE = Terminal(
    branch_pk=1, branch_no="012", branch_name="本店営業部", terminal_pk=1, terminal_no="01"
)


async def test_a_refusal_is_told_with_code_and_next_step_and_points_at_its_field() -> None:
    screen = Plain(refusing(errors.WrongCredentials(tries_left=2, then_blocked=False)))
    async with at_the_counter(a_kiosk(lambda: screen)) as person:
        await person.presses("f12")
        await person.sees("【エラー】EA05 ユーザーIDまたはパスワードが正しくありません。")
        await person.sees("(あと2回誤ると、60分間ご利用いただけなくなります)")
        await person.has_focus("password")


async def test_pressing_twice_in_one_instant_does_it_once() -> None:
    screen = Plain(taking(0.2))
    async with at_the_counter(a_kiosk(lambda: screen)) as person:
        screen.action_go()
        screen.action_go()
        await person.presses("f12", "f12")
        await person.until(lambda: screen.done > 0 and not screen.busy)
        await person.waits(0.3)
        assert screen.done == 1
        assert not screen.busy


async def test_keys_typed_while_something_runs_reach_nobody() -> None:
    finished = threading.Event()
    screen = Plain(lambda: finished.wait(10))
    async with at_the_counter(a_kiosk(lambda: screen)) as person:
        await person.presses("f12")
        await person.sees("処理しています。そのままお待ちください。")
        await person.presses("a", "escape", "ctrl+l", "f1")
        await person.clicks("届出印の照合")
        finished.set()
        await person.no_longer_sees("処理しています。")
        assert person.stands_on == "S999"
        assert not person.shows("[x]")
        assert person.shows("ヘルプ")
        await person.types("b")
        await person.sees("b")


@pytest.mark.parametrize("key", ["f3", "f5", "f12"])
@pytest.mark.rule("I-21")
async def test_an_unexpected_error_gets_a_number_and_the_kiosk_goes_on(key: str) -> None:
    def broken() -> object:
        password = "Himitsu#01"
        raise ValueError(password)

    screen = Plain(broken, broken)
    async with at_the_counter(a_kiosk(lambda: screen), incidents=1) as person:
        await person.presses(key)
        await person.sees("【エラー】E-0001 予期しない事象が起きたため、操作を中止しました。")
        await person.sees("番号を添えて事務センターへ連絡してください。")
        await person.types("abc")
        await person.sees("abc")
        [incident] = person.app.incidents
        assert (incident.name, incident.kind) == ("E-0001", "ValueError")
        assert any("broken" in place for place in incident.places)
        assert "Himitsu" not in repr(incident)
        assert not person.shows("Himitsu")


async def test_the_same_error_again_and_again_ends_the_program() -> None:
    screen = Plain(handler=lambda: 1 / 0)
    app = a_kiosk(lambda: screen)
    with pytest.raises(ZeroDivisionError):
        async with at_the_counter(app, incidents=6) as person:
            await person.presses(*["f3"] * 6)
    assert app.return_code == 70


async def test_the_other_language_keeps_what_was_typed_and_chosen() -> None:
    screen = Plain(refusing(errors.UserNotFound()))
    async with at_the_counter(a_kiosk(lambda: screen)) as person:
        await person.types("tanaka01")
        await person.presses("f12")
        await person.sees("EC04 該当するユーザーが見つかりません。")
        await person.presses("enter", *"Aa1#", "enter", "space", "enter", "down", "space")
        await person.sees("[x]")
        await person.sees("(o) 電話")
        await person.presses("shift+tab", "shift+tab", "ctrl+l")
        await person.no_longer_sees("該当するユーザーが見つかりません。")
        assert language() is Language.ENGLISH
        assert person.shows("tanaka01")
        assert person.shows("EC04")
        await person.has_focus("password")
        await person.presses("ctrl+l")
        await person.sees("該当するユーザーが見つかりません。")
        assert person.shows("[x] 届出印の照合")
        assert person.shows("( ) 窓口")
        assert person.shows("(o) 電話")
        assert person.shows("* * * * _ _ _ _ _ _ _ _")


async def test_a_window_that_is_too_small_says_so_and_comes_back() -> None:
    async with at_the_counter(a_kiosk(Plain)) as person:
        await person.types("abc")
        await person.resizes(79, 30)
        await person.sees("画面が小さすぎます。")
        assert len([line for line in person.glass if line.strip()]) == 2, "nothing shows through"
        await person.resizes(1, 1)
        await person.resizes(80, 24)
        await person.no_longer_sees("画面が小さすぎます。")
        await person.sees("abc")


async def test_no_key_does_anything_that_a_window_is_too_small_to_show() -> None:
    screen = Plain(taking(0.0))
    async with at_the_counter(a_kiosk(lambda: screen)) as person:
        await person.resizes(79, 30)
        await person.sees("画面が小さすぎます。")
        await person.presses("f12", "x", "f1", "ctrl+l")
        await person.waits(0.2)
        assert screen.done == 0
        await person.resizes(80, 24)
        await person.no_longer_sees("画面が小さすぎます。")
        assert not person.shows("x")
        await person.presses("f12")
        await person.until(lambda: screen.done == 1)


async def test_the_card_folds_under_the_task_in_a_narrow_window() -> None:
    async with at_the_counter(a_kiosk(Plain)) as person:
        row_of_card = next(row for row, line in enumerate(person.glass) if "お客様" in line)
        assert "ユーザーID" in person.glass[row_of_card]
        await person.resizes(*SMALL_WINDOW)
        await person.sees("お客様")
        row_of_card = next(row for row, line in enumerate(person.glass) if "お客様" in line)
        assert "ユーザーID" not in person.glass[row_of_card]
        assert person.shows("まだ選択されていません。")


@pytest.mark.parametrize("window", [(120, 36), SMALL_WINDOW])
async def test_every_key_of_the_bar_can_be_clicked(window: tuple[int, int]) -> None:
    screen = Plain(taking(0))
    async with at_the_counter(a_kiosk(lambda: screen), window) as person:
        await person.clicks("F12 実行")
        await person.until(lambda: screen.done == 1)
        await person.clicks("Esc 取引中断")
        await person.comes_to("Confirm")


async def test_f12_bears_the_name_of_the_button_it_presses() -> None:
    """The binding of the screen says 実行; the button is what the operator sees."""

    class Onward(Plain):
        def compose_task(self) -> ComposeResult:
            yield Press("次へ", id="go", primary=True)

    async with at_the_counter(a_kiosk(Onward), SMALL_WINDOW) as person:
        assert person.shows("F12 次へ")
        assert not person.shows("実行")
        assert not person.shows("F2")  # there is no field to clear


@pytest.mark.parametrize("window", [(120, 36), SMALL_WINDOW])
async def test_the_buttons_stay_in_sight_under_a_long_task_and_come_last(window: tuple[int, int]) -> None:
    class Long(Plain):
        AUTO_FOCUS = "#f0"

        def compose_task(self) -> ComposeResult:
            for number in range(30):
                yield Field(id=f"f{number}")
            with Horizontal(classes="buttons"):
                yield Press("次へ", id="go", primary=True)

    async with at_the_counter(a_kiosk(Long), window) as person:
        assert person.shows("[ 次へ ]")
        for number in range(1, 30):
            await person.presses("enter")
            await person.has_focus(f"f{number}")
        await person.presses("enter")
        await person.has_focus("go")
        assert person.shows("[>次へ<]")


async def test_a_message_names_whom_to_call_whoever_tells_it() -> None:
    screen = Plain()
    app = a_kiosk(lambda: screen, counter=Counter(contact="第一事務センター 03-0000-0000"))
    async with at_the_counter(app) as person:
        screen.tell(lambda: check("WS01", "異常があります。", "{contact}へ連絡してください。"))
        await person.sees("第一事務センター 03-0000-0000へ連絡してください。")


LONG_PLACE = Terminal(
    branch_pk=1,
    branch_no="012",
    branch_name="東京都庁前西新宿高層街北口特別出張所",
    terminal_pk=1,
    terminal_no="01",
)


@pytest.mark.parametrize("width", range(80, 132, 3))
async def test_the_header_never_gives_up_screen_training_reception_and_clock(width: int) -> None:
    clock = SteppedClock(datetime(2026, 11, 22, 1, 15, 32, tzinfo=UTC))
    counter = Counter(training=True, terminal=LONG_PLACE)
    async with at_the_counter(a_kiosk(Plain, counter=counter, clock=clock), (width, 24)) as person:
        person.app.reception_no = "20261122-012-01-0007"
        await person.sees("20261122-012-01-0007")
        first, second = person.glass[:2]
        assert first.startswith(" 【訓練】S999 ユーザー照会")
        assert first.endswith("2026-11-22(日) 10:15:32 ")
        assert "20261122-012-01-0007" in first + second
        assert "端末01" in first + second


async def test_f1_tells_what_the_field_wants_and_which_keys_work() -> None:
    async with at_the_counter(a_kiosk(Plain)) as person:
        await person.presses("f1")
        await person.comes_to("Help")
        assert person.shows("この項目: 半角英字と数字")
        assert person.shows("F12 実行")
        assert person.shows("Esc 取引中断")
        assert not person.shows("F4")
        await person.presses("enter")
        await person.comes_to("S999")
        await person.has_focus("user_id")


async def test_f1_says_the_notes_that_a_small_window_has_no_room_for() -> None:
    screen = Plain()
    async with at_the_counter(a_kiosk(lambda: screen), SMALL_WINDOW) as person:
        screen.show_card(None, lambda: ("届出印を照合してください。",))
        await person.presses("f1")
        await person.comes_to("Help")
        await person.sees("事務の注意")
        await person.sees("届出印を照合してください。")


async def test_a_click_on_the_message_opens_it_in_full() -> None:
    screen = Plain(refusing(errors.JournalNotWritable()))
    app = a_kiosk(lambda: screen, counter=Counter(contact="第一事務センター 03-0000-0000"))
    async with at_the_counter(app) as person:
        await person.presses("f12")
        await person.clicks("ES02")
        await person.comes_to("ProblemDetails")
        assert person.shows("次にすること")
        assert person.shows("照会のみ可能です。第一事務センター 03-0000-0000へ連絡してください。")
        await person.presses("escape")
        await person.comes_to("S999")


async def test_the_header_tells_where_when_and_in_training_that_nothing_is_real() -> None:
    clock = SteppedClock(datetime(2026, 11, 22, 1, 15, 32, tzinfo=UTC))
    app = a_kiosk(Plain, counter=Counter(training=True, terminal=HEAD_OFFICE), clock=clock)
    async with at_the_counter(app) as person:
        header = person.glass[0]
        assert header.startswith(" 【訓練】S999 ユーザー照会  012 本店営業部 端末01")
        assert header.endswith("2026-11-22(日) 10:15:32 ")
        app.reception_no = "20261122-012-01-0007"
        clock.step(seconds=1)
        await person.until(lambda: "10:15:33" in person.glass[0], "the clock stood still")


async def test_the_step_bar_tells_done_current_and_coming_apart_without_colour() -> None:
    async with at_the_counter(a_kiosk(Plain)) as person:
        assert person.shows("(1)受付 › (2)対象選択 › (3)取引選択 › [4 ユーザー認証] › 5 認証コード › 6 発行")
        assert person.shows("8 発行結果 › 9 交付")
        await person.resizes(*SMALL_WINDOW)
        await person.sees("(1) (2) (3) [4 ユーザー認証] 5 6 7 8 9")


async def test_nothing_can_be_copied_or_pasted_through_the_program() -> None:
    async with at_the_counter(a_kiosk(Plain)) as person:
        await person.types("abc")
        await person.presses(
            "home", "shift+right", "shift+right", "ctrl+c", "ctrl+x", "ctrl+v", "end", "ctrl+v"
        )
        assert person.shows("abc")
        assert person.app.clipboard == ""


@pytest.mark.parametrize(
    "action",
    [
        "quit",
        "app.quit",
        "screenshot",
        "suspend_process",
        "command_palette",
        "toggle_dark",
        "app.open_url('http://example.com')",
        "simulate_key('f12')",
        "app.push_screen('x')",
        "app.bell",
    ],
)
async def test_the_actions_of_the_library_do_nothing(action: str) -> None:
    async with at_the_counter(a_kiosk(Plain)) as person:
        assert not await person.app.run_action(action)
        assert person.stands_on == "S999"


async def test_an_error_of_a_lost_task_or_thread_becomes_an_incident() -> None:
    def fails() -> None:
        raise ValueError("Himitsu#01")

    async def lost() -> None:
        fails()

    app = a_kiosk(Plain)
    async with at_the_counter(app, incidents=2) as person:
        with redacted_hooks(app._record):
            thread = threading.Thread(target=fails)
            thread.start()
            thread.join()
            task = asyncio.create_task(lost())
            await asyncio.wait([task])
            del task  # nobody awaits it: only now does the loop notice
            await person.until(lambda: len(app.incidents) == 2)
    assert [incident.kind for incident in app.incidents] == ["ValueError", "ValueError"]


async def test_the_heartbeat_notices_when_the_event_loop_stands_still() -> None:
    async with at_the_counter(a_kiosk(Plain)) as person:
        await person.waits(0.1)
        time.sleep(0.35)  # noqa: ASYNC251  # standing still is what the test is about
        await person.waits(0.1)
        assert max(person.app.heartbeat.gaps) >= 0.2


async def test_whom_to_call_has_its_word_in_english_unless_the_settings_name_somebody() -> None:
    for given, english in (("", "the operations centre"), ("事務センター", "the operations centre")):
        async with at_the_counter(a_kiosk(Plain, counter=Counter(contact=given))) as person:
            assert person.app.contact == "事務センター"
            await person.presses("ctrl+l")
            await person.sees("Help")
            assert person.app.contact == english
            await person.presses("ctrl+l")
    async with at_the_counter(a_kiosk(Plain, counter=Counter(contact="中央 0120-000-000"))) as person:
        assert person.app.contact == "中央 0120-000-000"

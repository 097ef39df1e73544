"""S100: what is offered to whom, what a number does, what the board tells."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from kiosk.errors import DatabaseUnavailable
from kiosk.services.counter.recovering import RecoveryReport
from kiosk.services.views import CheckResult
from screens import menu
from tests.support.drivers.counter import SMALL_WINDOW
from tests.support.drivers.desk import DeskDriver, at_the_desk
from tests.support.practice import Practice


@pytest.fixture
async def desk(practice: Practice) -> AsyncIterator[DeskDriver]:
    """`op001` in front of the menu."""
    async with at_the_desk(practice) as driver:
        yield driver


async def test_a_number_of_three_digits_and_enter_begins_the_work(desk: DeskDriver) -> None:
    await desk.starts("401", "S200")
    await desk.presses("escape")
    await desk.comes_to("S100")
    await desk.has_focus("transaction")


async def test_full_width_digits_are_understood(desk: DeskDriver) -> None:
    await desk.starts("８０１", "S700")


async def test_f1_says_what_enter_does_and_of_boxes_only_where_there_are_some(desk: DeskDriver) -> None:
    await desk.presses("f1")
    await desk.sees("次の項目へ進みます(ボタンと一覧では実行)")
    assert not desk.shows("印を付けます")
    await desk.presses("escape")
    await desk.starts("102", "S301")
    await desk.presses("f1")
    await desk.sees("確認項目や選択肢に印を付けます")


async def test_a_click_on_a_line_begins_the_work(desk: DeskDriver) -> None:
    for line, screen in (("401  ユーザー照会", "S200"), ("801  未完了取引", "S700")):
        await desk.clicks(line)
        await desk.comes_to(screen)
        await desk.clicks("Esc")
        await desk.comes_to("S100")


async def test_the_arrow_keys_reach_every_line(desk: DeskDriver) -> None:
    await desk.presses(*["down"] * 7, "enter")
    await desk.comes_to("S200")
    await desk.presses("f3")
    await desk.presses("down", "f12")
    await desk.comes_to("S200")


async def test_an_issue_begins_at_the_reception(desk: DeskDriver) -> None:
    await desk.starts("102", "S301")


REFUSED = {
    "": "EA01 取引番号を入力してください。",
    "555": "EC13 この取引番号はありません。一覧にある3桁の番号を入力してください。",
    "901": "EC14 「901 開局」は、この端末ではまだ取り扱っていません。",
    "abc": "EC13 この取引番号はありません。",
    "902": "「902 日次締め」は、この端末ではまだ取り扱っていません。お急ぎの場合は事務センターへ連絡してください。",
    "903": "ET03 この取引を行う権限がありません。権限のあるオペレーターに交代してください。",
}


async def test_a_number_that_cannot_be_begun_says_why_and_what_to_do(desk: DeskDriver) -> None:
    for typed, sentence in REFUSED.items():
        await desk.has_focus("transaction")
        await desk.presses("f2", *typed, "enter")
        await desk.sees(sentence)
        assert desk.stands_on == "S100"


@pytest.mark.parametrize(
    ("staff_id", "offered"),
    [
        (
            "op001",
            {
                "101",
                "102",
                "103",
                "201",
                "202",
                "301",
                "401",
                "402",
                "403",
                "801",
                "802",
                "905",
                "906",
                "999",
            },
        ),
        (
            "op002",
            {
                "101",
                "102",
                "103",
                "201",
                "202",
                "301",
                "401",
                "402",
                "403",
                "601",
                "801",
                "802",
                "903",
                "905",
                "906",
                "999",
            },
        ),
        ("op003", {"401", "402", "403", "903", "905", "906", "999"}),
        ("op004", {"401", "402", "403", "904", "905", "906", "999"}),
    ],
)
@pytest.mark.rule("E-94")
async def test_each_role_is_offered_what_it_may_do(
    practice: Practice, staff_id: str, offered: set[str]
) -> None:
    async with at_the_desk(practice, staff_id) as desk:
        numbers = {word for line in desk.glass for word in line.split() if word.isdigit() and len(word) == 3}
        assert numbers - {"012"} == offered


async def test_signing_off_leads_back_to_the_door_and_is_journaled(desk: DeskDriver) -> None:
    await desk.starts("999", "S000")
    assert desk.journal_tags[-2] == "staff:sign_off:done"


@pytest.mark.parametrize("window", [(120, 36), SMALL_WINDOW])
async def test_the_board_tells_the_day(practice: Practice, window: tuple[int, int]) -> None:
    async with at_the_desk(practice, window=window) as desk:
        await desk.sees("今日の状況(10時00分現在)")
        for fact in (
            "未完了の取引      0件",
            "媒体の在庫        3本",
            "3月16日～",
            "1件",
            "失効リスト        第2号",
        ):
            assert desk.shows(fact)


async def test_the_board_is_read_again_by_f5_and_by_coming_back(desk: DeskDriver) -> None:
    await desk.sees("(10時00分現在)")
    desk.practice.clock.step(minutes=5)
    await desk.presses("f5")
    await desk.sees("(10時05分現在)")
    desk.practice.clock.step(minutes=5)
    await desk.starts("401", "S200")
    await desk.presses("f3")
    await desk.sees("(10時10分現在)")


async def test_a_registry_out_of_reach_leaves_the_menu_usable(practice: Practice) -> None:
    async with at_the_desk(practice) as desk:
        await desk.sees("現在)")

        def away(_actor: object) -> object:
            raise DatabaseUnavailable

        boards: Any = practice.services.boards
        object.__setattr__(boards, "today", away)
        await desk.presses("f5")
        await desk.sees("ES03 センターと通信できません。")
        await desk.sees("今日の状況(読み込めませんでした)")
        await desk.starts("401", "S200")


async def closes_issue(practice: Practice) -> None:
    """A self-check that found something, by hand."""
    broken = CheckResult(name="crl", ok=False, fact="", closes_issuing=True)
    late = CheckResult(name="mail_backlog", ok=False, fact="3, 17 min", closes_issuing=False)
    practice.services.self_check._latest.results = (broken, late)
    await asyncio.sleep(0)


async def test_what_the_self_check_finds_by_itself_stands_on_the_board_without_a_key(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(menu, "LOOKED_AT_EVERY_S", 0.05)
    async with at_the_desk(practice) as desk:
        await desk.no_longer_sees("発行は停止中です。")
        well = practice.services.self_check.results()
        await closes_issue(practice)
        await desk.sees("発行は停止中です。")
        practice.services.self_check._latest.results = well
        await desk.no_longer_sees("発行は停止中です。")


async def test_a_failed_self_check_is_named_and_the_rest_goes_on(practice: Practice) -> None:
    await closes_issue(practice)
    async with at_the_desk(practice) as desk:
        await desk.sees("【要確認】発行は停止中です。(失効リスト)照会や交付などは行えます。")
        assert desk.shows("メールの滞留に注意が必要です。")
        assert desk.shows("F5で確かめ")
        await desk.has_focus("transaction")
        await desk.presses(*"102", "enter")
        await desk.sees("ES07 自己診断で異常が見つかったため、発行を停止しています。(失効リスト)")
        await desk.presses("f2")
        await desk.starts("401", "S200")


async def test_f5_tries_again_what_keeps_the_issue_closed(practice: Practice) -> None:
    await closes_issue(practice)
    async with at_the_desk(practice) as desk:
        await desk.sees("発行は停止中です。")
        await desk.presses("f5")
        await desk.no_longer_sees("発行は停止中です。")
        await desk.starts("102", "S301")


@pytest.mark.rule("E-85")
async def test_what_start_up_settled_is_said(practice: Practice) -> None:
    report = RecoveryReport(
        voided=("20260301-012-01-0001",),
        revoked=("20260301-012-01-0002",),
        waiting=("20260301-012-01-0003", "20260301-012-01-0004"),
    )
    settled = replace(practice, services=replace(practice.services, recovered=report))
    async with at_the_desk(settled) as desk:
        await desk.sees("WM15 前回の終了時に途中だった取引を処理しました。")
        await desk.sees("起動時に取消(未発行): 20260301-012-01-0001 もう一度受付からやり直してください。")
        assert desk.shows("起動時に失効(未交付): 20260301-012-01-0002 再発行をご案内してください。")
        assert not desk.shows("交付待ち: ")  # nothing waits any more: both were handed over since
        assert not desk.shows("いま対応が必要なものはありません。")


async def test_a_quiet_morning_says_that_nothing_waits_and_how_to_begin(practice: Practice) -> None:
    async with at_the_desk(practice, window=SMALL_WINDOW) as desk:
        await desk.sees("いま対応が必要なものはありません。")
        assert desk.shows("お客様がいらしたら、取引番号を")


@pytest.mark.rule("R-30")
async def test_a_notice_of_the_settings_stands_on_the_board(practice: Practice) -> None:
    notice = "3月7日(土)は保守のため終日休止します。"
    settings = practice.services.settings.model_copy(update={"notice": notice})
    noticed = replace(practice, services=replace(practice.services, settings=settings))
    async with at_the_desk(noticed) as desk:
        await desk.sees(f"【お知らせ】{notice}")


async def test_the_language_can_be_switched_at_any_time(desk: DeskDriver) -> None:
    await desk.sees("現在)")
    await desk.presses("ctrl+l")
    await desk.no_longer_sees("今日の状況")
    await desk.no_longer_sees("業務メニュー")
    assert not desk.shows("媒体の在庫")
    await desk.presses("ctrl+l")
    await desk.sees("今日の状況(10時00分現在)")


async def test_the_training_post_box_opens_in_training_only(practice: Practice) -> None:
    async with at_the_desk(practice) as desk:
        await desk.has_focus("transaction")
        await desk.presses(*"905", "enter")
        await desk.sees("【訓練】メール(実際には送信されません)")
        await desk.sees("まだメールはありません。")


@pytest.mark.parametrize("staff_id", ["op001", "op002", "op003", "op004"])
async def test_a_small_window_shows_every_line_of_the_menu(practice: Practice, staff_id: str) -> None:
    async with at_the_desk(practice, staff_id, SMALL_WINDOW) as person:
        await person.sees("999 サインオフ")
        shown = person.app.screen.query_one("#menu")
        assert shown.virtual_size.height <= shown.size.height


async def test_the_menu_follows_the_size_of_the_window(practice: Practice) -> None:
    async with at_the_desk(practice) as person:
        assert person.shows("失効・閉塞解除")
        await person.presses("down", "down")
        await person.resizes(*SMALL_WINDOW)
        await person.sees("> 102 更新")
        assert not person.shows("失効・閉塞解除")
        await person.presses("enter")
        await person.comes_to("S301")

"""S210: what can be done now, certificates, the past."""

import re
from collections.abc import AsyncIterator

import pytest

from kiosk.rules.next_actions import Reason
from screens.sayings import SAYINGS
from tests.support.drivers.counter import SMALL_WINDOW
from tests.support.drivers.desk import DeskDriver, at_the_desk
from tests.support.practice import Practice


@pytest.fixture
async def desk(practice: Practice) -> AsyncIterator[DeskDriver]:
    """`op001` in front of the menu."""
    async with at_the_desk(practice) as driver:
        yield driver


@pytest.mark.rule("E-30")
async def test_every_transaction_is_answered_with_reason_and_words_for_the_customer(
    desk: DeskDriver,
) -> None:
    await desk.opens_card("koushin01")
    await desk.sees("102 更新 可")
    await desk.sees(
        "お客様へ「お手続きを承ります。パスワードと認証コードは、お客様ご自身で入力していただきます。」"
    )
    await desk.presses("up")
    await desk.sees("更新できる電子証明書があります。「102 更新」へ進んでください。")
    await desk.sees("お客様へ「お手元の電子証明書の、更新のお手続きとなります。」")
    await desk.presses("end")
    await desk.sees("お客様へ「お客様のユーザーIDは閉塞されておりません。」")


ANSWERS = {
    "shinki02": ("101 新規発行 可", "電子証明書を発行したことがありません。"),
    "pchenko03": ("更新のお手続きは2026年8月19日から承ります。", "まだお使いいただけます。"),
    "heisoku04": ("先に、閉塞解除のお手続きが必要でございます。", "ロック 3回(3回で閉塞)"),
    "ippan005": ("お客様の団体のマスターユーザー様にお申し出ください。", "ロック 3回(3回で閉塞)"),
    "kigen006": (
        "103 再発行 可",
        "有効な電子証明書はありません。F4で、期限切れや失効済みのものを表示します。",
    ),
    "rokku007": ("10時40分を過ぎましたら、もう一度お手続きいただけます。", "ロック中(10時40分に解除)"),
    "shoki008": (
        "お客様のパソコンから初期登録をお済ませください。",
        "電子証明書を発行したことがありません。",
    ),
}


async def test_the_practice_users_show_their_states(desk: DeskDriver) -> None:
    for user_id, texts in ANSWERS.items():
        await desk.opens_card(user_id)
        for text in texts:
            await desk.sees(text)
        await desk.presses("escape")
        await desk.comes_to("S100")


async def test_f12_on_an_allowed_issue_starts_it_for_this_user(desk: DeskDriver) -> None:
    await desk.opens_card("koushin01")
    await desk.has_focus("actions")
    await desk.presses("f12")
    await desk.comes_to("S301")


async def test_the_mouse_starts_it_as_well(desk: DeskDriver) -> None:
    await desk.opens_card("koushin01")
    await desk.clicks("103  再発行")
    await desk.sees("お客様へ「お手元の電子証明書の、更新のお手続きとなります。」")
    await desk.clicks("102  更新")
    await desk.clicks("取引開始 ]")
    await desk.comes_to("S301")


async def test_what_cannot_be_done_here_says_so(desk: DeskDriver) -> None:
    await desk.opens_card("koushin01")
    await desk.presses("up", "f12")
    await desk.sees("【エラー】EC09 更新できる電子証明書があります。「102 更新」へ進んでください。")


@pytest.mark.parametrize(
    ("user_id", "downs", "sentence", "screen"),
    [
        ("koushin01", 2, "失効いたしますと、元に戻すことはできません。", "S301"),
        ("koushin01", 3, "お届けの番号へ折り返しお電話したうえで", "S410"),
        ("heisoku04", 5, "パスワードは、いまのままで変わりません。", "S301"),
        ("kigen006", 0, "パスワードと認証コードは、お客様ご自身で", "S301"),
    ],
)
async def test_what_can_be_done_begins_from_the_card(
    desk: DeskDriver, user_id: str, downs: int, sentence: str, screen: str
) -> None:
    await desk.opens_card(user_id)
    await desk.presses(*["down"] * downs)
    await desk.sees(sentence)
    await desk.presses("f12")
    await desk.comes_to(screen)


@pytest.mark.rule("R-23")
async def test_others_shows_past_certificates_too(desk: DeskDriver) -> None:
    await desk.opens_card("kigen006")
    await desk.sees("電子証明書(有効なもの)")
    await desk.presses("f4")
    await desk.sees("電子証明書(すべて)")
    await desk.sees("有効期限切れ(2026年2月20日) 交付済")
    await desk.sees("シリアル番号")


async def test_the_past_stands_newest_first_in_words(desk: DeskDriver) -> None:
    await desk.opens_card("heisoku04")
    await desk.sees("経過(新しい順)")
    await desk.sees("2026-03-02(月)")
    await desk.sees("閉塞")
    await desk.sees("パスワードの誤り")
    assert not desk.shows("failed")


async def test_f5_reads_the_card_again_and_moves_nothing(desk: DeskDriver) -> None:
    await desk.opens_card("rokku007")
    await desk.sees("ロック中(10時40分に解除)")
    await desk.presses("end")
    desk.practice.clock.step(minutes=50)
    await desk.presses("f5")
    await desk.sees("状態 利用中")
    await desk.sees("お客様へ「お客様のユーザーIDは閉塞されておりません。」")


@pytest.mark.parametrize("window", [(120, 36), SMALL_WINDOW])
async def test_everything_is_reached_with_the_tab_key(practice: Practice, window: tuple[int, int]) -> None:
    async with at_the_desk(practice, window=window) as desk:
        await desk.opens_card("koushin01")
        await desk.sees("いまできること")
        for field in ("certificates", "timeline", "go", "others", "report", "actions"):
            await desk.presses("tab")
            await desk.has_focus(field)
        await desk.presses(*["shift+tab"] * 4)
        await desk.has_focus("timeline")
        await desk.sees("交付")


async def test_the_only_certificate_tells_its_serial_number_at_once(practice: Practice) -> None:
    async with at_the_desk(practice) as desk:
        await desk.opens_card("koushin01")
        await desk.sees("シリアル番号")
        assert any(re.search(r"\b[0-9A-F]{36}\b", line) for line in desk.glass)


async def test_a_line_of_the_past_opens_in_full(practice: Practice) -> None:
    async with at_the_desk(practice, window=SMALL_WINDOW) as desk:
        await desk.opens_card("koushin01")
        await desk.presses("tab", "tab")
        await desk.has_focus("timeline")
        await desk.presses("down", "down", "enter")
        await desk.comes_to("Facts")
        assert any(re.search(r"\b[0-9A-F]{36}\b", line) for line in desk.glass)


async def test_an_auditor_may_look_and_is_told_why_nothing_can_be_done(practice: Practice) -> None:
    async with at_the_desk(practice, "op003") as desk:
        await desk.opens_card("koushin01")
        await desk.sees("この取引を行う権限がありません。権限のあるオペレーターに交代してください。")


async def test_the_card_speaks_english_where_it_stands(desk: DeskDriver) -> None:
    await desk.opens_card("koushin01")
    await desk.presses("up", "ctrl+l")
    await desk.sees("What can be done now")
    await desk.sees('To the customer: "This will be a renewal of your certificate."')
    await desk.has_focus("actions")


def test_there_are_words_for_every_reason() -> None:
    assert set(SAYINGS) == set(Reason)

"""S220 and S221: a reception is found again, and tells its story."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from kiosk.secret import Secret
from kiosk.services.views import HandOverCheck
from kiosk.training.people import USER_PASSWORD
from tests.support.drivers.counter import SMALL_WINDOW
from tests.support.drivers.desk import DeskDriver, at_the_desk
from tests.support.practice import Practice


def handed_over(practice: Practice) -> str:
    """A whole renewal; its reception number."""
    services, actor = practice.services, practice.actor
    number = practice.reception()
    services.authenticating.submit_password(actor, number, "koushin01", Secret(USER_PASSWORD))
    services.authenticating.submit_code(actor, number, Secret(practice.code))
    ready = practice.signs(number)
    services.delivering.deliver(actor, ready, services.delivering.sticks()[0].ref, lambda _: None)
    services.handing_over.hand_over(actor, number, frozenset(HandOverCheck))
    return number


@pytest.fixture
async def desk(practice: Practice) -> AsyncIterator[DeskDriver]:
    """`op001` in front of the menu."""
    async with at_the_desk(practice) as driver:
        yield driver


@pytest.mark.parametrize("window", [(120, 36), SMALL_WINDOW])
async def test_a_reception_tells_its_story(practice: Practice, window: tuple[int, int]) -> None:
    number = await asyncio.to_thread(handed_over, practice)
    async with at_the_desk(practice, window=window) as desk:
        await desk.starts("403", "S220")
        await desk.sees(number)
        await desk.sees("102 更新")
        await desk.has_focus("reception_no")
        await desk.types(number)
        await desk.presses("enter")
        await desk.comes_to("S221")
        await desk.sees("koushin01 更新 花子")
        await desk.has_focus("timeline")
        await desk.presses("end")
        await desk.sees("交付")
        await desk.presses("f12")
        await desk.comes_to("Facts")
        await desk.sees("運転免許証 下4桁 1234")
        await desk.presses("end")
        await desk.sees(".p12")
        await desk.presses("escape")
        await desk.comes_to("S221")
        await desk.presses("f3")
        await desk.comes_to("S220")


async def test_the_mouse_does_it_as_well(practice: Practice) -> None:
    number = practice.received(visitor_name="来店 一郎")
    async with at_the_desk(practice) as desk:
        await desk.clicks("403  取引照会")
        await desk.comes_to("S220")
        await desk.clicks("( ) 完了")
        await desk.sees("この条件に合う取引はありません。")
        await desk.clicks("( ) 未完了")
        await desk.sees("来店 一郎")
        await desk.clicks(number)
        await desk.comes_to("S221")
        await desk.clicks("前画面 ]")
        await desk.comes_to("S220")


async def test_other_days_are_reached_by_emptying_the_day(desk: DeskDriver) -> None:
    await desk.starts("403", "S220")
    await desk.sees("この条件に合う取引はありません。")
    await desk.presses("tab")
    await desk.has_focus("day")
    await desk.presses("f2", "enter")
    await desk.sees("koushin01 更新 花子")


async def test_a_field_that_cannot_match_says_so(desk: DeskDriver) -> None:
    await desk.starts("403", "S220")
    await desk.presses("tab", "tab")
    await desk.has_focus("user_id")
    await desk.types("あ")
    await desk.presses("f12")
    await desk.sees("EA04 全角文字が含まれています。")
    await desk.sees("キーで日本語入力を切って入力してください。")
    await desk.presses("f2", *"tanaka", "f12")
    await desk.sees("EC00 ユーザーIDは、半角英字と数字を両方使った6～12桁で入力してください。")
    await desk.has_focus("user_id")
    assert not desk.shows("ご入力ください")


@pytest.mark.rule("E-94")
async def test_an_auditor_looks_as_well(practice: Practice) -> None:
    number = practice.received()
    async with at_the_desk(practice, "op003") as desk:
        await desk.starts("403", "S220")
        await desk.sees(number)
        assert "case:record:searched" in desk.journal_tags

"""S910: the ledger is read by everybody and written by who keeps the media."""

import pytest

from tests.support.drivers.counter import SMALL_WINDOW
from tests.support.drivers.desk import at_the_desk
from tests.support.practice import Practice


@pytest.mark.rule("E-87")
@pytest.mark.parametrize("window", [(120, 36), SMALL_WINDOW])
async def test_new_media_are_taken_in_by_keyboard(practice: Practice, window: tuple[int, int]) -> None:
    async with at_the_desk(practice, "op002", window) as desk:
        await desk.starts("906", "S910")
        await desk.sees("在庫 3本")
        await desk.presses("f4")
        await desk.has_focus("first_no")
        await desk.types("M0101")
        await desk.presses("enter")
        await desk.has_focus("last_no")
        await desk.types("M0104")
        await desk.presses("f12")
        await desk.sees("【完了】IM18 媒体4本を受け入れました。")
        await desk.sees("在庫 7本")
        await desk.sees("M0104")


async def test_a_broken_medium_is_noted_by_mouse(practice: Practice) -> None:
    async with at_the_desk(practice, "op002") as desk:
        await desk.clicks("906  媒体受払")
        await desk.clicks("M0002")
        await desk.clicks("破損・返却 ]")
        await desk.comes_to("NoteMedium")
        await desk.has_focus("close")
        await desk.until(lambda: any(line.strip(" ->") == "破損" for line in desk.glass))
        row = next(row for row, line in enumerate(desk.glass) if line.strip(" ->") == "破損")
        await desk.pilot.click(offset=(desk.glass[row].index("破損") + 1, row))
        await desk.sees("【完了】IM19 媒体M0002を「破損」にしました。")
        await desk.sees("在庫 2本")
        await desk.clicks("( ) 破損")
        await desk.no_longer_sees("M0001")
        await desk.clicks("経過 ]")
        await desk.comes_to("Facts")
        await desk.sees("破損  op002")


async def test_numbers_that_are_no_run_are_refused(practice: Practice) -> None:
    async with at_the_desk(practice, "op002") as desk:
        await desk.starts("906", "S910")
        await desk.presses("f4")
        await desk.has_focus("first_no")
        await desk.types("M0003")
        await desk.presses("f12")
        await desk.sees("最初の番号は、すでに登録されています。")
        assert desk.shows("媒体の受入"), "what was typed can be set right"
        await desk.has_focus("first_no")
        await desk.presses("f2")
        await desk.types("M09")
        await desk.presses("enter")
        await desk.types("M08")
        await desk.presses("f12")
        await desk.sees("最初の番号と最後の番号が連番になっていません。")
        await desk.presses("escape")
        await desk.comes_to("S910")


async def test_a_clerk_only_looks(practice: Practice) -> None:
    practice.reception()
    async with at_the_desk(practice) as desk:
        await desk.starts("906", "S910")
        await desk.sees("使用中 1本")
        await desk.sees("M0001")
        assert not desk.shows("受入")
        assert not desk.shows("破損・返却")
        await desk.presses("f4")
        assert desk.stands_on == "S910"


async def test_the_administration_leads_there(practice: Practice) -> None:
    async with at_the_desk(practice, "op004") as desk:
        await desk.starts("904", "S900")
        await desk.presses("f4")
        await desk.comes_to("S910")
        await desk.sees("在庫 3本")
        await desk.presses("f3")
        await desk.comes_to("S900")

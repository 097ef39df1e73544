"""Ctrl+L in the middle of an issue: nothing typed, ticked, found or marked is lost."""

import asyncio

from kiosk.translations.catalog import Language, language
from tests.support.drivers.issuing import at_the_issue
from tests.support.practice import Practice


async def test_step_1_keeps_what_was_filled_in(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        await person.begins()
        await person.fills_in_the_form()
        await person.clicks("代理人")
        await person.presses("ctrl+l")
        await person.no_longer_sees("依頼書番号")
        assert language() is Language.ENGLISH
        assert person.field("visitor_name") == "更新花子"
        assert person.shows("K0001")
        assert sum(line.count("[x]") for line in person.glass) == 3
        await person.presses("ctrl+l")
        await person.sees("[x] 届出印の照合")
        assert person.shows("(o) 代理人")
        assert person.shows("(o) 運転免許証")


async def test_step_2_keeps_result_and_choice(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        number = await asyncio.to_thread(practice.received)
        await person.resumes(number, "S302")
        await person.types("1234567")
        await person.sees("shinki02")
        await person.presses("ctrl+l")
        await person.no_longer_sees("ユーザーID")
        assert person.shows("shinki02")
        await person.presses("enter")
        await person.has_focus("found")
        await person.clicks("koushin01")
        await person.has_focus("go")
        await person.presses("ctrl+l")
        await person.sees("選択中 更新できます(期限 2026年3月22日)")
        await person.presses("f12")
        await person.comes_to("S303")
        await person.presses("down", "ctrl+l", "ctrl+l")
        await person.sees("お客様へ: 「お手元の電子証明書の、更新のお手続きとなります。」")


async def test_the_customers_typing_survives_and_so_does_the_code(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        await person.stands_at_step_4()
        await person.types("koushin01")
        await person.presses("enter")
        await person.types("Kunren")
        await person.presses("ctrl+l")
        await person.no_longer_sees("パスワード")
        assert person.field("user_id") == "koushin01"
        assert person.secrets_held == 6
        await person.has_focus("password")
        await person.clicks_keys("#20")
        await person.types("26")
        await person.presses("enter")
        await person.comes_to("S305")
        await person.types(practice.code[:3])
        await person.presses("ctrl+l")
        await person.sees("認証コード入力")
        assert person.secrets_held == 3
        await person.types(practice.code[3:])
        await person.presses("enter")
        await person.comes_to("S304-2")


async def test_the_marked_stick_stays_marked(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        await person.stands_at_step_6()
        await person.takes_stick("stick-B")
        await person.presses("ctrl+l")
        await person.no_longer_sees("書き込む媒体")
        await person.sees("stick-B")
        await person.waits(0.5)
        await person.presses("f12")
        await person.comes_to("S308")
        assert len(practice.files_on("stick-B")) == 1

"""S200: finding a user while typing, by keyboard and by mouse."""

import threading
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from kiosk.secret import Secret
from kiosk.services.staff.staffing import NewUser, OrganizationKind
from kiosk.services.views import UserRow
from tests.support.drivers.counter import SMALL_WINDOW
from tests.support.drivers.desk import DeskDriver, at_the_desk
from tests.support.practice import Practice


@pytest.fixture
async def desk(practice: Practice) -> AsyncIterator[DeskDriver]:
    """`op001` at the search."""
    async with at_the_desk(practice) as driver:
        await driver.starts("401", "S200")
        yield driver


FOUND_BY = {
    "koushi": "更新 花子",
    "さくら": "閉塞 三枝",
    "7654321": "一般 五月",
    "ﾀｶﾊｼ": "髙橋 七海",
    "henkou": "変更 次郎",
    "更新": "koushin01",
}


async def test_a_user_is_found_by_whatever_is_known_of_them(desk: DeskDriver) -> None:
    for typed, found in FOUND_BY.items():
        await desk.presses("f2")
        await desk.looks_for(typed)
        await desk.sees(found)


async def test_an_empty_list_says_what_can_be_typed(desk: DeskDriver) -> None:
    await desk.sees("カナは、ローマ字のままでも探せます。")
    await desk.looks_for("zzz")
    await desk.sees("該当するユーザーが見つかりません。ユーザーIDは大文字と小文字を区別します。")


@pytest.mark.parametrize("window", [(120, 36), SMALL_WINDOW])
async def test_enter_opens_the_only_one(practice: Practice, window: tuple[int, int]) -> None:
    async with at_the_desk(practice, window=window) as desk:
        await desk.starts("401", "S200")
        await desk.looks_for("koushin01")
        await desk.presses("enter")
        await desk.comes_to("S210")
        await desk.sees("更新 花子")
        assert desk.journal_tags[-3:-1] == ["user:search:done", "user:card:inquired"]


async def test_enter_goes_to_the_list_when_there_are_several(desk: DeskDriver) -> None:
    await desk.looks_for("1234567")
    await desk.sees("5件")
    await desk.presses("enter")
    await desk.has_focus("found")
    await desk.presses("down", "enter")
    await desk.comes_to("S210")
    await desk.presses("f3")
    await desk.comes_to("S200")
    assert desk.shows("1234567")
    await desk.presses("escape")
    await desk.comes_to("S100")


async def test_a_click_on_a_line_opens_the_card(desk: DeskDriver) -> None:
    await desk.looks_for("さくら")
    await desk.clicks("閉塞 三枝")
    await desk.comes_to("S210")
    await desk.clicks("Esc")
    await desk.comes_to("S100")


@pytest.mark.rule("R-41")
async def test_nobody_found_is_told_in_the_agreed_words_and_journaled(desk: DeskDriver) -> None:
    await desk.looks_for("nobody99")
    await desk.presses("enter")
    await desk.sees("【エラー】EC04 該当するユーザーが見つかりません。")
    await desk.has_focus("search")
    assert "user:card:not_found" in desk.journal_tags
    assert not any("nobody99" in str(tag) for tag in desk.journal_tags)


@pytest.mark.rule("E-94")
async def test_a_user_of_another_branch_is_sent_there(practice: Practice) -> None:
    staffing = practice.services.staffing
    staffing.add_user(None, a_new_user("ekimae01", "駅前 一子", branch_no="034"), Secret("Kunren#2026"))
    async with at_the_desk(practice) as desk:
        await desk.starts("401", "S200")
        await desk.looks_for("ekimae01")
        await desk.presses("enter")
        await desk.sees("ET04 このユーザーの取引店は駅前支店です。")


async def test_an_empty_field_is_told(desk: DeskDriver) -> None:
    await desk.presses("enter")
    await desk.sees("EA01 検索する文字を入力してください。")


async def test_an_answer_that_comes_late_is_not_shown(practice: Practice) -> None:
    """The answer to `k` takes longer than the one to `ko`; what stands there is about `ko`."""
    customers = practice.services.customers
    first_may_end = threading.Event()
    asked: list[str] = []

    def slow(actor: Any, text: str, **options: Any) -> tuple[UserRow, ...]:
        asked.append(text)
        if text == "shin":
            first_may_end.wait(10)
        return type(customers).search(customers, actor, text, **options)

    slowed = _SearchingWith(customers, slow)
    late = replace(practice, services=replace(practice.services, customers=slowed))  # type: ignore[arg-type]
    async with at_the_desk(late) as desk:
        await desk.starts("401", "S200")
        await desk.looks_for("shin")
        while not asked:
            await desk.waits(0.02)
        await desk.presses("f2")
        await desk.looks_for("koushin")
        await desk.sees("koushin01")
        first_may_end.set()
        await desk.waits(0.3)
        assert desk.shows("更新 花子")
        assert not desk.shows("新規 太郎")


class _SearchingWith:
    """The customers of the counter, with another way to search."""

    def __init__(self, customers: object, search: object) -> None:
        self._customers = customers
        self.search = search

    def __getattr__(self, name: str) -> Any:
        return getattr(self._customers, name)


@pytest.mark.rule("I-19")
async def test_a_hostile_name_is_plain_text(practice: Practice) -> None:
    hostile = "[@click=app.quit]押[/]=?"
    practice.services.staffing.add_user(
        None, a_new_user("warui001", "悪[/red]名", kana="ワル[b]"), Secret("Kunren#2026")
    )
    async with at_the_desk(practice) as desk:
        await desk.starts("401", "S200")
        await desk.looks_for("warui001")
        await desk.sees("悪[/red]名")
        await desk.clicks("悪[/red]名")
        await desk.comes_to("S210")
        await desk.sees("悪[/red]名")
        await desk.sees("ワル[b]")
        await desk.presses("f3", "f2")
        await desk.looks_for(hostile)
        await desk.sees("該当するユーザーが見つかりません。")


async def test_more_than_the_list_holds_is_said(practice: Practice) -> None:
    for number in range(60):
        practice.services.staffing.add_user(
            None, a_new_user(f"yamada{number:02}", f"山田 {number}"), Secret("Kunren#2026")
        )
    async with at_the_desk(practice) as desk:
        await desk.starts("401", "S200")
        await desk.looks_for("yamada")
        await desk.sees("先頭の50件を表示しています。続けて入力すると絞り込めます。")
        began = time.monotonic()
        await desk.presses("down", "end")
        await desk.sees("yamada49")
        assert time.monotonic() - began < 5


def a_new_user(user_id: str, name: str, *, kana: str = "テスト", branch_no: str = "012") -> NewUser:
    """A general user of the practice union."""
    from kiosk.rules.users import UserRole

    return NewUser(
        user_id=user_id,
        role=UserRole.GENERAL,
        name=name,
        kana=kana,
        email="test@kunren.invalid",
        branch_no=branch_no,
        organization_code="1234567" if branch_no == "012" else "3434343",
        organization_name="さくら製作所労働組合" if branch_no == "012" else "駅前労働組合",
        organization_kind=OrganizationKind.MEMBER,
        initial_registration_done=True,
    )


async def test_a_text_longer_than_its_field_shows_where_the_cursor_is(practice: Practice) -> None:
    async with at_the_desk(practice, window=SMALL_WINDOW) as person:
        await person.starts("401", "S200")
        await person.types("ABCDE" + "x" * 80 + "VWXYZ")
        await person.sees("xVWXYZ")
        assert not person.shows("ABCDE")
        await person.presses("home")
        await person.sees("ABCDEx")
        assert not person.shows("VWXYZ")

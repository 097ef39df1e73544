"""S800: what happened, who did it, and whether the record of it is whole."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from kiosk.services.overview.journal import EventTag
from screens.wording.events import EVENTS, LOCK_HISTORY
from tests.support.drivers.counter import SMALL_WINDOW
from tests.support.drivers.desk import DeskDriver, at_the_desk
from tests.support.practice import Practice


@pytest.fixture
async def desk(practice: Practice) -> AsyncIterator[DeskDriver]:
    """`op003`, the auditor, at the journal."""
    async with at_the_desk(practice, "op003") as driver:
        await driver.starts("903", "S800")
        await driver.sees("操作記録に異常はありません。")
        yield driver


@pytest.mark.rule("I-13")
@pytest.mark.parametrize(("window", "staff_id"), [((120, 36), "op003"), (SMALL_WINDOW, "op002")])
async def test_today_and_whether_it_is_whole_stand_in_plain_sight(
    practice: Practice, window: tuple[int, int], staff_id: str
) -> None:
    async with at_the_desk(practice, staff_id, window) as desk:
        await desk.starts("903", "S800")
        await desk.sees("【完了】操作記録に異常はありません。(新しい10,000件、10時00分に検証)")
        await desk.sees("2026-03-02(月) 10:00:00 サインオン")
        assert desk.shows(staff_id)
        assert desk.shows("2026-03-02")


async def test_an_entry_opens_in_full_and_in_words(desk: DeskDriver) -> None:
    await desk.presses(*["tab"] * 6)
    await desk.has_focus("entries")
    await desk.presses("enter")
    await desk.comes_to("Facts")
    for text in ("業務日", "記録の系列", "012/01/screen", "連鎖の値", "役割", "監査"):
        assert desk.shows(text)
    await desk.presses("escape")
    await desk.comes_to("S800")
    await desk.clicks("自己診断(正常)")
    await desk.comes_to("Facts")
    await desk.clicks("閉じる")
    await desk.comes_to("S800")


async def test_a_kind_of_event_narrows_it_down(desk: DeskDriver) -> None:
    await desk.presses("f4")
    await desk.comes_to("EventKinds")
    await desk.clicks("オペレーター登録")
    await desk.comes_to("S800")
    await desk.sees("できごと: オペレーター登録")
    await desk.no_longer_sees("自己診断(正常)")
    await desk.sees("2026-03-02(月) 10:00:00 オペレーター登録")


async def test_an_operator_and_a_day_narrow_it_down(desk: DeskDriver) -> None:
    await desk.has_focus("day")
    await desk.presses("tab", *"op001", "enter")
    await desk.no_longer_sees("自己診断(正常)")
    await desk.sees("サインオン 完了 op001")
    await desk.presses(*["shift+tab"] * 6)
    await desk.has_focus("day")
    await desk.presses("f2", *"2026-03-01", "enter")
    await desk.sees("この条件に合う記録はありません。日を空にするか、条件を減らして、F12で検索してください。")


async def test_what_is_no_day_is_told(desk: DeskDriver) -> None:
    await desk.has_focus("day")
    await desk.presses("f2", *"2026-99-1", "enter")
    await desk.sees("EC00 日付は、2026-11-22のように入力してください。")
    await desk.has_focus("day")


async def test_what_cannot_be_a_user_is_told(desk: DeskDriver) -> None:
    await desk.has_focus("day")
    await desk.presses("tab", "tab", *"a b", "enter")
    await desk.sees("EC00 ユーザーIDは、半角英字と数字を両方使った6～12桁で入力してください。")
    await desk.has_focus("user_id")


@pytest.mark.rule("I-13", "I-25")
async def test_a_change_behind_the_program_is_named_with_its_place(practice: Practice) -> None:
    from sqlalchemy import text

    database = practice.services.journal.desk.database
    with database.transaction() as session:
        connection = session.connection()
        for trigger in (
            connection.execute(text("select name from sqlite_master where type='trigger'")).scalars().all()
        ):
            if "journal" in trigger:
                connection.execute(text(f"drop trigger {trigger}"))
        connection.execute(text("update journal set staff_id='op009' where node='012/01/screen' and seq=2"))
    async with at_the_desk(practice, "op003") as desk:
        await desk.starts("903", "S800")
        await desk.sees("【エラー】操作記録に異常があります。(012/01/screenの2番: 書換え)")
        assert desk.shows("取引を止め、事務センターへ連絡してください。")


async def test_all_of_it_is_verified_on_request(desk: DeskDriver) -> None:
    await desk.presses("f11")
    await desk.sees("【完了】操作記録に異常はありません。(すべての記録、10時00分に検証)")


async def test_a_key_that_is_away_is_told_as_such(practice: Practice) -> None:
    from kiosk.errors import SignerUnavailable

    def away() -> bytes:
        raise SignerUnavailable

    journal = replace(practice.services.journal, public_key=away)
    locked = replace(practice, services=replace(practice.services, journal=journal))
    async with at_the_desk(locked, "op003") as desk:
        await desk.starts("903", "S800")
        await desk.sees("【要確認】操作記録を検証できません。")
        await desk.sees("サインオン")


async def test_older_entries_come_as_the_cursor_goes_down(practice: Practice) -> None:
    def looks() -> None:
        for _again in range(250):
            practice.services.handing_over.unfinished(practice.actor)

    await asyncio.to_thread(looks)
    async with at_the_desk(practice, "op003") as desk:
        await desk.starts("903", "S800")
        await desk.sees("操作記録に異常はありません。")
        await desk.presses(*["tab"] * 6)
        assert not desk.shows("オペレーター登録")
        for _page in range(40):  # each time as far as has been read by then
            if desk.shows("オペレーター登録"):
                break
            await desk.presses("end")
            await desk.waits(0.2)
        await desk.sees("オペレーター登録")


@pytest.mark.rule("E-94")
async def test_a_supervisor_reads_the_own_branch_and_an_auditor_all(practice: Practice) -> None:
    async with at_the_desk(practice, "op002") as desk:
        await desk.starts("903", "S800")
        await desk.sees("サインオン")


async def test_the_journal_speaks_english(desk: DeskDriver) -> None:
    await desk.presses("ctrl+l")
    await desk.sees("[DONE] The journal is as it was written")
    await desk.sees("Self-check (OK)")


def test_every_tag_has_its_own_words() -> None:
    assert set(EventTag) <= set(EVENTS)
    assert len(set(EVENTS.values())) == len(EVENTS)
    assert not set(EVENTS) & set(LOCK_HISTORY)

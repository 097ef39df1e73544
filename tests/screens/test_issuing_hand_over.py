"""Step 9, and receptions that are taken up again."""

import re

import pytest

from kiosk.rules.cases import CaseState
from tests.support.drivers.counter import SMALL_WINDOW
from tests.support.drivers.issuing import IssueDriver, at_the_issue
from tests.support.practice import Practice


async def stands_at_step_9(person: IssueDriver) -> str:
    """Everything went well so far; the reception number."""
    number = await person.stands_at_step_6()
    await person.takes_stick("stick-A")
    await person.issues()
    await person.comes_to("S308")
    await person.presses("f12")
    await person.comes_to("S309")
    return number


@pytest.mark.rule("R-81")
async def test_the_hand_over_is_not_finished_before_every_tick(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        number = await stands_at_step_9(person)
        await person.presses("f12")
        await person.sees("EM13 まだ交付の確認が終わっていません。")
        await person.presses("f3")
        await person.presses("space", "enter", "space", "f12")
        await person.sees("EM13")
        await person.has_focus("guide")
        assert practice.state(number) is CaseState.DELIVERED
        await person.presses("space", "f12")
        await person.sees("IM11 交付を完了しました。")
        assert person.shows("受領日時")
        assert practice.state(number) is CaseState.DONE
        assert person.shows("F12 終了")
        assert not person.shows("Esc ")
        await person.presses("f3", "escape")
        assert person.stands_on == "S309"


@pytest.mark.rule("E-85", "R-81")
async def test_it_can_be_left_in_the_unfinished_list_and_taken_up_again(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        number = await stands_at_step_9(person)
        await person.presses("escape", "enter")
        await person.comes_to("S309")
        await person.breaks_off()
        [line] = practice.services.handing_over.unfinished(practice.actor)
        assert line.reception_no == number
        await person.resumes(number, "S309")
        assert person.shows("SIMULATED(模擬媒体)")
        assert person.shows(line.serial or "?")
        assert person.shows(line.file_name)
        await person.hands_over()
        assert practice.state(number) is CaseState.DONE


@pytest.mark.parametrize("window", [(120, 36), SMALL_WINDOW])
async def test_the_receipt_names_the_customer_and_the_serial_number_in_one_line(
    practice: Practice, window: tuple[int, int]
) -> None:
    async with at_the_issue(practice, window) as person:
        await stands_at_step_9(person)
        assert any(re.match(r" +氏名 +更新 花子 ", line) for line in person.glass)
        for _language in range(2):
            assert any(re.search(r"\b[0-9A-F]{36}\b", line) for line in person.glass)
            await person.presses("ctrl+l")


@pytest.mark.parametrize("window", [(120, 36), SMALL_WINDOW])
async def test_the_import_can_be_explained_from_the_screen(
    practice: Practice, window: tuple[int, int]
) -> None:
    async with at_the_issue(practice, window) as person:
        await stands_at_step_9(person)
        assert person.shows("1. 本システムを使う")
        await person.presses("shift+tab")
        await person.presses(*["pagedown"] * 12)
        await person.sees("16. 取り込め")
        await person.clicks_button("交付を完了")
        await person.sees("EM13")


@pytest.mark.parametrize(
    ("done", "screen"), [("received", "S302"), ("chosen", "S303"), ("prepared", "S304-1")]
)
async def test_an_unfinished_reception_goes_on_where_it_stood(
    practice: Practice, done: str, screen: str
) -> None:
    number = practice.reception() if done == "prepared" else practice.received()
    if done == "chosen":
        practice.services.casework.choose_user(practice.actor, number, practice.user_pk("koushin01"))
    async with at_the_issue(practice) as person:
        await person.resumes(number, screen)
        assert person.app.reception_no == number


async def test_a_reception_that_is_over_is_not_taken_up(practice: Practice) -> None:
    number = practice.received()
    practice.services.casework.void(practice.actor, number, "間違い")
    async with at_the_issue(practice) as person:
        await person.tries_to_resume(number)
        await person.sees(f"EC10 受付{number}は、この操作を行える状態ではありません。")
        assert person.stands_on == "S100"
        assert person.app.reception_no is None


async def test_signing_off_under_the_lock_leaves_the_reception_for_later(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        number = await person.stands_at_step_6()
        person.app.lock()
        await person.comes_to("S001")
        await person.presses("escape")
        await person.comes_to("Confirm")
        await person.waits(0.5)
        await person.presses("right", "enter")
        await person.comes_to("S000")
        assert practice.state(number) is CaseState.CODE_OK
        assert practice.certificates() == ["active"]


async def test_whoever_reads_the_guide_aloud_is_told_how_to_reach_its_end_by_keys(practice: Practice) -> None:
    async with at_the_issue(practice, SMALL_WINDOW) as person:
        await stands_at_step_9(person)
        assert not person.shows("許可する")
        while person.focus != "guide-steps":
            await person.presses("tab")
        await person.presses("f1")
        await person.sees("上下の矢印キーとPageUp、PageDownで続きを表示します。")
        await person.presses("escape", *["pagedown"] * 9)
        await person.sees("許可する")

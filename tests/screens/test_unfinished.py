"""S700: every line has one next action, and what cannot be undone is asked first."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from rich.cells import cell_len

from kiosk.rules.operations import Transaction
from kiosk.secret import Secret
from kiosk.services.counter.recovering import RecoveryReport
from kiosk.services.views import IssueStage, Ready
from kiosk.training.people import USER_PASSWORD
from kiosk.translations.catalog import Language, _, use
from screens.wording.unfinished import CASE_STATES, NEXT_STEPS
from tests.support.counters import a_form
from tests.support.drivers.counter import SMALL_WINDOW
from tests.support.drivers.desk import DeskDriver, at_the_desk
from tests.support.practice import Practice


def received(practice: Practice, user_id: str | None = "koushin01") -> str:
    """A reception that was broken off before the customer authenticated; its number."""
    services, actor = practice.services, practice.actor
    case = services.casework.open(actor, a_form(visitor_name="更新 花子"))
    if user_id is not None:
        user = services.customers.by_user_id(actor, user_id)
        services.casework.choose_user(actor, case.reception_no, user.user_pk)
        services.casework.choose_transaction(actor, case.reception_no, Transaction.RENEW)
        services.casework.set_medium(actor, case.reception_no, "M0001", "")
    return case.reception_no


def issued(practice: Practice) -> Ready:
    """A certificate that was signed and is on no stick."""
    services, actor = practice.services, practice.actor
    number = received(practice)
    services.authenticating.submit_password(actor, number, "koushin01", Secret(USER_PASSWORD))
    services.authenticating.submit_code(actor, number, Secret(practice.code))
    return practice.signs(number)


def delivered(practice: Practice) -> str:
    """A certificate that lies verified on its stick and was not handed over; its reception number."""
    ready = issued(practice)
    services = practice.services
    stages: list[IssueStage] = []
    services.delivering.deliver(practice.actor, ready, services.delivering.sticks()[0].ref, stages.append)
    return ready.reception_no


@pytest.fixture
async def desk(practice: Practice) -> AsyncIterator[DeskDriver]:
    """`op001` in front of the menu."""
    async with at_the_desk(practice) as driver:
        yield driver


async def test_what_start_up_found_waiting_is_named_until_it_is_handed_over(practice: Practice) -> None:
    number = await asyncio.to_thread(delivered, practice)
    report = RecoveryReport(voided=(), revoked=(), waiting=(number,))
    started = replace(practice, services=replace(practice.services, recovered=report))
    async with at_the_desk(started) as desk:
        await desk.sees("WM15 前回の終了時に途中だった取引を処理しました。")
        assert desk.shows(f"交付待ち: {number}")
        await desk.starts("801", "S700")
        await desk.sees("交付待ち")
        await desk.presses("f12")
        await desk.comes_to("S309")
        await desk.presses("space", "enter", "space", "enter", "space", "f12")
        await desk.sees("IM11")
        await desk.presses("enter")
        await desk.comes_to("S700")
        await desk.presses("escape")
        await desk.sees("いま対応が必要なものはありません。")
        assert not desk.shows("交付待ち: ")


async def test_the_name_of_the_customer_is_whole_in_a_small_window(practice: Practice) -> None:
    await asyncio.to_thread(received, practice)
    async with at_the_desk(practice, window=SMALL_WINDOW) as desk:
        await desk.starts("801", "S700")
        await desk.sees("koushin01 更新 花子")
        for state, to_do in (
            ("状態 取引選択済", "再開(または取消)"),
            ("State: Transaction set", "Resume (or void)"),
        ):
            [line] = [line for line in desk.glass if "-012-01-" in line]
            assert "koushin01 更新 花子 " in line
            assert to_do in line
            assert desk.shows(state)
            await desk.presses("ctrl+l")
            await desk.no_longer_sees(to_do)


@pytest.mark.parametrize("language", list(Language))
def test_no_state_and_no_next_step_is_cut_in_the_list(language: Language) -> None:
    use(language)
    assert [word for word in CASE_STATES.values() if cell_len(_(word)) > 16] == []
    assert [word for word in NEXT_STEPS.values() if cell_len(_(word)) > 18] == []


async def test_the_board_names_what_can_be_gone_on_with_where_nothing_is_urgent(practice: Practice) -> None:
    await asyncio.to_thread(received, practice)
    async with at_the_desk(practice) as desk:
        await desk.sees("途中の取引が1件あります。")
        assert not desk.shows("いま対応が必要なものはありません。")
    async with at_the_desk(practice, "op003") as auditor:
        await auditor.sees("いま対応が必要なものはありません。")
        assert not auditor.shows("801")


async def test_an_empty_list_says_what_would_stand_there(desk: DeskDriver) -> None:
    await desk.starts("801", "S700")
    await desk.sees("未完了の取引はありません。途中で中断した受付や、")
    await desk.presses("f12")
    await desk.sees("WM16 処理する取引がありません。")


@pytest.mark.rule("E-85")
@pytest.mark.parametrize("window", [(120, 36), SMALL_WINDOW])
async def test_what_was_verified_is_handed_over(practice: Practice, window: tuple[int, int]) -> None:
    number = await asyncio.to_thread(delivered, practice)
    async with at_the_desk(practice, window=window) as desk:
        await desk.sees("【要確認】WM14 発行済・未交付の電子証明書")
        await desk.starts("801", "S700")
        await desk.sees(number)
        await desk.sees("媒体への書込みと読取り確認は済んでいます。")
        await desk.presses("f12")
        await desk.comes_to("S309")
        await desk.presses("space", "enter", "space", "enter", "space", "f12")
        await desk.sees("交付を完了しました。")
        await desk.presses("f12")
        await desk.comes_to("S700")
        await desk.sees("未完了の取引はありません。")


@pytest.mark.rule("E-84", "E-85")
async def test_what_is_on_no_stick_is_revoked_after_a_question(practice: Practice) -> None:
    ready = await asyncio.to_thread(issued, practice)
    async with at_the_desk(practice) as desk:
        await desk.starts("801", "S700")
        await desk.sees("失効して終了")
        await desk.presses("f12")
        await desk.sees("この電子証明書を失効して、取引を終了します。")
        assert desk.shows("koushin01 更新 花子")
        assert desk.shows(ready.serial)
        assert desk.shows("失効は元に戻せません。")
        await desk.has_focus("no")
        await desk.presses("enter", "enter")
        await desk.comes_to("Confirm")
        await desk.presses("escape")
        await desk.comes_to("S700")
        await desk.presses("f12")
        await desk.comes_to("Confirm")
        await desk.waits(0.5)
        await desk.clicks("失効して終了する")
        await desk.sees("【完了】IM13")
        await desk.sees("お客様へのお渡しには「103 再発行」の受付を行ってください。")
        await desk.sees("未完了の取引はありません。")
        assert "delivery:medium:given_up" in desk.journal_tags


async def test_a_reception_without_an_issue_can_be_resumed(practice: Practice) -> None:
    received(practice)
    async with at_the_desk(practice) as desk:
        await desk.starts("801", "S700")
        await desk.sees("再開(または取消)")
        await desk.presses("enter")
        await desk.comes_to("S304-1")


async def test_a_reception_without_an_issue_can_be_voided_by_mouse(practice: Practice) -> None:
    number = received(practice, user_id=None)
    async with at_the_desk(practice) as desk:
        await desk.clicks("801  未完了取引")
        await desk.sees("受付済")
        await desk.sees("まだ何も発行されていません。")
        await desk.clicks("受付の取消 ]")
        await desk.sees("この受付を取り消します。")
        await desk.waits(0.5)
        await desk.clicks("取り消す ]")
        await desk.sees(f"【完了】IM14 受付{number}を取り消しました。")
        await desk.sees("未完了の取引はありません。")


async def test_what_was_issued_cannot_be_voided(practice: Practice) -> None:
    await asyncio.to_thread(delivered, practice)
    async with at_the_desk(practice) as desk:
        await desk.starts("801", "S700")
        await desk.sees("交付待ち")
        await desk.presses("f11")
        assert desk.stands_on == "S700"
        await desk.clicks("受付の取消 ]")
        await desk.sees("WM18 取り消せるのは、まだ何も発行していない受付だけです。")


async def test_f5_keeps_the_cursor_on_its_line(practice: Practice) -> None:
    numbers = [received(practice, user_id=None) for _ in range(3)]
    async with at_the_desk(practice) as desk:
        await desk.starts("801", "S700")
        await desk.sees(numbers[2])
        await desk.presses("down")
        practice.services.casework.void(practice.actor, numbers[0], "試験")
        await desk.presses("f5")
        await desk.no_longer_sees(numbers[0])
        await desk.presses("f11")
        await desk.sees("この受付を取り消します。")
        assert desk.glass_below("この受付を取り消します。").count(numbers[1]) == 1


async def test_another_terminals_reception_is_marked(practice: Practice) -> None:
    number = received(practice, user_id=None)
    elsewhere = practice.services.staffing.register_terminal("012", "02")
    with practice.services.casework.desk.database.transaction() as session:
        from sqlmodel import select

        from db.tables import Case

        case = session.exec(select(Case).where(Case.reception_no == number)).one()
        case.terminal_pk = elsewhere.terminal_pk
    async with at_the_desk(practice) as desk:
        await desk.starts("801", "S700")
        await desk.sees("端末02で扱っている取引です。その端末で操作中でないことを確かめてください。")

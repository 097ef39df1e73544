"""S500: how the block came, what caused it, and why unblocking may not help."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlmodel import select

from db.tables.user import User
from kiosk.rules.cases import CaseState
from tests.support.drivers.approvals import ApprovalDriver, at_the_approvals
from tests.support.drivers.counter import SMALL_WINDOW, WINDOW
from tests.support.practice import Practice


@pytest.fixture
async def desk(practice: Practice) -> AsyncIterator[ApprovalDriver]:
    """`op001` in front of the menu."""
    async with at_the_approvals(practice) as driver:
        yield driver


def standing(practice: Practice, user_id: str) -> str:
    """Active, locked or blocked."""
    return str(practice.services.customers.by_user_id(practice.actor, user_id).lock.standing)


@pytest.mark.parametrize("window", [WINDOW, SMALL_WINDOW], ids=str)
@pytest.mark.rule("R-54", "E-36")
async def test_a_master_user_is_unblocked_after_a_second_person_agreed(
    practice: Practice, window: tuple[int, int]
) -> None:
    async with at_the_approvals(practice, window=window) as desk:
        await desk.stands_before_unblocking(cause=1)
        assert desk.shows("マスターユーザーの閉塞を解除します。パスワードは変わりません。")
        assert desk.shows("解除しても再び閉塞となるおそれがあります。")
        await desk.approves()
        await desk.comes_to("S500-3")
        await desk.sees("IU01 閉塞を解除しました。お客様は、いまのパスワードでご利用いただけます。")
        await desk.sees("状態 利用中")
        await desk.presses("f12")
        await desk.comes_to("S100")
    assert standing(practice, "heisoku04") == "active"


@pytest.mark.rule("R-47", "R-49")
async def test_the_way_to_the_block_is_shown_and_no_cause_is_preset(desk: ApprovalDriver) -> None:
    await desk.begins_transaction("301")
    await desk.takes_paper_and_user("heisoku04")
    await desk.comes_to("S500")
    await desk.sees("3回目 2026-03-02(月) 08:58:00 閉塞")
    await desk.sees("パスワードの誤り 6回目")
    await desk.sees("60分間のロック")
    assert desk.shows("パスワードをお忘れの場合、解除だけではご利用いただけません。")
    assert not desk.shows("(o)")
    await desk.presses("f12")
    await desk.sees("EA01 閉塞の原因を選択してください。")


@pytest.mark.rule("R-52", "E-37", "E-38")
@pytest.mark.parametrize(
    ("user_id", "sentence"),
    [
        ("ippan005", "EU02 一般ユーザーの閉塞は、窓口では解除できません。"),
        ("rokku007", "EU03 閉塞ではなくロック中です。"),
        ("koushin01", "EU04 このユーザーは閉塞されていません。"),
    ],
)
async def test_who_cannot_be_unblocked_is_refused_before_anything_is_asked(
    desk: ApprovalDriver, user_id: str, sentence: str
) -> None:
    await desk.begins_transaction("301")
    await desk.takes_paper_and_user(user_id)
    await desk.sees(sentence)
    assert desk.stands_on == "S302"
    number = desk.reception_no
    await desk.breaks_off()
    assert desk.practice.state(number) is CaseState.VOIDED


async def test_a_second_unblocking_is_flagged_to_clerk_and_supervisor(desk: ApprovalDriver) -> None:
    await desk.stands_before_unblocking()
    await desk.approves()
    await desk.comes_to("S500-3")
    await desk.presses("f12")
    await desk.comes_to("S100")
    await asyncio.to_thread(block, desk.practice, "heisoku04")
    await desk.begins_transaction("301")
    await desk.takes_paper_and_user("heisoku04")
    await desk.comes_to("S500")
    await desk.sees("【要確認】この30日間に1回、閉塞を解除しています。")
    await desk.presses("space", "f12")
    await desk.comes_to("S500-2")
    await desk.asks_the_supervisor()
    await desk.sees("【要確認】この30日間に1回、閉塞を解除しています。")


def block(practice: Practice, user_id: str) -> None:
    """As eighteen wrong passwords do."""
    with practice.database.transaction() as session:
        user = session.exec(select(User).where(User.user_id == user_id)).one()
        user.status = "blocked"

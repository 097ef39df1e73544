"""S600: two people, one decision, at the clerk's own terminal or out of the inbox."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import fields
from datetime import date
from typing import Any

import pytest
from sqlmodel import select

from db.tables.user import User
from kiosk.rules.approvals import ApprovalState, ApprovalSubject
from kiosk.rules.shown import Shown
from kiosk.services.acting import Actor
from kiosk.services.approved.views import ApprovalView
from kiosk.training.people import STAFF_PASSWORD
from screens.approving.words import facts_of
from screens.dates import day_text
from screens.parts import Counter
from tests.support.drivers.approvals import SURE, ApprovalDriver, at_the_approvals
from tests.support.drivers.counter import SMALL_WINDOW, WINDOW
from tests.support.drivers.desk import signed_on
from tests.support.practice import Practice


@pytest.fixture
async def desk(practice: Practice) -> AsyncIterator[ApprovalDriver]:
    """`op001` in front of the menu."""
    async with at_the_approvals(practice) as driver:
        yield driver


def newest(practice: Practice, number: str) -> ApprovalView:
    """The request of a reception as it stands now."""
    view = practice.services.approving.of_case(practice.actor, number)
    assert view is not None
    return view


def somebody_tries_a_password(practice: Practice, user_id: str) -> None:
    """What was shown to the supervisor is no longer so."""
    with practice.database.transaction() as session:
        user = session.exec(select(User).where(User.user_id == user_id)).one()
        user.charges += 1
        user.consecutive_failures += 1


def supervisor(practice: Practice) -> Actor:
    """`op002` at another terminal."""
    return signed_on(practice, "op002")


@pytest.mark.parametrize("window", [WINDOW, SMALL_WINDOW], ids=str)
@pytest.mark.rule("I-10", "I-17")
async def test_the_dialog_says_who_whom_what_why_on_which_paper_and_with_which_effect(
    practice: Practice, window: tuple[int, int]
) -> None:
    async with at_the_approvals(practice, window=window) as desk:
        number = await desk.stands_before_approval(reason=3)
        await desk.asks_the_supervisor()
        for text in (
            "S600 役席承認",
            f"201 失効 {number}",
            "窓口 一郎(op001)",
            "pchenko03 変更 次郎 マスターユーザー",
            practice.services.customers.by_user_id(practice.actor, "pchenko03").certificates[0].serial,
            "パソコンの紛失",
            "依頼書 K0001",
            "来店者の本人確認",
            "失効すると元に戻せません。",
            "承認者のID",
            "[ 承認 ]",
            "[ 差戻し ]",
            "[>中止<]",
        ):
            await desk.sees(text)


NOT_IN_WORDS = {
    *("certificate_state", "delivery_state", "lock_standing", "failures", "lock_count", "charges"),
    *("branch_no", "subject", "channel", "then_reissue", "effects", "repeats"),
}
"""The state of the target, the branch that all of them share, and what the effects and the paper say in other words."""


@pytest.mark.rule("I-17")
@pytest.mark.parametrize("channel", ["counter", "phone"])
def test_whatever_an_approval_is_bound_to_is_put_into_words(channel: str) -> None:
    elsewhere = {"counter": {"called_back_to"}, "phone": {"document_type"}}[channel]
    days = {"issue_date": date(2026, 3, 2), "last_valid_date": date(2027, 3, 2)}
    words: dict[str, Any] = {
        field.name: f"<{field.name}>" for field in fields(Shown) if field.name not in {*NOT_IN_WORDS, *days}
    }
    shown = Shown(
        **{**words, **days, "checks": ("seal",), "subject": ApprovalSubject.REVOKE, "channel": channel},
        branch_no="012",
    )
    text = "\n".join(value for _, value in facts_of(shown))
    spelled = {**words, "checks": "届出印", **{name: day_text(day) for name, day in days.items()}}
    assert [name for name, said in spelled.items() if said not in text and name not in elsewhere] == []


async def test_enter_and_enter_again_never_decides(desk: ApprovalDriver) -> None:
    number = await desk.stands_before_approval()
    await desk.asks_the_supervisor()
    await desk.presses("enter")
    await desk.comes_to("S400-2")
    await desk.sees("承認の依頼を取り下げました。")
    assert newest(desk.practice, number).state is ApprovalState.WITHDRAWN
    await desk.asks_the_supervisor()
    await desk.signs_in_the_dialog()
    await desk.presses("enter", "enter", "enter")
    await desk.comes_to("S400-2")
    assert newest(desk.practice, number).state is ApprovalState.WITHDRAWN
    assert desk.practice.certificates("pchenko03") == ["active"]


@pytest.mark.rule("I-16")
async def test_own_work_and_the_wrong_role_are_refused_and_the_dialog_stays(desk: ApprovalDriver) -> None:
    await desk.stands_before_approval()
    await desk.asks_the_supervisor()
    await desk.waits(SURE)
    await desk.presses("f12")
    await desk.sees("承認者のIDを入力してください。")
    await desk.signs_in_the_dialog("op003")
    await desk.presses("f12")
    await desk.sees("EP02 承認権限がありません。")
    assert desk.secrets_held == 0
    await desk.signs_in_the_dialog("op001")
    await desk.presses("f12")
    await desk.sees("EP0")
    assert desk.stands_on == "S600"
    await desk.signs_in_the_dialog("op002")
    await desk.presses("f12")
    await desk.comes_to("S400-3")


@pytest.mark.rule("I-16")
async def test_a_supervisor_who_is_the_clerk_needs_another_one(practice: Practice) -> None:
    async with at_the_approvals(practice, "op002") as desk:
        await desk.stands_before_approval()
        await desk.approves("op002")
        await desk.sees("EP01 操作者本人は承認できません。別の役席者に依頼してください。")
        assert desk.stands_on == "S600"
    assert practice.certificates("pchenko03") == ["active"]


async def test_three_wrong_sign_ons_close_the_request(desk: ApprovalDriver) -> None:
    number = await desk.stands_before_approval()
    await desk.asks_the_supervisor()
    for left in (2, 1):
        await desk.signs_in_the_dialog("op002", "Chigau#99")
        await desk.waits(SURE)
        await desk.presses("f12")
        await desk.sees(f"あと{left}回誤ると、この依頼を閉じます")
    await desk.signs_in_the_dialog("op002", "Chigau#99")
    await desk.presses("f12")
    await desk.comes_to("S400-2")
    await desk.sees("EP06 承認者のサインオンを3回誤ったため、承認の依頼を閉じました。")
    assert newest(desk.practice, number).state is ApprovalState.VOID
    assert desk.app.actor.staff_id == "op001"


async def test_a_request_goes_back_only_with_a_reason(desk: ApprovalDriver) -> None:
    number = await desk.stands_before_approval()
    await desk.asks_the_supervisor()
    await desk.signs_in_the_dialog()
    await desk.clicks_button("差戻し")
    await desk.sees("EA01 理由を入力してください。")
    await desk.has_focus("reason")
    await desk.types("印影が不鮮明")
    await desk.clicks_button("差戻し")
    await desk.comes_to("S400-2")
    await desk.sees("WP03 差し戻されました。理由:印影が不鮮明")
    await desk.sees("内容を訂正し、もう一度承認を依頼してください。")
    assert newest(desk.practice, number).state is ApprovalState.REJECTED
    await desk.presses("f3")
    await desk.comes_to("S400")
    await desk.sees("選択中")


@pytest.mark.parametrize("way", ["f3", "escape"])
async def test_a_clerk_who_takes_back_what_the_inbox_has_sent_back_reads_why(
    desk: ApprovalDriver, way: str
) -> None:
    """F3 on the clerk's own screen, Esc in the dialog: nothing waits there any more."""
    number = await desk.stands_before_approval()
    await desk.presses("f11")
    await desk.sees("承認待ちです。")
    if way == "escape":
        await desk.asks_the_supervisor()
    view, boss = newest(desk.practice, number), supervisor(desk.practice)
    reject = desk.practice.services.approving.reject
    await asyncio.to_thread(reject, boss, view.approval_pk, view.digest, "[red]印影[/] {不鮮明}")
    await desk.presses(way)
    await desk.comes_to("S400" if way == "f3" else "S400-2")
    await desk.sees("WP03 差し戻されました。理由:[red]印影[/] {不鮮明}")


@pytest.mark.rule("I-17")
async def test_a_change_after_the_request_voids_it(desk: ApprovalDriver) -> None:
    number = await desk.stands_before_unblocking()
    await desk.presses("f11")
    await desk.sees("承認箱へ送りました。")
    view = newest(desk.practice, number)
    boss = supervisor(desk.practice)
    await asyncio.to_thread(desk.practice.services.approving.approve, boss, view.approval_pk, view.digest)
    await asyncio.to_thread(somebody_tries_a_password, desk.practice, "heisoku04")
    await desk.presses("f5")
    await desk.sees("WP10 承認されました。")
    await desk.presses("f12")
    await desk.sees("EP04 承認後に内容が変わったため、承認は無効になりました。")
    assert newest(desk.practice, number).state is ApprovalState.VOID
    await desk.approves()
    await desk.comes_to("S500-3")


@pytest.mark.rule("I-17")
async def test_an_approval_dies_after_ten_minutes(desk: ApprovalDriver) -> None:
    number = await desk.stands_before_approval()
    await desk.presses("f11")
    await desk.sees("承認箱へ送りました。")
    view = newest(desk.practice, number)
    boss = supervisor(desk.practice)
    await asyncio.to_thread(desk.practice.services.approving.approve, boss, view.approval_pk, view.digest)
    await desk.presses("f5")
    await desk.sees("失効を実行")
    desk.practice.clock.step(minutes=11)
    await desk.presses("f12")
    await desk.sees("EP08 承認の有効時間(10分)が過ぎました。処理は行われていません。")
    assert desk.practice.certificates("pchenko03") == ["active"]


async def test_the_idle_lock_in_the_dialog_wipes_the_password_and_keeps_the_request(
    practice: Practice,
) -> None:
    counter = Counter(training=True, idle_lock_after=600.0)
    async with at_the_approvals(practice, counter=counter) as desk:
        number = await desk.stands_before_approval()
        await desk.asks_the_supervisor()
        await desk.signs_in_the_dialog()
        assert desk.secrets_held == len(STAFF_PASSWORD)
        desk.app.lock()
        await desk.comes_to("S001")
        await desk.types(STAFF_PASSWORD)
        await desk.presses("enter")
        await desk.comes_to("S600")
        assert desk.secrets_held == 0
        assert newest(practice, number).state is ApprovalState.ASKED


async def test_the_clerk_waits_and_goes_on_when_the_inbox_has_decided(desk: ApprovalDriver) -> None:
    number = await desk.stands_before_approval(reason=3)
    await desk.presses("f11")
    await desk.sees("承認待ちです。")
    await desk.presses("f5")
    await desk.sees("まだ承認されていません。")
    view = newest(desk.practice, number)
    await desk.presses("escape")
    await desk.sees("承認の依頼を残したまま、画面を離れます。")
    await desk.says_yes()
    await desk.comes_to("S100")
    await asyncio.to_thread(
        desk.practice.services.approving.approve,
        supervisor(desk.practice),
        view.approval_pk,
        view.digest,
    )
    await desk.starts("801", "S700")
    await desk.sees("役席の承認は済んでいますが、処理がまだ行われていません。")
    await desk.presses("f12")
    await desk.comes_to("S400-2")
    await desk.sees("承認されました。")
    await desk.presses("f12")
    await desk.comes_to("S400-3")
    await desk.sees("op002")


@pytest.mark.parametrize("window", [WINDOW, SMALL_WINDOW], ids=str)
async def test_a_supervisor_decides_out_of_the_inbox(practice: Practice, window: tuple[int, int]) -> None:
    async with at_the_approvals(practice) as desk:
        number = await desk.stands_before_approval(reason=3)
        await desk.presses("f11")
        await desk.sees("承認待ちです。")
    async with at_the_approvals(practice, "op002", window=window) as desk:
        await desk.sees("承認待ち")
        await desk.starts("601", "S600")
        await desk.sees("pchenko03 変更 次郎")
        await desk.sees("窓口 一郎")
        await desk.presses("f12")
        await desk.comes_to("S600")
        await desk.has_focus("cancel")
        await desk.presses("enter")
        await desk.has_focus("inbox")
        await desk.presses("f12")
        await desk.has_focus("cancel")
        await desk.waits(SURE)
        await desk.clicks_button("承認")
        await desk.sees(f"IP01 受付{number}の依頼を承認しました。")
        await desk.sees("承認を待っている依頼はありません。")
    assert newest(practice, number).state is ApprovalState.APPROVED


async def test_the_board_sends_a_clerk_to_a_supervisor_and_not_to_the_inbox(desk: ApprovalDriver) -> None:
    await desk.stands_before_approval(reason=3)
    await desk.presses("f11")
    await desk.sees("承認待ちです。")
    await desk.presses("escape")
    await desk.sees("承認の依頼を残したまま、画面を離れます。")
    await desk.waits(SURE)
    await desk.presses("right", "enter")
    await desk.comes_to("S100")
    await desk.sees("役席者に「601")


async def test_a_clerk_has_no_inbox(desk: ApprovalDriver) -> None:
    await desk.types("601")
    await desk.presses("enter")
    await desk.sees("ET03 この取引を行う権限がありません。")

"""S700: what another terminal left behind is settled by a supervisor, once that terminal is gone for sure."""

import asyncio
from datetime import timedelta

import pytest
from sqlmodel import col, select

from db.tables import Case
from db.tables.branch import Terminal
from kiosk.secret import Secret
from kiosk.training.people import USER_PASSWORD
from tests.support.drivers.counter import SMALL_WINDOW
from tests.support.drivers.desk import at_the_desk
from tests.support.practice import Practice


def left_on_terminal_02(practice: Practice, silent_for: timedelta) -> str:
    """A certificate that was reserved at terminal 02 when it broke; the reception number."""
    services, actor = practice.services, practice.actor
    number = practice.reception()
    services.authenticating.submit_password(actor, number, "koushin01", Secret(USER_PASSWORD))
    services.authenticating.submit_code(actor, number, Secret(practice.code))
    practice.signs(number)
    broken = services.staffing.register_terminal("012", "02")
    elsewhere = number.replace("-012-01-", "-012-02-")
    with practice.database.transaction() as session:
        case = session.exec(select(Case).where(col(Case.reception_no) == number)).one()
        case.reception_no, case.terminal_pk = elsewhere, broken.terminal_pk
        terminal = session.exec(select(Terminal).where(col(Terminal.pk) == broken.terminal_pk)).one()
        terminal.seen_at = practice.clock.now() - silent_for
    return elsewhere


@pytest.mark.rule("E-84", "E-85")
@pytest.mark.parametrize("window", [(120, 36), SMALL_WINDOW])
async def test_what_a_broken_terminal_left_is_given_up_at_another_one(
    practice: Practice, window: tuple[int, int]
) -> None:
    number = await asyncio.to_thread(left_on_terminal_02, practice, timedelta(minutes=20))
    async with at_the_desk(practice, "op002", window) as desk:
        await desk.starts("801", "S700")
        await desk.sees(number)
        await desk.sees("p12ファイル koushin01")
        await desk.presses("f12")
        await desk.comes_to("Confirm")
        await desk.waits(0.5)
        await desk.presses("right", "enter")
        await desk.sees("【完了】IM13")


@pytest.mark.rule("E-85")
async def test_a_terminal_that_still_runs_is_left_alone(practice: Practice) -> None:
    await asyncio.to_thread(left_on_terminal_02, practice, timedelta(minutes=5))
    async with at_the_desk(practice, "op002") as desk:
        await desk.starts("801", "S700")
        await desk.sees("失効して終了")
        await desk.presses("f12")
        await desk.comes_to("Confirm")
        await desk.waits(0.5)
        await desk.presses("right", "enter")
        await desk.sees("【エラー】ES19 端末02は動作中です。(最後の確認 2026年3月2日 9時55分)")
        await desk.sees("止まってから15分後に役席が処理できます。")


def in_the_middle(practice: Practice) -> None:
    """The same reception, between the reservation and the signature."""
    with practice.database.transaction() as session:
        from db.tables import Certificate, Delivery

        case = session.exec(select(Case).where(col(Case.state) == "issued")).one()
        row = session.exec(select(Certificate).where(col(Certificate.case_pk) == case.pk)).one()
        session.delete(session.exec(select(Delivery).where(col(Delivery.certificate_pk) == row.pk)).one())
        row.state, row.der, row.issued_at, case.state = "reserved", None, None, "issuing"


@pytest.mark.rule("E-85")
async def test_a_supervisor_ends_what_nobody_knows_the_result_of(practice: Practice) -> None:
    number = await asyncio.to_thread(left_on_terminal_02, practice, timedelta(minutes=20))
    in_the_middle(practice)
    async with at_the_desk(practice, "op002") as desk:
        await desk.starts("801", "S700")
        await desk.sees(number)
        await desk.sees("端末が戻らないときは、役席が「次の処理」で終了できます。")
        await desk.presses("f12")
        await desk.sees("端末02が途中で残した取引を、この端末で終了します。")
        await desk.has_focus("no")
        await desk.waits(0.5)
        await desk.clicks("終了する ]")
        await desk.sees("【完了】IM15 端末02の取引を終了しました。(取消1件、失効0件)")
        await desk.sees("未完了の取引はありません。")
        assert "recovery:terminal:settled" in desk.journal_tags


async def test_a_clerk_is_sent_to_the_terminal_itself(practice: Practice) -> None:
    await asyncio.to_thread(left_on_terminal_02, practice, timedelta(minutes=20))
    in_the_middle(practice)
    async with at_the_desk(practice) as desk:
        await desk.starts("801", "S700")
        await desk.sees("端末の再起動")
        await desk.presses("f12")
        await desk.sees("WM17 この取引は、扱っていた端末02が処理します。")

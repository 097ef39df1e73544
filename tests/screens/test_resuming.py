"""801: a reception that was left in the middle is taken up as what it was begun as, from wherever it was left."""

import pytest

from kiosk.rules.cases import CaseState
from kiosk.rules.operations import Transaction
from tests.support.drivers.approvals import ApprovalDriver, at_the_approvals
from tests.support.practice import Practice

BEGINNINGS = {"201": "pchenko03", "202": "pchenko03", "301": "heisoku04"}
"""What is begun, and for whom it can be."""
THIRD = {"201": "S400", "202": "S410-1", "301": "S500"}
"""Step 3 of each."""


async def begin(desk: ApprovalDriver, number: str) -> None:
    """Step 1, up to the choice of the user."""
    if number == "202":
        await desk.begins_transaction(number, "S410")
        await desk.takes_the_call()
    else:
        await desk.begins_transaction(number)
        await desk.receives()
    await desk.comes_to("S302")


async def take_up(desk: ApprovalDriver) -> None:
    """The only line of 801."""
    await desk.starts("801", "S700")
    await desk.sees("再開(または取消)")
    await desk.presses("f12")


@pytest.mark.parametrize("number", BEGINNINGS)
async def test_what_was_left_before_a_user_was_chosen_goes_on_with_the_choice(
    practice: Practice, number: str
) -> None:
    async with at_the_approvals(practice) as desk:
        await begin(desk, number)
        left = desk.reception_no
    async with at_the_approvals(practice) as desk:
        await take_up(desk)
        await desk.comes_to("S302")
        assert desk.reception_no == left
        await desk.finds(BEGINNINGS[number])
        await desk.comes_to(THIRD[number])


@pytest.mark.parametrize("number", BEGINNINGS)
async def test_what_was_left_before_the_transaction_stood_shows_its_user(
    practice: Practice, number: str
) -> None:
    async with at_the_approvals(practice) as desk:
        await begin(desk, number)
        await desk.types(BEGINNINGS[number])
        await desk.presses("enter")
        await desk.has_focus("go")
        assert desk.practice.state(desk.reception_no) is CaseState.USER_CHOSEN
    async with at_the_approvals(practice) as desk:
        await take_up(desk)
        await desk.comes_to("S302")
        await desk.has_focus("go")
        await desk.presses("f12")
        await desk.comes_to(THIRD[number])


@pytest.mark.parametrize("number", BEGINNINGS)
async def test_what_was_left_after_both_goes_on_at_step_3(practice: Practice, number: str) -> None:
    async with at_the_approvals(practice) as desk:
        await begin(desk, number)
        await desk.finds(BEGINNINGS[number])
        await desk.comes_to(THIRD[number])
    async with at_the_approvals(practice) as desk:
        await take_up(desk)
        await desk.comes_to(THIRD[number])
        await desk.presses("f3")
        await desk.comes_to("S302")


@pytest.mark.rule("E-75")
async def test_a_change_of_pc_that_waits_for_its_approval_keeps_its_second_act(practice: Practice) -> None:
    async with at_the_approvals(practice) as desk:
        await desk.stands_before_approval()
        await desk.asks_the_supervisor()
    async with at_the_approvals(practice) as desk:
        await desk.starts("801", "S700")
        await desk.sees("承認待ち")
        await desk.presses("f12")
        await desk.comes_to("S400-2")
        await desk.sees("続けて、この受付で再発行を行います。")


@pytest.mark.rule("E-76", "I-17")
async def test_what_was_asked_about_another_user_is_not_taken_for_the_one_at_hand(practice: Practice) -> None:
    async with at_the_approvals(practice) as desk:
        number = await desk.stands_before_approval()
        await desk.presses("f11")
        await desk.sees("承認箱へ送りました。")
    casework = practice.services.casework
    casework.choose_user(practice.actor, number, practice.user_pk("koushin01"))
    casework.choose_transaction(practice.actor, number, Transaction.REVOKE)
    async with at_the_approvals(practice) as desk:
        await desk.starts("801", "S700")
        await desk.sees("koushin01")
        await desk.presses("f12")
        await desk.comes_to("S400")
        assert not desk.shows("選択中")


async def test_what_is_resumed_can_be_broken_off(practice: Practice) -> None:
    async with at_the_approvals(practice) as desk:
        await begin(desk, "202")
        left = desk.reception_no
    async with at_the_approvals(practice) as desk:
        await take_up(desk)
        await desk.comes_to("S302")
        await desk.breaks_off("S700")
        assert desk.practice.state(left) is CaseState.VOIDED

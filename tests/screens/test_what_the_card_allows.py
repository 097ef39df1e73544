"""Every cell of role, kind of user, state of the user and transaction, on the card (`tests.support.allowed`)."""

from collections.abc import Iterator
from itertools import groupby

import pytest

from kiosk.rules.operations import Transaction
from screens.customer import Customer
from tests.support.allowed import SITUATIONS, Cell, a_user_in, cells, refused_staff
from tests.support.drivers.approvals import ApprovalDriver, at_the_approvals
from tests.support.drivers.desk import signed_on
from tests.support.practice import Practice

LINES = (
    Transaction.FIRST_ISSUE,
    Transaction.RENEW,
    Transaction.REISSUE,
    Transaction.REVOKE,
    Transaction.EMERGENCY_REVOKE,
    Transaction.UNBLOCK,
)
"""Of 「いまできること」, from the top."""


def users() -> Iterator[tuple[str, str, dict[Transaction, str]]]:
    """Role, situation and what the table says about each transaction."""

    def whom(cell: Cell) -> tuple[str, str]:
        return cell.user_role, cell.situation

    for (role, situation), of_one in groupby(cells(), whom):
        yield role, situation, {cell.transaction: cell.answer for cell in of_one}


async def opens(desk: ApprovalDriver, practice: Practice, staff_id: str, user_pk: int) -> None:
    """The card of a user, with the cursor on the first line."""
    card = practice.services.customers.card(signed_on(practice, staff_id), user_pk)
    desk.app.push_screen(Customer(card))
    await desk.comes_to("S210")
    await desk.has_focus("actions")
    await desk.presses("home")


async def answers_as(desk: ApprovalDriver, expected: dict[Transaction, str]) -> None:
    """Go down the lines: what is refused says its code, what is allowed says 可."""
    for transaction in LINES:
        answer = expected[transaction]
        if answer == "ok":
            assert any(
                f"{transaction}  " in line and " 可 " in line and "不可" not in line for line in desk.glass
            )
        else:
            await desk.presses("f12")
            await desk.sees(f"】{answer} ")
        await desk.presses("down")
    await desk.presses("f3")
    await desk.comes_to("S100")


@pytest.mark.timeout(300)
@pytest.mark.rule("R-16", "R-50", "R-52", "R-54", "E-30", "E-37", "E-38", "E-39", "E-73", "E-77")
@pytest.mark.parametrize("staff_id", ["op001", "op002"], ids=["clerk", "supervisor"])
@pytest.mark.parametrize("role", ["master", "general"])
async def test_the_card_says_of_every_user_what_the_table_says(
    practice: Practice, role: str, staff_id: str
) -> None:
    async with at_the_approvals(practice, staff_id) as desk:
        for user_role, situation, expected in users():
            if user_role == role:
                user = a_user_in(practice.database, user_role, situation)
                await opens(desk, practice, staff_id, user.pk)
                await answers_as(desk, expected)


@pytest.mark.parametrize(("staff_id", "line"), [("op003", "auditor"), ("op004", "administrator")])
async def test_who_only_looks_is_told_so_in_every_line(practice: Practice, staff_id: str, line: str) -> None:
    user = a_user_in(practice.database, "master", next(iter(SITUATIONS)))
    async with at_the_approvals(practice, staff_id) as desk:
        await opens(desk, practice, staff_id, user.pk)
        await answers_as(desk, refused_staff()[line])

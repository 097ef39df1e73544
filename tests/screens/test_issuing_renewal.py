"""A whole renewal at the counter, from the paper to the receipt."""

from tests.support.drivers.issuing import at_the_issue
from tests.support.practice import Practice


async def test_a_renewal_by_keyboard(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        await person.comes_to_step_6()
        await person.issues()
        await person.comes_to("S308")
        await person.sees("IM10 発行しました。")
        [name] = practice.files_on("stick-A")
        assert name == "koushin0120260302100000.p12"
        await person.presses("f12")
        await person.hands_over()

"""Step 2: a clerk with a queue types the ID, Enter takes it, F12 goes on; nobody is ever taken by mistake."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.support.drivers.issuing import IssueDriver, at_the_issue
from tests.support.practice import Practice

CHOSEN = "ユーザーID koushin01"


@asynccontextmanager
async def at_step_2(practice: Practice) -> AsyncIterator[IssueDriver]:
    async with at_the_issue(practice) as person:
        await person.begins()
        await person.receives()
        yield person


@pytest.mark.parametrize("key", ["enter", "f12"])
async def test_the_only_user_found_is_chosen_by_one_key(practice: Practice, key: str) -> None:
    async with at_step_2(practice) as person:
        await person.types("koushin01")
        await person.presses(key)
        await person.has_focus("go")
        await person.sees(CHOSEN)
        await person.presses("f12")
        await person.comes_to("S303")


async def test_of_several_none_is_chosen_by_itself(practice: Practice) -> None:
    async with at_step_2(practice) as person:
        await person.types("1234567")
        await person.presses("enter")
        await person.has_focus("found")
        await person.sees("まだ選択されていません。")
        await person.presses("enter")
        await person.has_focus("go")


async def test_a_new_search_means_somebody_else(practice: Practice) -> None:
    """F12 never goes on with the user before, while the field names another one."""
    async with at_step_2(practice) as person:
        await person.types("koushin01")
        await person.presses("enter")
        await person.has_focus("go")
        await person.presses("shift+tab", "shift+tab", "ctrl+u")
        await person.has_focus("search")
        await person.types("kigen006")
        await person.presses("f12")
        await person.sees("ユーザーID kigen006")
        assert person.stands_on == "S302"


async def test_without_anybody_the_way_on_is_closed(practice: Practice) -> None:
    async with at_step_2(practice) as person:
        await person.presses("f12")
        await person.sees("EC11")
        await person.has_focus("search")

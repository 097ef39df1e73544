"""The locked screen: everything covered, the transaction kept, secrets gone."""

from dataclasses import replace

import pytest

from screens.parts import Counter
from screens.widgets.secret_field import SecretField
from tests.screens.test_sign_in import kiosk, signs_on
from tests.support.builders import STAFF_PASSWORD
from tests.support.clock import SteppedClock
from tests.support.drivers.counter import AtTheCounter, at_the_counter
from tests.support.drivers.desk import at_the_desk
from tests.support.practice import Practice

SHORT = Counter(idle_lock_after=1.0)


async def until_locked(person: AtTheCounter) -> None:
    await signs_on(person)
    await person.comes_to("S999")
    await person.types("tanaka01")
    await person.presses("enter", *"Aa1#")
    person.app.counter = SHORT  # not before: on a busy machine typing takes longer
    await person.comes_to("S001")


@pytest.mark.rule("I-21")
async def test_nothing_of_the_work_is_visible_and_the_password_is_wiped(door: object) -> None:
    async with at_the_counter(kiosk(door)) as person:
        await until_locked(person)
        assert person.shows("一定時間操作がなかったため、画面を保護しました。")
        assert person.shows("係員 窓口 花子")
        assert not person.shows("tanaka01")
        below = person.app.screen_stack[-2]
        assert not below.query_one(SecretField).secret


async def test_the_journal_hears_of_it_once(practice: Practice) -> None:
    async with at_the_desk(practice) as desk:
        desk.app.counter = replace(desk.app.counter, idle_lock_after=0.5)
        await desk.comes_to("S001")
        await desk.waits(0.5)
        assert desk.journal_tags.count("staff:screen:locked") == 1


async def test_the_operators_password_brings_everything_back_but_the_secret(door: object) -> None:
    async with at_the_counter(kiosk(door)) as person:
        await until_locked(person)
        person.app.counter = Counter()
        await person.types("Chigau#01")
        await person.presses("enter")
        await person.sees("ET01")
        await person.types(STAFF_PASSWORD)
        await person.presses("enter")
        await person.comes_to("S999")
        assert person.shows("tanaka01")
        await person.has_focus("password")


async def test_the_screens_below_cannot_be_reached(door: object) -> None:
    async with at_the_counter(kiosk(door)) as person:
        await until_locked(person)
        await person.presses("f3", "f5", "f9", "tab", "tab", "f2", "ctrl+l", "ctrl+l")
        assert person.stands_on == "S001"


async def test_an_operator_who_does_not_come_back_can_be_signed_off(
    door: object, clock: SteppedClock
) -> None:
    async with at_the_counter(kiosk(door, clock)) as person:
        await until_locked(person)
        await person.presses("escape")
        await person.comes_to("Confirm")
        await person.sees("受付済みの取引は「801 未完了取引」に残ります。")
        await person.waits(0.5)
        await person.presses("right", "enter")
        await person.comes_to("S000")
        assert person.app.signed_on is None
        person.app.counter = Counter()
        await signs_on(person)
        await person.comes_to("S999")
        assert not person.shows("tanaka01")


async def test_a_key_now_and_then_keeps_the_screen_open(door: object) -> None:
    async with at_the_counter(kiosk(door, counter=Counter(idle_lock_after=4.0))) as person:
        await signs_on(person)
        await person.comes_to("S999")
        for _key in range(7):
            await person.waits(0.7)
            await person.presses("a")
        assert person.stands_on == "S999"


async def test_the_sign_on_screen_is_not_locked(door: object) -> None:
    async with at_the_counter(kiosk(door, counter=Counter(idle_lock_after=0.5))) as person:
        await person.waits(1.5)
        assert person.stands_on == "S000"

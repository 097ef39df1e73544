"""S000: signing on, with the real service behind it."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from textual import events
from textual.keys import _character_to_key

from kiosk.errors import DatabaseUnavailable
from screens.app import KioskApp
from screens.kiosk import kiosk_app
from screens.parts import Counter, PracticeAccount
from tests.support.builders import STAFF_PASSWORD
from tests.support.clock import SteppedClock
from tests.support.drivers.counter import SMALL_WINDOW, AtTheCounter, at_the_counter
from tests.support.shell import Plain

TRAINING = Counter(
    training=True,
    practice_accounts=(
        PracticeAccount(staff_id="op001", role="clerk", password=STAFF_PASSWORD),
        PracticeAccount(staff_id="op002", role="supervisor", password=STAFF_PASSWORD),
    ),
)


def kiosk(services: object, clock: SteppedClock | None = None, counter: Counter | None = None) -> KioskApp:
    """The kiosk as a branch starts it, with a plain screen for the desk."""
    open_services: Callable[[], Any] = services if callable(services) else lambda: services
    return kiosk_app(open_services, Plain, counter=counter, clock=clock)


async def signs_on(person: AtTheCounter, staff_id: str = "op001", password: str = STAFF_PASSWORD) -> None:
    await person.has_focus("staff_id")
    await person.types(staff_id)
    await person.presses("enter")
    await person.types(password)
    await person.presses("enter")


@pytest.mark.parametrize("window", [(120, 36), SMALL_WINDOW])
async def test_the_right_password_opens_the_desk(
    door: object, clock: SteppedClock, window: tuple[int, int]
) -> None:
    async with at_the_counter(kiosk(door, clock), window) as person:
        await signs_on(person)
        await person.comes_to("S999")
        assert person.shows("係員 窓口 花子")
        assert person.shows("012 第012支店 端末01")
        assert person.app.actor.staff_id == "op001"


async def test_a_click_on_the_name_of_a_field_is_a_click_on_the_field(door: object) -> None:
    async with at_the_counter(kiosk(door)) as person:
        await person.presses("enter")
        await person.has_focus("password")
        await person.clicks("オペレーターID ")
        await person.has_focus("staff_id")


async def test_the_mouse_alone_is_enough_but_for_the_password(door: object) -> None:
    async with at_the_counter(kiosk(door)) as person:
        await person.clicks("オペレーターID ")
        await person.types("op001")
        await person.clicks("_ _ _ _ _ _ _ _")
        await person.has_focus("password")
        await person.types(STAFF_PASSWORD)
        await person.clicks("F12")
        await person.comes_to("S999")


async def test_a_wrong_password_does_not_tell_which_of_the_two_was_wrong(
    door: object, clock: SteppedClock
) -> None:
    async with at_the_counter(kiosk(door, clock)) as person:
        await signs_on(person, "op001", "Chigau#01")
        await person.sees("ET01 オペレーターIDまたはパスワードが正しくありません。")
        await person.has_focus("password")
        known = person.words
        await person.presses("shift+tab", "f2")
        await signs_on(person, "op009", "Chigau#01")
        await person.no_longer_sees("* *")
        await person.sees("ET01")
        unknown = person.words
    assert known.replace("op001", "") == unknown.replace("op009", "")


async def test_three_wrong_passwords_pause_the_operator(door: object, clock: SteppedClock) -> None:
    async with at_the_counter(kiosk(door, clock)) as person:
        await signs_on(person, "op001", "Chigau#01")
        for _once_more in range(2):
            await person.sees("ET01")
            await person.has_focus("password")
            await person.types("Chigau#02")
            await person.presses("enter")
        await person.sees("ET02")
        await person.sees("10時05分まで止めています")


@pytest.mark.rule("I-21")
async def test_the_password_is_never_on_the_glass_and_gone_afterwards(door: object) -> None:
    async with at_the_counter(kiosk(door)) as person:
        await signs_on(person, password="Chigau#01")
        await person.sees("ET01")
        assert not person.shows("Chigau")
        assert not person.app.screen.query_one("#password").secret  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("keys", "sentence", "field"),
    [
        (("f12",), "EA01 オペレーターIDを入力してください。", "staff_id"),
        ((*"op001", "f12"), "EA01 パスワードを入力してください。", "password"),
    ],
)
async def test_an_empty_field_is_told_before_anything_is_counted(
    door: object, keys: tuple[str, ...], sentence: str, field: str
) -> None:
    async with at_the_counter(kiosk(door)) as person:
        await person.has_focus("staff_id")
        await person.presses(*keys)
        await person.sees(sentence)
        await person.has_focus(field)


async def test_what_is_typed_before_the_services_are_open_is_used_when_they_are(door: object) -> None:
    doors_open = threading.Event()

    def slow() -> object:
        doors_open.wait(10)
        return door

    async with at_the_counter(kiosk(slow)) as person:
        await signs_on(person)
        await person.sees("準備しています。")
        doors_open.set()
        await person.comes_to("S999")


async def test_a_registry_that_cannot_be_reached_is_told_and_tried_again(door: object) -> None:
    answers: list[object] = [DatabaseUnavailable(), door]

    def opening() -> object:
        answer = answers.pop(0)
        if isinstance(answer, DatabaseUnavailable):
            raise answer
        return answer

    async with at_the_counter(kiosk(opening)) as person:
        await person.sees("ES03 センターと通信できません。")
        await person.presses("f5")
        await signs_on(person)
        await person.comes_to("S999")


async def test_whoever_was_quicker_than_a_failing_start_can_try_again(door: object) -> None:
    fail = threading.Event()
    answers = [False, True]

    def opening() -> object:
        if answers.pop(0):
            return door
        fail.wait(10)
        raise DatabaseUnavailable

    async with at_the_counter(kiosk(opening)) as person:
        await signs_on(person)
        await person.sees("準備しています。")
        fail.set()
        await person.sees("ES03 センターと通信できません。")
        await person.presses("f5")
        await person.no_longer_sees("ES03")
        await person.presses("f12")
        await person.comes_to("S999")


async def test_settings_that_arrive_while_somebody_waits_do_not_lose_the_password(door: object) -> None:
    doors_open = threading.Event()

    def slow() -> object:
        doors_open.wait(10)
        return door

    app = kiosk(slow)
    app._counter_of = lambda _services: TRAINING
    async with at_the_counter(app) as person:
        await signs_on(person)
        await person.sees("準備しています。")
        doors_open.set()
        await person.comes_to("S999")


@pytest.mark.rule("I-21")
async def test_a_password_typed_in_one_breath_never_lands_in_the_field_before(door: object) -> None:
    async with at_the_counter(kiosk(door)) as person:
        await person.has_focus("staff_id")
        for character in f"op001\r{STAFF_PASSWORD}\r":
            key = "enter" if character == "\r" else _character_to_key(character)
            person.app.post_message(events.Key(key, character))
        await person.comes_to("S999")


async def test_training_shows_the_practice_accounts_and_says_what_it_is(door: object) -> None:
    async with at_the_counter(kiosk(door, counter=TRAINING), SMALL_WINDOW) as person:
        await person.sees("【訓練】この画面の操作は実際の契約に反映されません。")
        assert person.shows("op002 役席 パスワード Kunren#01")
        assert person.glass[0].strip().startswith("【訓練】S000")


async def test_a_real_counter_shows_no_account(door: object) -> None:
    accounts_by_mistake = Counter(practice_accounts=TRAINING.practice_accounts)
    async with at_the_counter(kiosk(door, counter=accounts_by_mistake)) as person:
        await person.sees("オペレーターIDとパスワードを入力してください。")
        assert not person.shows("op002")
        assert not person.shows("訓練")


async def test_an_input_method_left_on_costs_no_try(door: object) -> None:
    async with at_the_counter(kiosk(door)) as person:
        await signs_on(person, "ｏｐ００１", "Ｋｕｎｒｅｎ")
        await person.sees("EA04 全角文字が含まれています。")
        await person.sees("日本語入力を切って入力してください。")
        await person.has_focus("password")
        await person.presses("f2")
        await person.types(STAFF_PASSWORD)
        await person.presses("enter")
        await person.comes_to("S999")


async def test_the_practice_can_be_left_and_the_counter_cannot(door: object) -> None:
    async with at_the_counter(kiosk(door, counter=Counter(training=True))) as person:
        await person.presses("ctrl+q")
        assert person.app.is_running
        assert not person.shows("Ctrl+Q")
    async with at_the_counter(kiosk(door, counter=TRAINING), SMALL_WINDOW) as person:
        await person.sees("Ctrl+Q 練習を終了")
        await person.clicks("Ctrl+Q")
        await person.pilot.pause()
        assert not person.app.is_running


async def test_of_a_paste_that_is_too_long_stays_what_there_is_room_for(door: object) -> None:
    async with at_the_counter(kiosk(door)) as person:
        await person.has_focus("staff_id")
        await person.types("op")
        person.app.post_message(events.Paste("0" * 10_000 + "\nx"))
        await person.sees("op" + "0" * 30)
        assert person.app.screen.query_one("#staff_id").value == "op" + "0" * 30  # type: ignore[attr-defined]

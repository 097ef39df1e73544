"""The keyboard on the glass (R-46): by mouse, by arrow keys, in any arrangement, without telling what was pressed."""

import string
from typing import ClassVar

import pytest
from textual.app import ComposeResult

from kiosk.secret import Secret
from screens.base import KioskScreen
from screens.widgets.keyboard_layouts import KeyAction, arranged, caps
from screens.widgets.password_hints import PasswordCount, PasswordHints, PasswordMarks
from screens.widgets.secret_field import SecretField
from screens.widgets.soft_keyboard import SoftKeyboard
from tests.support.drivers.counter import SMALL_WINDOW, AtTheCounter, at_the_counter
from tests.support.shell import a_kiosk

TYPEABLE = set(string.ascii_letters + string.digits + string.punctuation)


class Typing(KioskScreen[None]):
    """A password field, its hints and the keyboard."""

    AUTO_FOCUS: ClassVar[str] = "#password"
    SHUFFLE: ClassVar[bool] = False

    def compose_task(self) -> ComposeResult:
        field = SecretField(id="password")
        yield field
        yield PasswordCount(id="count")
        yield PasswordHints(id="hints")
        yield SoftKeyboard(field=field, shuffle=self.SHUFFLE, id="keyboard")

    def on_secret_field_changed(self, event: SecretField.Changed) -> None:
        for marks in self.query(PasswordMarks):
            marks.show(event.field.secret)


class Shuffled(Typing):
    SHUFFLE = True


def keyboard_of(person: AtTheCounter) -> SoftKeyboard:
    return person.app.screen.query_one(SoftKeyboard)


def typed(person: AtTheCounter) -> str:
    return person.app.screen.query_one(SecretField).secret.reveal()


async def clicks_key(person: AtTheCounter, key: str | KeyAction) -> None:
    keyboard = keyboard_of(person)
    place = keyboard.place_of_action(key) if isinstance(key, KeyAction) else keyboard.place_of(key)
    assert place is not None, key
    left, top = keyboard.content_region.offset
    await person.pilot.click(offset=(left + place[0], top + place[1]))


async def clicks_password(person: AtTheCounter, password: str) -> None:
    for character in password:
        if character.isupper():
            await clicks_key(person, KeyAction.SHIFT)
        if keyboard_of(person).place_of(character) is None:
            await clicks_key(person, KeyAction.SYMBOLS)
        await clicks_key(person, character)
        if character.isupper():
            await clicks_key(person, KeyAction.SHIFT)


@pytest.mark.parametrize("window", [(120, 36), SMALL_WINDOW])
@pytest.mark.parametrize("screen", [Typing, Shuffled])
@pytest.mark.rule("R-46", "E-41")
async def test_a_password_can_be_typed_with_the_mouse_alone(
    screen: type[Typing], window: tuple[int, int]
) -> None:
    async with at_the_counter(a_kiosk(screen), window) as person:
        await clicks_password(person, "Kunren#{~9")
        assert typed(person) == "Kunren#{~9"
        assert person.focus == "password"
        await person.sees("10 / 8～12桁 英大 済 英小 済 数字 済 記号 済")


@pytest.mark.rule("R-43", "E-41")
def test_every_character_a_password_may_hold_has_a_key() -> None:
    arrangement = arranged(shuffle=False)
    there = {
        key.character
        for upper in (False, True)
        for page in (0, 1)
        for key in caps(arrangement, upper=upper, symbol_page=page)
    }
    assert there - {""} == TYPEABLE


def test_a_shuffled_keyboard_loses_no_key_and_is_drawn_anew_each_time() -> None:
    draws = [arranged(shuffle=True) for _ in range(4)]
    assert len({draw.letters for draw in draws}) > 1
    for draw in draws:
        assert set(draw.letters) == set(string.ascii_lowercase)
        assert set(draw.digits) == set(string.digits)
        assert set(draw.symbols) == set(string.punctuation)


@pytest.mark.parametrize("window", [(120, 36), SMALL_WINDOW])
async def test_keys_do_not_overlap_and_stay_inside_the_window(window: tuple[int, int]) -> None:
    async with at_the_counter(a_kiosk(Typing), window) as person:
        keyboard = keyboard_of(person)
        assert keyboard.key_size == ((6, 3) if window[0] == 120 else (4, 2))
        region = keyboard.region
        assert region.right <= window[0]
        assert region.bottom <= window[1] - 4
        for row in range(keyboard.content_size.height):
            owners = [keyboard.key_at(x, row) for x in range(keyboard.content_size.width)]
            assert sum(owner is not None for owner in owners) >= 30


@pytest.mark.rule("I-21")
async def test_pressing_a_key_changes_nothing_on_the_keyboard() -> None:
    async with at_the_counter(a_kiosk(Typing)) as person:
        keyboard = keyboard_of(person)
        before = [keyboard.render_line(y) for y in range(keyboard.content_size.height)]
        place = keyboard.place_of("k")
        assert place is not None
        left, top = keyboard.content_region.offset
        await person.pilot.mouse_down(offset=(left + place[0], top + place[1]))
        assert typed(person) == "k"
        assert [keyboard.render_line(y) for y in range(keyboard.content_size.height)] == before


async def test_the_arrow_keys_and_enter_move_on_the_same_grid() -> None:
    async with at_the_counter(a_kiosk(Typing)) as person:
        await person.presses("tab")
        assert person.focus == "keyboard"
        await person.presses("enter", "right", "down", "enter", "left", "space")
        assert typed(person) == "1wq"
        await person.presses("up", "up", "enter", "enter", "up", "enter")
        assert typed(person)[:3] == "1wq"


async def test_erasing_keys_erase() -> None:
    async with at_the_counter(a_kiosk(Typing)) as person:
        await clicks_password(person, "abc")
        await clicks_key(person, KeyAction.ERASE)
        assert typed(person) == "ab"
        await clicks_key(person, KeyAction.CLEAR)
        assert typed(person) == ""


async def test_the_other_language_moves_no_key() -> None:
    async with at_the_counter(a_kiosk(Shuffled)) as person:
        await clicks_key(person, "k")
        places = {character: keyboard_of(person).place_of(character) for character in string.ascii_lowercase}
        await person.presses("ctrl+l")
        await person.waits(0.1)
        assert places == {c: keyboard_of(person).place_of(c) for c in string.ascii_lowercase}
        await clicks_key(person, "k")
        assert typed(person) == "kk"


async def test_without_a_field_it_tells_its_screen_and_hides_the_character() -> None:
    seen: list[object] = []

    class Listening(Typing):
        def on_soft_keyboard_typed(self, event: SoftKeyboard.Typed) -> None:
            seen.append(event)

    async with at_the_counter(a_kiosk(Listening)) as person:
        keyboard_of(person).feed(None)
        await clicks_key(person, "k")
        await person.until(lambda: bool(seen))
        [event] = seen
        assert isinstance(event, SoftKeyboard.Typed)
        assert event.character.reveal() == "k"
        assert "k'" not in repr(vars(event))


@pytest.mark.parametrize(
    ("password", "count", "kinds"),
    [
        ("", "0 / 8～12桁", "英大 まだ  英小 まだ  数字 まだ  記号 まだ"),
        ("Aa1", "3 / 8～12桁", "英大 済  英小 済  数字 済  記号 まだ"),
        ("あ#", "2 / 8～12桁", "英大 まだ  英小 まだ  数字 まだ  記号 済"),
    ],
)
@pytest.mark.rule("R-42", "R-43")
def test_length_and_the_four_kinds_are_told_in_words(password: str, count: str, kinds: str) -> None:
    assert PasswordCount().text_of(Secret(password)) == count
    assert PasswordHints().text_of(Secret(password)) == kinds

"""A field that holds a password and shows only how long it is."""

import pytest

from screens.widgets.secret_field import HELD_AT_MOST, SecretField
from tests.support.drivers.counter import AtTheCounter, at_the_counter
from tests.support.shell import Plain, a_kiosk


def field_of(person: AtTheCounter) -> SecretField:
    return person.app.screen.query_one("#password", SecretField)


@pytest.mark.rule("I-21", "R-46")
async def test_only_stars_are_drawn_and_the_value_is_a_secret() -> None:
    async with at_the_counter(a_kiosk(Plain)) as person:
        await person.presses("enter", *"Aa1#")
        await person.sees("* * * * _ _ _ _ _ _ _ _")
        field = field_of(person)
        assert field.secret.reveal() == "Aa1#"
        assert "Aa1#" not in repr(field) + str(vars(field))


async def test_backspace_takes_one_back_and_delete_takes_all() -> None:
    async with at_the_counter(a_kiosk(Plain)) as person:
        await person.presses("enter", *"Aa1#", "backspace")
        assert field_of(person).secret.reveal() == "Aa1"
        await person.presses("delete")
        assert not field_of(person).secret
        await person.presses(*"Bb2", "f2")
        assert not field_of(person).secret


@pytest.mark.rule("E-40", "E-42")
async def test_nothing_is_cut_or_converted() -> None:
    """Too long and full-width are the rules' business: they can only refuse what they are shown."""
    async with at_the_counter(a_kiosk(Plain)) as person:
        field = field_of(person)
        person.app.screen.set_focus(field)
        await person.presses(*"Aa1#Aa1#Aa1#A", "あ", "space")
        assert field.secret.reveal() == "Aa1#Aa1#Aa1#Aあ "
        field.append("x" * HELD_AT_MOST)
        assert len(field.secret) == 15


async def test_keys_of_the_program_still_work_in_it() -> None:
    screen = Plain()
    async with at_the_counter(a_kiosk(lambda: screen)) as person:
        await person.presses("enter", "a", "f12")
        await person.until(lambda: screen.done == 1)
        await person.presses("escape")
        await person.comes_to("Confirm")


async def test_a_field_for_the_glass_only_ignores_the_real_keyboard() -> None:
    async with at_the_counter(a_kiosk(Plain)) as person:
        field = field_of(person)
        field.typed = False
        person.app.screen.set_focus(field)
        await person.presses(*"Aa1#")
        assert not field.secret
        field.append("A")
        assert len(field.secret) == 1
        await person.presses("backspace")
        assert not field.secret


async def test_a_lock_wipes_what_was_typed(door: object) -> None:
    async with at_the_counter(a_kiosk(Plain)) as person:
        await person.presses("enter", *"Aa1#")
        secret = field_of(person).secret
        person.app._forget_secrets()
        assert not secret

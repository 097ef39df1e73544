"""A clerk and a customer at the nine steps of an issue. Never a widget."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

from textual.widgets import Input

from kiosk.rules.operations import Transaction
from kiosk.training.people import USER_PASSWORD
from screens.app import KioskApp
from screens.base import KioskScreen
from screens.issuing.turning import SETTLE
from screens.issuing.wizard import resume_issue, start_issue
from screens.kiosk import counter_from, kiosk_app
from screens.parts import Counter
from screens.widgets.keyboard_layouts import KeyAction
from screens.widgets.secret_field import SecretField
from screens.widgets.soft_keyboard import SoftKeyboard
from tests.support.drivers.counter import WINDOW, AtTheCounter
from tests.support.practice import Practice


class Desk(KioskScreen[None]):
    """S100: stands where the menu stands; the journey comes back to it."""

    SCREEN_ID = "S100"
    SCREEN_NAME = "業務メニュー"


class IssueDriver(AtTheCounter):
    """The issuing wizard, as clerk and customer meet it."""

    practice: Practice

    # --- beginning ---------------------------------------------------------------------------------------------------

    async def begins(self, user_pk: int | None = None, transaction: Transaction | None = None) -> Self:
        """Open step 1."""
        start_issue(self.app, user_pk, transaction)
        await self.comes_to("S301")
        return self

    async def resumes(self, reception_no: str, screen: str) -> Self:
        """Take up an unfinished reception; it opens at `screen`."""
        await self.tries_to_resume(reception_no)
        await self.comes_to(screen)
        return self

    async def tries_to_resume(self, reception_no: str) -> Self:
        """The same, wherever it may lead."""
        resume_issue(self.app, reception_no)
        await self.pilot.pause()
        return self

    # --- seeing and doing --------------------------------------------------------------------------------------------

    def field(self, name: str) -> str:
        """What a field shows."""
        return str(self.app.screen.query_one(f"#{name}", Input).value)

    @property
    def picture(self) -> str:
        """The text of an exported picture of the screen, without its blanks."""
        return re.sub(r"<[^>]*>|&#160;|\s", "", self.app.export_screenshot())

    @property
    def rows_of_the_keyboard(self) -> range:
        """Where the keyboard of the glass stands."""
        region = self.app.screen.query_one(SoftKeyboard).region
        return range(region.y, region.bottom)

    @property
    def secrets_held(self) -> int:
        """How many characters lie in the secret fields of the screen."""
        return sum(len(field.secret) for field in self.app.screen.query(SecretField))

    async def clicks_button(self, label: str) -> Self:
        """Click on a button, whether or not it has the focus."""
        shapes = (f"[ {label} ]", f"[>{label}<]")
        await self._until(lambda: any(map(self.shows, shapes)), f"no button 「{label}」")
        return await self.clicks(next(shape for shape in shapes if self.shows(shape)))

    async def clicks_and_types(self, label: str, text: str) -> Self:
        """Click on the name of a field, and type there."""
        await self.clicks(f"{label}  ")
        return await self.types(text)

    async def clicks_keys(self, text: str) -> Self:
        """Type on the keyboard of the glass, with the mouse."""
        for character in text:
            if character.isupper():
                await self._clicks_key(KeyAction.SHIFT)
            await self._clicks_key(character)
            if character.isupper():
                await self._clicks_key(KeyAction.SHIFT)
        return self

    async def _clicks_key(self, key: str | KeyAction) -> None:
        keyboard = self.app.screen.query_one(SoftKeyboard)
        if isinstance(key, str) and not isinstance(key, KeyAction) and keyboard.place_of(key) is None:
            await self._clicks_key(KeyAction.SYMBOLS)  # mixed keys may stand on the other page
        place = keyboard.place_of_action(key) if isinstance(key, KeyAction) else keyboard.place_of(key)
        assert place is not None, key
        left, top = keyboard.content_region.offset
        await self.pilot.click(offset=(left + place[0], top + place[1]))

    # --- by keyboard, step by step -----------------------------------------------------------------------------------

    async def receives(self) -> Self:
        """Step 1, filled in for the user in person."""
        await self.fills_in_the_form()
        await self.presses("f12")
        await self.comes_to("S302")
        return self

    async def fills_in_the_form(self) -> Self:
        """Step 1 up to the last tick."""
        await self.has_focus("form_no")
        await self.types("K0001")
        await self.presses("enter", "enter", "enter")
        await self.has_focus("visitor_name")
        await self.types("更新花子")
        await self.presses("enter", "enter")
        await self.has_focus("document_last4")
        await self.types("1234")
        await self.presses("enter", "space", "enter", "space", "enter", "space")
        return self

    async def chooses_user(self, user_id: str) -> Self:
        """Step 2: Enter takes the one that is meant, F12 goes on."""
        await self.types(user_id)
        await self.presses("enter")
        await self.has_focus("go")
        await self.presses("f12")
        await self.comes_to("S303")
        return self

    async def chooses_transaction(self) -> Self:
        """Step 3: what the program proposes."""
        await self.presses("f12")
        await self.comes_to("S303-2")
        return self

    async def prepares_medium(self, number: str = "M0001", downs: int = 0) -> Self:
        """Step 3: number and stick."""
        await self.sees("stick-A")
        await self.has_focus("medium_no")
        await self.types(number)
        await self.presses("enter", "enter", *["down"] * (downs + 1), "f12")
        await self.comes_to("S304-1")
        return self

    async def turns_the_screen(self) -> Self:
        """Before step 4."""
        await self.presses("enter")
        await self.comes_to("S304")
        return self

    async def types_password(self, user_id: str, password: str = USER_PASSWORD) -> Self:
        """Step 4, as the customer."""
        await self.has_focus("user_id")
        await self.types(user_id)
        await self.presses("enter")
        await self.types(password)
        await self.presses("enter")
        return self

    async def types_code(self, code: str | None = None) -> Self:
        """Step 5, as the customer."""
        await self.comes_to("S305")
        await self.types(code or self.practice.code)
        await self.presses("enter")
        return self

    async def turns_back(self) -> Self:
        """The clerk has the screen again."""
        await self.comes_to("S304-2")
        await self.waits(SETTLE)
        await self.presses("enter")
        return self

    async def comes_to_step_6(self, user_id: str = "koushin01") -> Self:
        """Steps 1 to 5, without a hitch."""
        await self.begins()
        await self.receives()
        await self.chooses_user(user_id)
        await self.chooses_transaction()
        await self.prepares_medium()
        await self.turns_the_screen()
        await self.types_password(user_id)
        await self.types_code()
        await self.turns_back()
        await self.comes_to("S306")
        await self.sees("発行日を含めて366日間")
        return self

    async def stands_at_step_4(self, user_id: str = "koushin01") -> str:
        """Steps 1 to 3 are done, and the screen is turned; the reception number."""
        number = self.practice.reception(user_id)
        await self.resumes(number, "S304-1")
        await self.turns_the_screen()
        return number

    async def stands_at_step_5(self, user_id: str = "koushin01") -> str:
        """The right password was typed."""
        number = await self.stands_at_step_4(user_id)
        await self.types_password(user_id)
        await self.comes_to("S305")
        return number

    async def stands_at_step_6(self, user_id: str = "koushin01") -> str:
        """The right code, too, and the clerk has the screen."""
        number = await self.stands_at_step_5(user_id)
        await self.types_code()
        await self.turns_back()
        await self.comes_to("S306")
        await self.sees("発行日を含めて366日間")
        await self.sees("stick-A")
        return number

    async def takes_stick(self, label: str) -> Self:
        """Click on a stick of the list."""
        await self.clicks(label)
        return self

    async def breaks_off(self, to: str = "S100") -> Self:
        """Esc, and a deliberate yes; a reception could be put aside as well."""
        await self.presses("escape")
        await self.comes_to("Leave", "Confirm")
        await self.waits(0.5)
        await self.presses("right", "enter")
        await self.comes_to(to)
        return self

    async def issues(self) -> Self:
        """Step 6: F12, after a moment."""
        await self.waits(0.5)
        await self.presses("f12")
        return self

    async def hands_over(self) -> Self:
        """Step 9: three ticks, F12, and the end."""
        await self.comes_to("S309")
        await self.presses("space", "enter", "space", "enter", "space", "f12")
        await self.sees("交付を完了しました。")
        await self.presses("f12")
        await self.comes_to("S100")
        return self


def an_issuing_app(practice: Practice, counter: Counter | None = None) -> KioskApp:
    """The kiosk of the practice counter."""
    return kiosk_app(
        lambda: practice.services,
        Desk,
        counter=counter or counter_from(practice.services),
        clock=practice.clock,
    )


@asynccontextmanager
async def at_the_issue(
    practice: Practice,
    window: tuple[int, int] = WINDOW,
    *,
    counter: Counter | None = None,
    incidents: int = 0,
) -> AsyncIterator[IssueDriver]:
    """The practice counter with `op001` signed on and the desk open; nothing unexpected happens in the block."""
    app = an_issuing_app(practice, counter)
    async with app.run_test(size=window) as pilot:
        await app.when_ready()
        app.sign_on(practice.actor, Desk())
        driver = IssueDriver(app, pilot)
        driver.practice = practice
        await driver.comes_to("S100")
        yield driver
    assert len(app.incidents) == incidents, app.incidents

"""Staff at the screens outside a journey: menu, search, card, unfinished transactions, journal, administration."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Self, TypeVar

from kiosk.secret import Secret
from kiosk.services.acting import Actor
from kiosk.training.people import STAFF_PASSWORD
from screens.kiosk import counter_from, kiosk_app
from screens.menu import Menu
from screens.parts import Counter
from tests.support.drivers.counter import WINDOW, AtTheCounter
from tests.support.practice import Practice


class DeskDriver(AtTheCounter):
    """Somebody who has signed on and sees the menu."""

    practice: Practice

    async def starts(self, number: str, screen: str) -> Self:
        """Type a transaction number; its screen opens."""
        await self.has_focus("transaction")
        await self.types(number)
        await self.presses("enter")
        await self.comes_to(screen)
        return self

    async def looks_for(self, text: str) -> Self:
        """Type into the search of 401, which is open."""
        await self.has_focus("search")
        await self.types(text)
        return self

    async def opens_card(self, user_id: str) -> Self:
        """From the menu to the card of a user."""
        await self.starts("401", "S200")
        await self.looks_for(user_id)
        await self.presses("enter")
        await self.comes_to("S210")
        return self

    def glass_below(self, text: str) -> str:
        """What stands on the lines from the one with `text` on."""
        lines = self.glass
        start = next(row for row, line in enumerate(lines) if text in line)
        return "\n".join(lines[start:])

    @property
    def journal_tags(self) -> list[str]:
        """What the journal has heard, oldest first."""
        auditor = signed_on(self.practice, "op003")
        services = self.practice.services
        from kiosk.services.overview.journal import JournalFilter

        page = services.journal.entries(auditor, JournalFilter(), limit=500)
        return [line.tag for line in reversed(page.lines)]


D = TypeVar("D", bound=DeskDriver)


def signed_on(practice: Practice, staff_id: str) -> Actor:
    """One of the practice staff, signed on."""
    return practice.services.signing_in.sign_in(staff_id, Secret(STAFF_PASSWORD))


@asynccontextmanager
async def at_the_menu(
    driven_by: type[D],
    practice: Practice,
    staff_id: str = "op001",
    window: tuple[int, int] = WINDOW,
    *,
    counter: Counter | None = None,
    incidents: int = 0,
) -> AsyncIterator[D]:
    """The practice counter with somebody signed on and the menu open; nothing unexpected happens in the block."""
    app = kiosk_app(
        lambda: practice.services,
        Menu,
        counter=counter or counter_from(practice.services),
        clock=practice.clock,
    )
    actor = practice.actor if staff_id == "op001" else signed_on(practice, staff_id)
    async with app.run_test(size=window) as pilot:
        await app.when_ready()
        app.sign_on(actor, Menu())
        driver = driven_by(app, pilot)
        driver.practice = practice
        await driver.comes_to("S100")
        yield driver
    assert len(app.incidents) == incidents, app.incidents


at_the_desk = partial(at_the_menu, DeskDriver)
"""Around the journeys."""

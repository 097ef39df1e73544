"""The clock on top of every screen."""

from typing import Any

import pytest

from screens.app import KioskApp
from screens.dates import clock_text
from tests.screens.test_sign_in import kiosk, signs_on
from tests.support.clock import SteppedClock
from tests.support.drivers.counter import at_the_counter


@pytest.fixture
def a_frame_is_drawn_when_it_is_looked_at() -> None:
    """Here every frame is drawn: what a second draws is what is asked."""


async def test_a_second_that_passes_draws_the_clock_and_not_the_screen(
    door: object, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []

    def display(app: KioskApp, _: object, update: Any) -> None:  # of Textual, and private there
        drawn.append(update.render_segments(app.console))

    async with at_the_counter(kiosk(door, clock)) as person:
        await signs_on(person)
        await person.comes_to("S999")
        monkeypatch.setattr(KioskApp, "_display", display)
        for _ in range(3):  # the screen below has a clock, too
            clock.step(seconds=1)
            await person.sees(clock_text(clock.now()))
        whole = person.app.size.width * person.app.size.height
        assert 0 < len("".join(drawn)) < whole / 2

"""A person in front of the glass: what they see, press, type and click. Never a widget."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Self

from rich.cells import cell_len
from textual.pilot import Pilot

from screens.app import KioskApp

PATIENCE = 60.0
"""Seconds until something that takes one on a quiet machine has not appeared."""
WINDOW = (120, 36)
SMALL_WINDOW = (80, 24)


class AtTheCounter:
    """Drivers of single screens build on this one."""

    def __init__(self, app: KioskApp, pilot: Pilot[Any]) -> None:
        self.app = app
        self.pilot = pilot

    # --- seeing ------------------------------------------------------------------------------------------------------

    @property
    def glass(self) -> list[str]:
        """The lines of the screen as text."""
        return ["".join(part.text for part in strip) for strip in self.app.screen._compositor.render_strips()]

    @property
    def words(self) -> str:
        """Everything on the screen without blanks and line breaks, so that wrapped sentences can be found."""
        return "".join("".join(line.split()) for line in self.glass)

    def shows(self, text: str) -> bool:
        """Whether `text` is on the screen now, wrapped or not."""
        return "".join(text.split()) in self.words

    async def sees(self, text: str) -> Self:
        """Wait until `text` is on the screen."""
        await self._until(lambda: self.shows(text), f"「{text}」 did not appear")
        return self

    async def no_longer_sees(self, text: str) -> Self:
        """Wait until `text` is gone."""
        await self._until(lambda: not self.shows(text), f"「{text}」 stayed")
        return self

    @property
    def stands_on(self) -> str:
        """The screen ID in the header, or the name of the dialog on top."""
        top: Any = self.app.screen
        return str(top.SCREEN_ID or type(top).__name__)

    async def comes_to(self, *screens: str) -> Self:
        """Wait until one of those screens is on top, and can be drawn."""
        await self._until(lambda: self.stands_on in screens and bool(self.glass), f"{screens} did not open")
        return self

    @property
    def focus(self) -> str | None:
        """The id of the field with the focus."""
        return None if self.app.focused is None else self.app.focused.id

    async def has_focus(self, field: str) -> Self:
        """Wait until a field has the focus."""
        await self._until(lambda: self.focus == field, f"the focus is on {self.focus}")
        return self

    async def until(self, condition: Callable[[], bool], complaint: str = "it did not come true") -> Self:
        """Wait until something has come true that no text on the screen tells."""
        await self._until(condition, complaint)
        return self

    async def _until(self, condition: Any, complaint: str) -> None:
        end = time.monotonic() + PATIENCE
        while True:
            await self.pilot.pause()
            if condition():
                return
            if time.monotonic() > end:
                raise AssertionError(f"{complaint}\n{self.stands_on}\n" + "\n".join(self.glass))
            await asyncio.sleep(0.02)

    # --- doing -------------------------------------------------------------------------------------------------------

    async def presses(self, *keys: str) -> Self:
        """Press keys by their names: `f12`, `enter`, `shift+tab`."""
        await self.pilot.press(*keys)
        return self

    async def types(self, text: str) -> Self:
        """Type a text, character by character."""
        await self.pilot.press(*text)
        return self

    async def clicks(self, text: str) -> Self:
        """Click on the first place that shows `text` in one line."""
        await self.sees(text)
        for row, line in enumerate(self.glass):
            if text in line:
                column = cell_len(line[: line.index(text)])
                await self.pilot.click(offset=(column + cell_len(text) // 2, row))
                return self
        raise AssertionError(f"「{text}」 is not in one line")

    async def waits(self, seconds: float) -> Self:
        """Let time pass; only for what has a time of its own."""
        await asyncio.sleep(seconds)
        await self.pilot.pause()
        return self

    async def resizes(self, columns: int, rows: int) -> Self:
        """Change the size of the window."""
        await self.pilot.resize_terminal(columns, rows)
        return self


@asynccontextmanager
async def at_the_counter(
    app: KioskApp, window: tuple[int, int] = WINDOW, *, incidents: int = 0
) -> AsyncIterator[AtTheCounter]:
    """The kiosk runs inside the block; at its end exactly `incidents` unexpected errors have happened."""
    async with app.run_test(size=window) as pilot:
        await pilot.pause()
        yield AtTheCounter(app, pilot)
    assert len(app.incidents) == incidents, app.incidents

"""Every screen of a day, in both languages and both windows: the way on is in sight, and the bar names it."""

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url
from textual.pilot import Pilot

from kiosk.translations.catalog import Language, use
from screens.app import KioskApp
from screens.widgets.choices import Check, Choice
from screens.widgets.header import HeaderLine
from screens.widgets.key_bar import KeyBar, keys_of
from screens.widgets.press import Press
from tests.support.drivers.counter import SMALL_WINDOW, WINDOW
from tools.gallery import CUSTOMER, JOURNEYS, Walk, an_app, practice_counter

pytestmark = pytest.mark.timeout(600)
LONG_ORGANIZATION = "全国髙﨟製作所情報通信電機機械金属産業労働組合連合会協議会"
RARE_NAME = "𠮷﨑 葛\U000e0100彅子"
SETTLED = 0.1
"""Seconds in which a screen has mostly followed its window."""
PATIENCE = 5.0
"""Seconds in which it has on a busy machine as well."""
CLOCK = {Language.JAPANESE: "2026-03-02(月) 10:", Language.ENGLISH: "2026-03-02(Mon) 10:"}


class Look:
    """What is wrong with the screens it was shown."""

    def __init__(self) -> None:
        self.complaints: list[str] = []
        self.seen: list[str] = []

    async def in_both_windows(self, app: KioskApp, pilot: Pilot[Any], name: str, language: Language) -> None:
        """One screen, in the window it stands in and in the small one; then it is as before."""
        await self.at(app, pilot, name, language)
        await pilot.resize_terminal(*SMALL_WINDOW)
        await pilot.pause(SETTLED)
        assert app.size == SMALL_WINDOW
        await self.at(app, pilot, f"{name} in {SMALL_WINDOW}", language)
        await pilot.resize_terminal(*WINDOW)
        await pilot.pause(SETTLED)

    async def at(self, app: KioskApp, pilot: Pilot[Any], name: str, language: Language) -> None:
        """One screen as it stands now; what is wrong with it counts when it does not come right by itself."""
        self.seen.append(name)
        end = time.monotonic() + PATIENCE
        while (wrong := list(wrong_with(app, language))) and time.monotonic() < end:
            await pilot.pause(SETTLED)
        self.complaints += [f"{name}: {what}" for what in wrong]


def wrong_with(app: KioskApp, language: Language) -> Iterator[str]:
    """What is wrong with the screen as it stands now."""
    glass = ["".join(part.text for part in strip) for strip in app.screen._compositor.render_strips()]
    if len(glass) != app.size.height:
        yield f"{len(glass)} lines are drawn in {app.size}"
    for button in app.screen.query(Press):
        shapes = (f"[ {button.text} ]", f"[>{button.text}<]")
        if button.display and not any(shape in line for line in glass for shape in shapes):
            yield f"the button 「{button.text}」 is not in sight"
    for choice in (*app.screen.query(Choice), *app.screen.query(Check)):
        label = choice.label.plain
        if choice.display and not any(f"] {label}" in line or f") {label}" in line for line in glass):
            yield f"「{label}」 is cut short"
    yield from _f12_called_differently(app)
    own_id = getattr(app.screen, "SCREEN_ID", "")
    if app.screen.query(HeaderLine) and not (own_id in glass[0] and CLOCK[language] in glass[0]):
        yield f"no screen ID or whole clock in 「{glass[0]}」"
    if any("…" in line for line in glass):
        yield "a mark that is two cells wide in Japanese fonts"


def _f12_called_differently(app: KioskApp) -> Iterator[str]:
    if app.screen.query(KeyBar):
        named = {key.key: key.does for key in keys_of(app.screen)}
        for primary in app.screen.query(".-main").results(Press):
            if named["f12"] != primary.text:
                yield f"F12 is called {named['f12']}, its button {primary.text}"


def give_long_names(registry: Path) -> None:
    """The customer becomes hard to fit."""
    with sqlite3.connect(registry) as connection:
        connection.execute("UPDATE customers SET name = ? WHERE user_id = ?", (RARE_NAME, CUSTOMER))
        connection.execute("UPDATE organizations SET name = ?", (LONG_ORGANIZATION,))
        connection.execute("UPDATE branches SET name = ?", ("東京都庁前西新宿高層街北口特別出張所",))


@pytest.mark.parametrize("language", list(Language))
def test_the_way_on_is_always_in_sight_and_named(language: Language, tmp_path: Path) -> None:
    """Walked once in the large window, and made small at every screen: walking is what costs."""
    look = Look()

    async def a_day() -> None:
        for journey in JOURNEYS:
            app = an_app(practice)
            async with app.run_test(size=WINDOW) as pilot:
                await app.when_ready()
                person = Walk(app, pilot)
                person.practice = practice
                person.camera = lambda name, app=app, pilot=pilot: look.in_both_windows(  # type: ignore[misc]
                    app, pilot, name, language
                )
                await journey(person)

    with practice_counter(tmp_path / "data") as practice:
        give_long_names(Path(make_url(practice.services.settings.database.url).database or ""))
        use(language)
        asyncio.run(a_day())
    assert {"S000", "S100", "S210", "S301", "S309", "S400", "S500", "S600", "S700", "S800"} <= set(look.seen)
    assert look.complaints == []

"""Short lists: what is meant is marked, what is cut says so."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.widgets.option_list import Option

from screens.base import KioskScreen
from screens.widgets.field import Field
from screens.widgets.lines import ChoiceLines, Lines
from screens.widgets.text import plain
from tests.support.drivers.counter import SMALL_WINDOW, at_the_counter
from tests.support.shell import a_kiosk

TEXTS = ("101  新規発行", "102  更新", "103  " + "再発行" * 30)


class Listed(KioskScreen[None]):
    """A field and one list."""

    SCREEN_ID = "S998"
    AUTO_FOCUS = "#list"
    KIND: ClassVar[type[Lines]] = Lines

    def compose_task(self) -> ComposeResult:
        lines = self.KIND(
            Option(plain("発行"), disabled=True), *(Option(plain(text)) for text in TEXTS), id="list"
        )
        lines.highlighted = 1
        yield lines
        yield Field(id="field")


class Chosen(Listed):
    KIND = ChoiceLines


class Wrapped(Chosen):
    def on_mount(self) -> None:
        styles = self.query_one(ChoiceLines).styles
        styles.text_wrap, styles.text_overflow = "wrap", "fold"


async def test_the_line_under_the_cursor_bears_a_mark_with_and_without_the_focus() -> None:
    async with at_the_counter(a_kiosk(Listed), SMALL_WINDOW) as person:
        await person.sees("> 101  新規発行")
        assert next(line.strip() for line in person.glass if "発行" in line) == "発行"
        await person.presses("down")
        await person.sees("> 102  更新")
        assert not person.shows("> 101")
        await person.presses("tab")
        await person.sees("- 102  更新")


async def test_a_line_that_was_cut_says_so() -> None:
    async with at_the_counter(a_kiosk(Listed), SMALL_WINDOW) as person:
        [line] = [line for line in person.glass if "103" in line]
        assert line.rstrip().endswith("~")


async def test_a_choice_shows_what_is_chosen_wherever_the_focus_is() -> None:
    async with at_the_counter(a_kiosk(Chosen), SMALL_WINDOW) as person:
        await person.presses("down", "tab")
        await person.has_focus("field")
        assert person.shows("(o) 102  更新")
        assert person.shows("( ) 101  新規発行")


async def test_a_wrapped_line_is_marked_once_and_whole() -> None:
    async with at_the_counter(a_kiosk(Wrapped), SMALL_WINDOW) as person:
        await person.presses("end")
        await person.sees("(o) 103")
        assert person.words.count("再発行") == 30
        assert person.words.count("(o)") == 1

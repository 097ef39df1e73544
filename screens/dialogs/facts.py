"""Everything about one thing, name by name; arrows move where it does not fit."""

from collections.abc import Callable, Iterable, Iterator
from typing import ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Button

from kiosk.rules.texts import displayable
from kiosk.translations.catalog import N_, _
from screens.base import KioskDialog
from screens.widgets.press import Press
from screens.widgets.text import wrap
from screens.widgets.virtual_table import Column, Layout, VirtualTable

NAME = 22
VALUE = 44
"""Cells of a line of a value; longer ones go on below."""


class Line(NamedTuple):
    """One line of the dialog."""

    place: int
    name: str
    value: str


class Facts(KioskDialog[None]):
    """Opens with names and values; what comes from outside is made displayable here."""

    SCREEN_NAME = N_("詳細")
    CSS_PATH = "../styles/desk.tcss"
    AUTO_FOCUS = "#facts-table"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter", "close", show=False)]

    def __init__(self, facts: Callable[[], Iterable[tuple[str, str]]]) -> None:
        """`facts` is asked again when the language changes."""
        super().__init__()
        self._facts = facts

    def compose_task(self) -> ComposeResult:
        """Table and button."""
        lines = tuple(_lines(self._facts()))
        yield VirtualTable(
            Layout(
                columns=(Column(_("項目"), NAME), Column(_("内容"), VALUE, grows=True)),
                cells=lambda line: (line.name, line.value),
                key=lambda line: line.place,
            ),
            lines,
            help=_("上下の矢印キーで続きを表示します。Escで閉じます。"),
            id="facts-table",
        )
        yield Press(_("閉じる"), id="close", classes="alone")

    @on(VirtualTable.Chosen)
    def chosen(self, event: VirtualTable.Chosen) -> None:
        """Enter closes."""
        event.stop()
        self.action_close()

    @on(Button.Pressed, "#close")
    def action_close(self) -> None:
        """Back to the screen."""
        self.dismiss(None)


def _lines(facts: Iterable[tuple[str, str]]) -> Iterator[Line]:
    place = 0
    for name, value in facts:
        for number, part in enumerate(wrap(displayable(value), VALUE)):
            yield Line(place, "" if number else name, part)
            place += 1

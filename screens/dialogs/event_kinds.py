"""Which kind of event the journal shows."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from kiosk.translations.catalog import N_, _
from screens.base import KioskDialog
from screens.widgets.lines import Lines
from screens.widgets.text import plain
from screens.wording.events import EVENTS

ALL = ""


class EventKinds(KioskDialog[str]):
    """Answers with the tag, with `ALL`, or with None when nothing was chosen."""

    SCREEN_NAME = N_("できごとの種類")
    CSS_PATH = "../styles/desk.tcss"
    AUTO_FOCUS = "#kinds-list"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", show=False)]

    def __init__(self, chosen: str | None) -> None:
        super().__init__()
        self._tags = (ALL, *EVENTS)
        self._chosen = chosen or ALL

    def compose_task(self) -> ComposeResult:
        """All of them, in the order of a reception's life."""
        yield Static(
            plain(_("上下の矢印キーで選び、Enterを押してください。Escで戻ります。")), classes="prompt"
        )
        yield Lines(
            *(Option(plain(_(EVENTS[tag]) if tag else _("すべて"))) for tag in self._tags), id="kinds-list"
        )

    def on_mount(self) -> None:
        """Begin at what is chosen now."""
        place = self._tags.index(self._chosen) if self._chosen in self._tags else 0
        self.query_one("#kinds-list", OptionList).highlighted = place

    @on(OptionList.OptionSelected, "#kinds-list")
    def chosen(self, event: OptionList.OptionSelected) -> None:
        """Enter or a click."""
        event.stop()
        self.dismiss(self._tags[event.option_index])

    def action_close(self) -> None:
        """Esc."""
        self.dismiss(None)

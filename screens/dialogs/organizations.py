"""Which organization a list shows."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Button, Static

from kiosk.translations.catalog import N_, _
from screens.base import KioskDialog
from screens.widgets.press import Press
from screens.widgets.text import plain
from screens.widgets.virtual_table import Column, Layout, VirtualTable

if TYPE_CHECKING:
    from kiosk.services.overview.expiring import OrganizationLine

ALL = ""


class Organizations(KioskDialog[str]):
    """Answers with the code, with `ALL`, or with None when nothing was chosen."""

    SCREEN_NAME = N_("団体の選択")
    CSS_PATH = "../styles/desk.tcss"
    AUTO_FOCUS = "#organizations"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", show=False)]

    def __init__(self, lines: "Sequence[OrganizationLine]", chosen: str | None) -> None:
        super().__init__()
        self._lines = tuple(lines)
        self._chosen = chosen or ALL

    def compose_task(self) -> ComposeResult:
        """All of them first."""
        yield Static(
            plain(_("上下の矢印キーで選び、Enterを押してください。Escで戻ります。")), classes="prompt"
        )
        yield VirtualTable(
            Layout(
                columns=(
                    Column(_("団体コード"), 17),
                    Column(_("団体"), 30, grows=True),
                    Column(_("件数"), 8),
                ),
                cells=lambda line: (line[0], line[1], _("{count}件").format(count=line[2])),
                key=lambda line: line[0],
            ),
            self._rows(),
            help=_("Enterを押すと、その団体だけを表示します。"),
            click_chooses=True,
            id="organizations",
        )
        yield Press(_("閉じる"), id="close", classes="alone")

    def _rows(self) -> tuple[tuple[str, str, int], ...]:
        everything = (ALL, _("すべての団体"), sum(line.count for line in self._lines))
        return (everything, *((line.code, line.name, line.count) for line in self._lines))

    def on_mount(self) -> None:
        """Begin at what is chosen now."""
        codes = [code for code, _name, _count in self._rows()]
        place = codes.index(self._chosen) if self._chosen in codes else 0
        self.query_one("#organizations", VirtualTable).move_to(place)

    @on(VirtualTable.Chosen, "#organizations")
    def chosen(self, event: VirtualTable.Chosen) -> None:
        """Enter or a click."""
        event.stop()
        row = event.table.row
        if row is not None:
            self.dismiss(row[0])

    @on(Button.Pressed, "#close")
    def action_close(self) -> None:
        """Esc."""
        self.dismiss(None)

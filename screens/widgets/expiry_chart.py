"""Certificates that expire in the coming weeks, as bars of plain coloured cells with their numbers beside them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from kiosk.translations.catalog import _
from screens.dates import short_day_text
from screens.hardening import Enduring
from screens.widgets.text import pad

if TYPE_CHECKING:
    from kiosk.services.views import WeekCount


class ExpiryChart(Enduring, Widget):
    """One line a week: first day, bar, number. The bar is drawn without any character, so every font shows it alike."""

    COMPONENT_CLASSES = {"chart--bar", "chart--empty"}  # noqa: RUF012  # Textual's own way

    def __init__(self, weeks: "Sequence[WeekCount]" = (), *, id: str | None = None) -> None:  # noqa: A002  # Textual's word
        super().__init__(id=id)
        self._weeks = tuple(weeks)

    def show(self, weeks: "Sequence[WeekCount]") -> None:
        """Other numbers."""
        self._weeks = tuple(weeks)
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002  # of the interface
        """A line a week; one for saying that there is nothing."""
        return max(1, len(self._weeks))

    def render_line(self, y: int) -> Strip:
        """One week."""
        width = self.size.width
        if not self._weeks:
            return Strip(
                [Segment(_("期限が近い電子証明書はありません。"), self.rich_style)]
            ).adjust_cell_length(width, self.rich_style)
        labels = [_("{day}～").format(day=short_day_text(week.first_day)) for week in self._weeks]
        numbers = [_("{count}件").format(count=week.count) for week in self._weeks]
        side = max(map(cell_len, labels)) + 1
        room = max(1, width - side - max(map(cell_len, numbers)) - 1)
        most = max(1, *(week.count for week in self._weeks))
        count = self._weeks[y].count
        bar = max(1, round(room * count / most)) if count else 0
        return Strip(
            [
                Segment(pad(labels[y], side), self.rich_style),
                Segment(" " * bar, self.get_component_rich_style("chart--bar")),
                Segment(f" {numbers[y]}", self.rich_style),
            ]
        ).adjust_cell_length(width, self.rich_style)

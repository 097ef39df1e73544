"""A table that draws only the lines in the window, so that a million rows open as fast as ten."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import var
from textual.scroll_view import ScrollView
from textual.strip import Strip

from kiosk.rules.texts import displayable
from screens.hardening import Enduring
from screens.widgets.text import pad, wrap

Row = TypeVar("Row")

GAP = 2
"""Blank cells between two columns."""
ROOMY = 90
"""Cells from which the columns that may be left out are shown."""
MARKS = {"table--cursor": ">", "table--resting": "|"}
"""In front of the row under the cursor, with the focus and without: its colour alone would not tell it."""
AHEAD = 30
"""Rows before the end at which a table that has more asks for them."""


class Tone(StrEnum):
    """How a row is drawn; what it means always stands in its words too."""

    PLAIN = "plain"
    QUIET = "quiet"
    ALERT = "alert"


@dataclass(frozen=True)
class Column:
    """One column, in cells."""

    title: str
    cells: int
    grows: bool = False
    """Takes a share of the room that is left."""
    spare: bool = False
    """Left out where there is little room."""


@dataclass(frozen=True, kw_only=True)
class Layout(Generic[Row]):
    """How rows become lines."""

    columns: tuple[Column, ...]
    cells: Callable[[Row], tuple[str, ...]]
    """The texts of one row, a column each, as they are stored: the table makes them displayable."""
    key: Callable[[Row], object]
    """Tells a row from all others; the cursor stays with it when the rows are read again."""
    tone: Callable[[Row], Tone] = lambda _row: Tone.PLAIN


class VirtualTable(Enduring, ScrollView, Generic[Row], can_focus=True, inherit_bindings=False):
    """Rows under a fixed line of titles. Arrows and pages move, Enter chooses; a click moves and may choose."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "table--title",
        "table--plain",
        "table--quiet",
        "table--alert",
        "table--cursor",
        "table--resting",
        "table--empty",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "turn(-1)", show=False),
        Binding("pagedown", "turn(1)", show=False),
        Binding("home", "first", show=False),
        Binding("end", "last", show=False),
        Binding("enter", "choose", show=False),
    ]

    cursor: var[int] = var(0, init=False)
    """The row the cursor is on."""

    class Moved(Message):
        """The cursor is on another row, or the row under it is another one."""

        def __init__(self, table: "VirtualTable[Any]") -> None:
            super().__init__()
            self.table = table

        @property
        def control(self) -> "VirtualTable[Any]":
            """The table."""
            return self.table

    class Chosen(Moved):
        """Enter, or a click in a table where a click chooses."""

    class Wanting(Moved):
        """The end is near and there are more rows to fetch."""

    def __init__(
        self,
        layout: Layout[Row],
        rows: Sequence[Row] = (),
        *,
        empty: str = "",
        help: str = "",  # noqa: A002  # the word every field uses
        click_chooses: bool = False,
        more: bool = False,
        id: str | None = None,  # noqa: A002  # Textual's word
    ) -> None:
        """`empty` says why there is no row and what to do; `more` that `Wanting` will be answered."""
        super().__init__(id=id)
        self.help_text = help
        self._columns = layout
        self._rows = rows
        self._empty = empty
        self._more = more
        self._click_chooses = click_chooses

    # --- rows --------------------------------------------------------------------------------------------------------

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self._rows[self.cursor] if 0 <= self.cursor < len(self._rows) else None

    def show(self, rows: Sequence[Row], *, empty: str | None = None, more: bool = False) -> None:
        """Other rows. The cursor stays with its row, or in its place when that row is gone."""
        before = None if self.row is None else self._columns.key(self.row)
        self._rows, self._more = rows, more
        if empty is not None:
            self._empty = empty
        self._measure()
        self.cursor = self._place_of(before)
        self.refresh()
        self.post_message(self.Moved(self))

    def move_to(self, row: int) -> None:
        """Put the cursor on a row, as near as there is one."""
        self.cursor = max(0, min(row, len(self._rows) - 1))

    def _place_of(self, key: object) -> int:
        at = min(self.cursor, max(0, len(self._rows) - 1))
        if key is None or not self._rows or self._columns.key(self._rows[at]) == key:
            return at
        return next((place for place, row in enumerate(self._rows) if self._columns.key(row) == key), at)

    def _measure(self) -> None:
        self.virtual_size = Size(0, len(self._rows) + 1)

    def on_mount(self) -> None:
        """The rows the table was made with."""
        self._measure()

    def watch_cursor(self, old: int, new: int) -> None:
        """Show where the cursor is, and ask for more in time."""
        self._into_view()
        self.refresh()
        if old != new:
            self.post_message(self.Moved(self))
        if self._more and new >= len(self._rows) - AHEAD:
            self._more = False
            self.post_message(self.Wanting(self))

    def _into_view(self) -> None:
        lines = self.scrollable_content_region.height - 1
        top = round(self.scroll_y)
        if lines < 1 or top <= self.cursor < top + lines:
            return
        self.scroll_to(
            y=self.cursor if self.cursor < top else self.cursor - lines + 1, animate=False, immediate=True
        )

    def on_resize(self) -> None:
        """The cursor stays in sight."""
        self._into_view()

    # --- keys and mouse ----------------------------------------------------------------------------------------------

    def action_move(self, rows: int) -> None:
        """Up and down."""
        self.move_to(self.cursor + rows)

    def action_turn(self, pages: int) -> None:
        """A page up or down."""
        self.move_to(self.cursor + pages * max(1, self.scrollable_content_region.height - 2))

    def action_first(self) -> None:
        """The first row."""
        self.move_to(0)

    def action_last(self) -> None:
        """The last row."""
        self.move_to(len(self._rows) - 1)

    def action_choose(self) -> None:
        """Enter."""
        if self.row is not None:
            self.post_message(self.Chosen(self))

    def on_click(self, event: events.Click) -> None:
        """Go to the row under the mouse."""
        event.stop()
        row = event.y - 1 + round(self.scroll_y)
        if event.y < 1 or not 0 <= row < len(self._rows):
            return
        self.move_to(row)
        if self._click_chooses:
            self.action_choose()

    # --- drawing -----------------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """The titles, a row, or a line of the sentence that stands where there is none."""
        width = self.scrollable_content_region.width
        if y == 0:
            titles = tuple(column.title for column in self._columns.columns)
            return self._line(titles, width, "table--title")
        if not self._rows:
            return self._empty_line(y, width)
        at = y - 1 + round(self.scroll_y)
        if at >= len(self._rows):
            return Strip.blank(width, self.rich_style)
        row = self._rows[at]
        look = f"table--{self._columns.tone(row)}"
        if at == self.cursor:
            look = "table--cursor" if self.has_focus else "table--resting"
        return self._line(self._columns.cells(row), width, look)

    def _line(self, texts: tuple[str, ...], width: int, look: str) -> Strip:
        shown = self._widths(width)
        parts = [pad(displayable(texts[place]), cells) for place, cells in shown]
        style = self.get_component_rich_style(look)
        mark = MARKS.get(look, " ")
        return Strip([Segment(mark + (" " * GAP).join(parts), style)]).adjust_cell_length(width, style)

    def _empty_line(self, y: int, width: int) -> Strip:
        style = self.get_component_rich_style("table--empty")
        lines = wrap(self._empty, max(1, width - 2))
        text = f" {lines[y - 1]}" if y <= len(lines) else ""
        return Strip([Segment(text, style)]).adjust_cell_length(width, style)

    def _widths(self, width: int) -> list[tuple[int, int]]:
        """The columns that are shown, with their cells."""
        shown = [
            (place, column)
            for place, column in enumerate(self._columns.columns)
            if width >= ROOMY or not column.spare
        ]
        taken = sum(column.cells for _place, column in shown) + GAP * (len(shown) - 1) + 2
        growing = sum(column.grows for _place, column in shown)
        share = max(0, width - taken) // growing if growing else 0
        return [(place, column.cells + share * column.grows) for place, column in shown]

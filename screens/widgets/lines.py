"""A short list, one line each; the line that is meant is told by a mark in front of it, not by its colour alone."""

from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.strip import Strip
from textual.widgets import OptionList

from screens.hardening import Enduring
from screens.widgets.text import pad


class Lines(Enduring, OptionList):
    """`> 102  更新`. A line too long for the window ends in `~`; whoever shows it says the rest elsewhere.

    With `text-wrap: wrap` it goes on below instead. Options hold plain text; a disabled one is a title without a mark.
    """

    MARKED: ClassVar[str] = "> "
    """In front of the line under the cursor."""
    RESTING: ClassVar[str] = "- "
    """The same while another part of the screen has the focus."""
    BARE: ClassVar[str] = "  "
    CLOSED: ClassVar[str] = ""
    """In front of a disabled line; nothing, and it stands further left than the others."""

    def render_line(self, y: int) -> Strip:
        """Mark and text in the style of the line."""
        drawn = super().render_line(y)
        number = self.scroll_offset.y + y
        if number >= len(self._lines):
            return drawn
        place, line = self._lines[number]
        option = self.options[place]
        mark = self._mark(place) if line == 0 else " " * len(self._mark(place))
        style = next((segment.style for segment in drawn), None)
        width = self.scrollable_content_region.width
        if self.styles.text_wrap == "wrap":
            return Strip([Segment(mark, style), *drawn]).adjust_cell_length(width, style)
        text = option.prompt.plain if isinstance(option.prompt, Content) else str(option.prompt)
        return Strip([Segment(pad(mark + text, width), style)])

    def _get_left_gutter_width(self) -> int:
        return len(self.BARE)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Rows of all lines; the list itself would wrap them without the place of the marks and show too few."""
        return super().get_content_height(container, viewport, width - len(self.BARE))

    def _mark(self, place: int) -> str:
        if self.options[place].disabled:
            return self.CLOSED
        if place != self.highlighted:
            return self.BARE
        return self.MARKED if self.has_focus else self.RESTING


class ChoiceLines(Lines):
    """`(o) stick-A`: the line under the cursor is the one that is taken, wherever the focus is."""

    MARKED = RESTING = "(o) "
    BARE = "( ) "


class CalmLines(ChoiceLines):
    """The same where a line leads to another screen: a click marks it, and Enter or a button goes on."""

    async def _on_click(self, event: events.Click) -> None:
        event.prevent_default()
        place = event.style.meta.get("option")
        if place is not None:
            self.highlighted = place


class ChoiceOrClosed(ChoiceLines):
    """The same with `(-)` in front of what cannot be taken; no key and no click marks it."""

    CLOSED = "(-) "

"""The keys of the screen at hand, always shown; each can also be clicked."""

from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.binding import Binding
from textual.geometry import Size
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from kiosk.translations.catalog import _
from screens import keys
from screens.hardening import Enduring
from screens.widgets.press import Press


@dataclass(frozen=True)
class BarKey:
    """One key of the bar."""

    key: str
    name: str
    does: str
    enabled: bool

    @property
    def cells(self) -> int:
        """How wide it stands in the bar."""
        return cell_len(self.name) + cell_len(self.does) + 3


def keys_of(screen: Screen[Any]) -> list[BarKey]:
    """What can be pressed on `screen` now, in the order of the keyboard; taken from the live bindings."""
    found = {
        key: BarKey(key, keys.key_name(key), _does(screen, active.binding), active.enabled)
        for key, active in screen.active_bindings.items()
        if active.binding.show and active.binding.description
    }
    return [found[key] for key in keys.ORDER if key in found]


def _does(screen: Screen[Any], binding: Binding) -> str:
    """What a key does; F12, and a key whose button changes its words, says the same as the button it presses."""
    button = ".-main" if binding.action == keys.GO.action else f"#{binding.action}.-changes"
    return next((found.text for found in screen.query(button).results(Press)), _(binding.description))


class KeyBar(Enduring, Widget):
    """` F1 ヘルプ  F12 実行  Esc 取引中断 `, in one line or two."""

    COMPONENT_CLASSES = {"keys--name", "keys--does", "keys--off"}  # noqa: RUF012  # Textual's own way

    def on_mount(self) -> None:
        """Follow the bindings of the screen."""
        self.screen.bindings_updated_signal.subscribe(self, self._follow)

    def _follow(self, _screen: Screen[Any]) -> None:
        self.refresh(layout=True)

    def rows(self, width: int) -> list[list[BarKey]]:
        """The keys, broken into lines of at most `width` cells."""
        rows: list[list[BarKey]] = [[]]
        used = 0
        for key in keys_of(self.screen):
            if used + key.cells > width and rows[-1]:
                rows.append([])
                used = 0
            rows[-1].append(key)
            used += key.cells
        return rows

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002  # of the interface
        """As many lines as the keys need."""
        return len(self.rows(width))

    def render_line(self, y: int) -> Strip:
        """One line of keys."""
        width = self.size.width
        rows = self.rows(width)
        segments = []
        for key in rows[y] if y < len(rows) else []:
            off = None if key.enabled else self.get_component_rich_style("keys--off")
            segments += [
                Segment(f" {key.name} ", off or self.get_component_rich_style("keys--name")),
                Segment(f"{key.does} ", off or self.get_component_rich_style("keys--does")),
            ]
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def on_click(self, event: events.Click) -> None:
        """A click on a key presses it."""
        event.stop()
        rows = self.rows(self.size.width)
        left = event.x - self.gutter.left
        if event.y >= len(rows):
            return
        for key in rows[event.y]:
            if 0 <= left < key.cells:
                self.app.simulate_key(key.key)
                return
            left -= key.cells

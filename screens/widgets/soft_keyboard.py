"""Keys on the glass, for the mouse and the finger: one widget that draws itself and finds the key under the pointer."""

from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from kiosk.secret import Secret
from kiosk.translations.catalog import _
from screens.hardening import Enduring
from screens.widgets.keyboard_layouts import (
    ACTION_LABELS,
    COLUMNS,
    LETTER_COLUMNS,
    ROWS,
    KeyAction,
    KeyCap,
    arranged,
    caps,
)
from screens.widgets.secret_field import SecretField
from screens.widgets.text import cut

BLOCK_GAP = 2
"""Cells between letters and symbols."""
LARGE = (6, 3)
"""Cells of a key where there is room for a finger."""
SMALL = (4, 2)


class SoftKeyboard(Enduring, Widget, can_focus=True, inherit_bindings=False):
    """Acts when the button goes down and shows nothing of it, so that nobody reads the keys from the screen (R-46).

    A click leaves the focus where it is, in the field. With `Tab` the keyboard itself gets the focus; then the arrow
    keys move over the same grid and Enter types.
    """

    FOCUS_ON_CLICK = False
    KEY_ROWS: ClassVar[int] = ROWS
    KEY_COLUMNS: ClassVar[int] = COLUMNS
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "soft--even",
        "soft--odd",
        "soft--action",
        "soft--pointed",
        "soft--on",
        "soft--edge",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(0, -1)", show=False),
        Binding("right", "move(0, 1)", show=False),
        Binding("up", "move(-1, 0)", show=False),
        Binding("down", "move(1, 0)", show=False),
        Binding("enter,space", "press", show=False),
    ]

    class Typed(Message):
        """A character key was pressed while the keyboard feeds no field."""

        def __init__(self, character: str) -> None:
            super().__init__()
            self.character = Secret(character)

    class Edited(Message):
        """One of the erasing keys was pressed while the keyboard feeds no field."""

        def __init__(self, action: KeyAction) -> None:
            super().__init__()
            self.action = action

    def __init__(
        self,
        *,
        shuffle: bool = False,
        field: SecretField | None = None,
        id: str | None = None,  # noqa: A002  # Textual's word
    ) -> None:
        """`field` receives what is pressed, without a detour; without it `Typed` and `Edited` are posted."""
        super().__init__(id=id)
        self._field = field
        self._arrangement = arranged(shuffle)
        self._upper = False
        self._page = 0
        self._at = 0
        self._caps = self.laid_out()

    def laid_out(self) -> tuple[KeyCap, ...]:
        """Every key as it stands now."""
        return caps(self._arrangement, upper=self._upper, symbol_page=self._page)

    def feed(self, field: SecretField | None) -> None:
        """From now on keys go to `field`."""
        self._field = field

    def same_keys_as(self, other: "SoftKeyboard") -> None:
        """Take the arrangement of a keyboard that stood here before, so that no key moves under the hand."""
        self._arrangement = other._arrangement
        self._upper, self._page, self._at = other._upper, other._page, other._at
        self._anew()

    # --- pressing ----------------------------------------------------------------------------------------------------

    def press(self, key: KeyCap) -> None:
        """What happens when `key` goes down."""
        match key.action:
            case KeyAction.SHIFT:
                self._upper = not self._upper
                self._anew()
            case KeyAction.SYMBOLS:
                self._page = 1 - self._page
                self._anew()
            case None:
                self._type(key.character)
            case action:
                self._edit(action)

    def _type(self, character: str) -> None:
        if self._field is None:
            self.post_message(self.Typed(character))
        else:
            self._field.append(character)

    def _edit(self, action: KeyAction) -> None:
        if self._field is None:
            self.post_message(self.Edited(action))
        elif action is KeyAction.ERASE:
            self._field.erase()
        else:
            self._field.wipe()

    def _anew(self) -> None:
        self._caps = self.laid_out()
        self._at = min(self._at, len(self._caps) - 1)
        self.refresh()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """The key under the pointer."""
        event.stop()
        offset = event.get_content_offset(self)
        key = None if offset is None else self.key_at(offset.x, offset.y)
        if key is not None and event.button == 1:
            self.press(key)

    def action_move(self, down: int, right: int) -> None:
        """The nearest key in that direction."""
        here = self._caps[self._at]
        middle = here.column + here.span / 2
        row = (here.row + down) % self.KEY_ROWS
        line = [key for key in self._caps if key.row == row]
        if down:
            there = min(line, key=lambda key: abs(key.column + key.span / 2 - middle))
        else:
            there = line[(line.index(here) + right) % len(line)]
        self._at = self._caps.index(there)
        self.refresh()

    def action_press(self) -> None:
        """Enter or space on the key that is pointed at."""
        self.press(self._caps[self._at])

    # --- the grid ----------------------------------------------------------------------------------------------------

    @property
    def key_size(self) -> tuple[int, int]:
        """Cells of one key, its gap to the right included."""
        size = self.app.size
        return LARGE if size.width >= LARGE[0] * COLUMNS + BLOCK_GAP + 4 and size.height >= 34 else SMALL

    def _left_of(self, column: int) -> int:
        return column * self.key_size[0] + (BLOCK_GAP if column >= LETTER_COLUMNS else 0)

    def key_at(self, x: int, y: int) -> KeyCap | None:
        """The key that covers a cell of this widget; None in the gaps beside the keys."""
        width, height = self.key_size
        for key in self._caps:
            left = self._left_of(key.column)
            if key.row == y // height and left <= x < left + key.span * width:
                return key
        return None

    def place_of(self, character: str) -> tuple[int, int] | None:
        """A cell of the key that types `character` now, in this widget; None when it is on another page."""
        width, height = self.key_size
        for key in self._caps:
            if key.character == character:
                return self._left_of(key.column) + width // 2 - 1, key.row * height + height // 2
        return None

    def place_of_action(self, action: KeyAction) -> tuple[int, int]:
        """A cell of an action key."""
        width, height = self.key_size
        key = next(key for key in self._caps if key.action is action)
        return self._left_of(key.column) + width, key.row * height + height // 2

    # --- looks -------------------------------------------------------------------------------------------------------

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002  # of the interface
        """All columns."""
        return self._left_of(self.KEY_COLUMNS)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002  # of the interface
        """All rows."""
        return self.KEY_ROWS * self.key_size[1]

    def render_line(self, y: int) -> Strip:
        """One line of one row of keys; a small key is a cap with its name and the edge below it."""
        width, height = self.key_size
        row, line = divmod(y, height)
        segments: list[Segment] = []
        used = 0
        for index, key in enumerate(self._caps):
            if key.row != row:
                continue
            left = self._left_of(key.column)
            wide = key.span * width - 1
            edge = height == SMALL[1] and line == height - 1
            style = self.get_component_rich_style("soft--edge") if edge else self._style(index, key)
            label = _label(key) if line == (height - 1) // 2 else ""
            segments += [
                Segment(" " * (left - used), self.rich_style),
                Segment(_centred(label, wide), style),
                Segment(" ", self.rich_style),
            ]
            used = left + wide + 1
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)

    def _style(self, index: int, key: KeyCap) -> Style:
        if self.has_focus and index == self._at:
            return self.get_component_rich_style("soft--pointed")
        if (key.action is KeyAction.SHIFT and self._upper) or (
            key.action is KeyAction.SYMBOLS and self._page
        ):
            return self.get_component_rich_style("soft--on")
        if key.action is not None:
            return self.get_component_rich_style("soft--action")
        return self.get_component_rich_style("soft--odd" if key.row % 2 else "soft--even")


def _label(key: KeyCap) -> str:
    return key.character if key.action is None else _(ACTION_LABELS[key.action])


def _centred(label: str, cells: int) -> str:
    label = cut(label, cells)
    left = (cells - cell_len(label)) // 2
    return " " * left + label + " " * (cells - left - cell_len(label))

"""A field for plain text: bounded, without a clipboard, with the terminal's cursor where the input method needs it."""

import unicodedata
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.reactive import Reactive
from textual.widget import Widget
from textual.widgets import Input, Label

from kiosk.rules.texts import displayable
from screens.hardening import Enduring
from screens.widgets.text import plain

LIMIT = 200
"""Characters, where a field says nothing else."""


class FieldLabel(Enduring, Label):
    """The name of a field; a click on it is a click on the field, which makes a larger target for the finger."""

    def __init__(self, name: str, field: Widget, *, classes: str = "field-name") -> None:
        super().__init__(plain(name), classes=classes)
        self._field = field

    def on_click(self) -> None:
        """Bring the cursor into the field."""
        self._field.focus()


class Field(Enduring, Input, inherit_bindings=False):
    """One line of typed text. Enter goes to the next field; F1 says what belongs here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "cursor_left", show=False),
        Binding("right", "cursor_right", show=False),
        Binding("ctrl+left", "cursor_left_word", show=False),
        Binding("ctrl+right", "cursor_right_word", show=False),
        Binding("shift+left", "cursor_left(True)", show=False),
        Binding("shift+right", "cursor_right(True)", show=False),
        Binding("home", "home", show=False),
        Binding("end", "end", show=False),
        Binding("backspace,ctrl+h", "delete_left", show=False),
        Binding("delete", "delete_right", show=False),
        Binding("ctrl+u", "delete_left_all", show=False),
        Binding("enter", "submit", show=False),
    ]
    virtual_size: Reactive[Size] = Reactive(Size(0, 0))
    """What is typed scrolls inside the field and moves nothing around it, so that no key lays out the whole screen."""

    def __init__(
        self,
        value: str = "",
        *,
        help: str = "",  # noqa: A002  # the word every field uses
        limit: int = LIMIT,
        restrict: str | None = None,
        half_width: bool = False,
        id: str | None = None,  # noqa: A002  # Textual's word
        classes: str | None = None,
    ) -> None:
        """`help` is what F1 says about the field; `limit` counts characters; `restrict` is a regular expression.

        `half_width` is for numbers and IDs: what an input method left on types comes out as it was meant.
        """
        super().__init__(
            value, max_length=limit, restrict=restrict, select_on_focus=False, id=id, classes=classes
        )
        self.help_text = help
        self.half_width = half_width
        self.cursor_blink = False

    def replace(self, text: str, start: int, end: int) -> None:
        """Everything typed or pasted comes through here."""
        super().replace(unicodedata.normalize("NFKC", text) if self.half_width else text, start, end)

    def _on_paste(self, event: events.Paste) -> None:
        """The first line with something in it, without what cannot be shown, and as much of it as there is room for."""
        event.stop()
        event.prevent_default()
        line = next(filter(str.strip, event.text.splitlines()), "")
        room = (self.max_length or LIMIT) - len(self.value)
        self.insert_text_at_cursor(displayable(line)[: max(0, room)])

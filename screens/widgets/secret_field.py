"""A field for passwords and codes that never shows, copies or hands out what it holds as text."""

from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Offset, Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from kiosk.secret import Secret
from screens.hardening import Enduring

HELD_AT_MOST = 64
"""Characters; more than any rule allows, so that too long is told as such and never cut (E-42)."""


class SecretField(Enduring, Widget, can_focus=True, inherit_bindings=False):
    """One star for each character; the value lives in a `Secret` and nowhere else.

    There is no cursor inside the text: characters come at the end and go from the end. Pasting is ignored. Characters
    that are not ASCII are held like any other, so that the rules refuse them with their own sentence (EA04).
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"secret--held", "secret--free", "secret--cursor"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", show=False),
        Binding("backspace,ctrl+h", "erase", show=False),
        Binding("delete,ctrl+u", "clear_all", show=False),
    ]

    class Changed(Message):
        """The number of characters changed. Carries no character."""

        def __init__(self, field: "SecretField") -> None:
            super().__init__()
            self.field = field

        @property
        def control(self) -> "SecretField":
            """The field."""
            return self.field

    class Submitted(Changed):
        """Enter was pressed."""

    def __init__(
        self,
        *,
        slots: int = 12,
        typed: bool = True,
        help: str = "",  # noqa: A002  # the word every field uses
        id: str | None = None,  # noqa: A002  # Textual's word
        classes: str | None = None,
    ) -> None:
        """`slots` places are drawn; `typed` allows the real keyboard; `help` is what F1 says about the field."""
        super().__init__(id=id, classes=classes)
        self.slots = slots
        self.typed = typed
        self.help_text = help
        self._secret = Secret()

    # --- the value ---------------------------------------------------------------------------------------------------

    @property
    def secret(self) -> Secret:
        """The value itself, not a copy: wiping the field wipes it."""
        return self._secret

    def take(self) -> Secret:
        """Give the value away and be empty; the caller wipes it."""
        given, self._secret = self._secret, Secret()
        self._changed()
        return given

    def append(self, text: str) -> None:
        """Add characters at the end; nothing happens when far too many are there already."""
        if len(self._secret) + len(text) <= HELD_AT_MOST:
            self._secret.append(text)
            self._changed()

    def erase(self) -> None:
        """Take the last character back."""
        self._secret.drop_last()
        self._changed()

    def wipe(self) -> None:
        """Overwrite what was typed."""
        self._secret.wipe()
        self._changed()

    def hand_over(self) -> Secret:
        """Give the value to the field that will stand here in another language, without telling anybody."""
        given, self._secret = self._secret, Secret()
        return given

    def take_over(self, secret: Secret) -> None:
        """Hold the value of the field that stood here before."""
        self._secret.wipe()
        self._secret = secret
        self.refresh()

    def _changed(self) -> None:
        self.refresh()
        if self.has_focus:
            self.app.cursor_position = self.cursor_screen_offset
        self.post_message(self.Changed(self))

    # --- keys --------------------------------------------------------------------------------------------------------

    def check_consume_key(self, key: str, character: str | None) -> bool:  # noqa: ARG002  # of the interface
        """Printable keys belong to this field."""
        return self.typed and character is not None and character.isprintable()

    def on_key(self, event: events.Key) -> None:
        """Hold a printable character."""
        if event.is_printable and event.character is not None:
            event.stop()
            event.prevent_default()
            if self.typed:
                self.append(event.character)

    def on_paste(self, event: events.Paste) -> None:
        """A secret is typed, not pasted."""
        event.stop()

    def action_submit(self) -> None:
        """Enter."""
        self.post_message(self.Submitted(self))

    def action_erase(self) -> None:
        """Backspace."""
        self.erase()

    def action_clear_all(self) -> None:
        """Delete."""
        self.wipe()

    # --- looks -------------------------------------------------------------------------------------------------------

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002  # of the interface
        """Two cells a place, and one for the cursor after the last."""
        return self.slots * 2 + 1

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002  # of the interface
        """One line."""
        return 1

    def render_line(self, y: int) -> Strip:
        """Stars for what is held, underscores for what is free."""
        width = self.size.width
        if y:
            return Strip.blank(width, self.rich_style)
        held = len(self._secret)
        first = max(0, held - (width - 1) // 2)
        segments = []
        for place in range(first, max(held + 1, self.slots)):
            name = "secret--held" if place < held else "secret--free"
            if place == held and self.has_focus:
                name = "secret--cursor"
            mark = "*" if place < held else ("_" if place < self.slots else " ")
            segments += [
                Segment(mark, self.get_component_rich_style(name)),
                Segment(" ", self.rich_style),
            ]
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    @property
    def cursor_screen_offset(self) -> Offset:
        """Where the terminal's own cursor belongs, so that an input method opens its window there."""
        held = min(len(self._secret), max(0, (self.size.width - 1) // 2))
        return self.content_region.offset + Offset(held * 2, 0)

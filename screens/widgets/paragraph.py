"""A text that is broken where Japanese may break, at whatever width it has."""

from textual.app import RenderResult
from textual.geometry import Size
from textual.widget import Widget

from screens.hardening import Enduring
from screens.widgets.text import plain, wrap


class Paragraph(Enduring, Widget):
    """As many lines as the text needs; none for an empty text."""

    def __init__(self, text: str = "", *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  # Textual's word
        """Stored parts of `text` are made displayable by the caller."""
        super().__init__(id=id, classes=classes)
        self._text = text

    def on_mount(self) -> None:
        """No room for nothing."""
        self.display = bool(self._text)

    def say(self, text: str) -> None:
        """Another text."""
        self._text = text
        self.display = bool(text)
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002  # of the interface
        """The lines at this width."""
        return len(wrap(self._text, max(1, width)))

    def render(self) -> RenderResult:
        """The lines."""
        return plain("\n".join(wrap(self._text, max(1, self.size.width))))

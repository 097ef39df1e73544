"""A paragraph that breaks its lines as Japanese typesetting does."""

from rich.cells import cell_len
from textual.app import RenderResult
from textual.geometry import Size
from textual.widget import Widget

from screens.hardening import Enduring
from screens.widgets.text import plain, wrap


class Prose(Enduring, Widget):
    """Plain text of any length; a line break in it stays one."""

    def __init__(
        self,
        text: str = "",
        *,
        id: str | None = None,  # noqa: A002  # Textual's word
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._text = text

    def say(self, text: str) -> None:
        """Another text."""
        if text != self._text:
            self._text = text
            self.refresh(layout=True)

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002  # of the interface
        """The longest line, as far as there is room."""
        return min(container.width, max(map(cell_len, self._text.split("\n"))))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002  # of the interface
        """As many lines as it takes."""
        return len(wrap(self._text, max(2, width))) if self._text else 0

    def render(self) -> RenderResult:
        """The lines."""
        return plain("\n".join(wrap(self._text, max(2, self.size.width))))

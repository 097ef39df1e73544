"""A button one line high: `[ 実行 ]`, and `[>実行<]` when it has the focus."""

from textual.app import RenderResult
from textual.widgets import Button

from screens.hardening import Enduring
from screens.widgets.text import plain


class Press(Enduring, Button):
    """Enter or a click presses it; `Button.Pressed` tells. Focus shows in its shape, not in its colour alone."""

    def __init__(
        self,
        label: str,
        *,
        id: str | None = None,  # noqa: A002  # Textual's word
        primary: bool = False,
        help: str = "",  # noqa: A002  # the word every field uses
        classes: str | None = None,
    ) -> None:
        """`primary` marks the one action the screen is for."""
        super().__init__(plain(f"[ {label} ]"), id=id, classes=classes)
        self.set_class(primary, "-main")
        self.active_effect_duration = 0
        self.help_text = help
        self.text = label
        """What stands between the brackets."""

    def say(self, label: str) -> None:
        """Other words for the same place; the class `-changes` takes them into the key bar as well."""
        if label != self.text:
            self.text = label
            self.label = plain(f"[ {label} ]")
            # Longer words need more room; Textual leaves a button as wide as it was.
            self.refresh(layout=True)

    def render(self) -> RenderResult:
        """Brackets, and arrows inside them with the focus."""
        return plain(f"[>{self.text}<]" if self.has_focus else f"[ {self.text} ]")

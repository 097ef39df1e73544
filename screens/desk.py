"""What the staff screens outside a journey share: the way back, and the way to the menu."""

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.types import CSSPathType
from textual.widgets import Button

from kiosk.translations.catalog import N_
from screens import keys
from screens.base import KioskScreen

MENU = "S100"


class DeskScreen(KioskScreen[None]):
    """A screen that looks at something. F3 goes back to where it was opened from, Esc to the menu.

    Nothing is lost by leaving, so neither asks.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = "styles/desk.tcss"
    AUTO_FOCUS = ""
    FIRST: ClassVar[str] = "*"
    """Selects what has the focus at first; the top of the screen stays in sight, which `AUTO_FOCUS` may scroll away."""
    BINDINGS: ClassVar[list[BindingType]] = [keys.BACK, Binding("escape", "leave", N_("メニュー"))]

    def on_mount(self) -> None:
        """Begin at the top."""
        self.query_one(self.FIRST).focus(scroll_visible=False)

    @on(Button.Pressed, "#back")
    def action_back(self) -> None:
        """F3, and a button for the mouse."""
        if len(self.app.screen_stack) > 1:
            self.dismiss(None)

    def action_leave(self) -> None:
        """Esc."""
        stack = self.app.screen_stack
        above = next((up for up, screen in enumerate(reversed(stack)) if _is_menu(screen)), 0)
        for _screen in range(above):
            self.app.pop_screen()


def _is_menu(screen: object) -> bool:
    return isinstance(screen, KioskScreen) and screen.SCREEN_ID == MENU

"""The line on top of every screen: which screen, which counter, who, which reception, what time."""

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.app import RenderResult
from textual.geometry import Size
from textual.widget import Widget

from kiosk.rules.texts import displayable
from kiosk.translations.catalog import _
from screens.dates import clock_text
from screens.hardening import Enduring
from screens.messages import tagged
from screens.widgets.text import cut, plain
from screens.words import STAFF_ROLES

if TYPE_CHECKING:
    from screens.app import KioskApp
    from screens.base import KioskScreen

GAP = 2
NAMES = (60, 24, 16, 10, 6)
"""Cells a name may take, from plenty to too little: what is tried until the second line fits."""


class HeaderLine(Enduring, Widget):
    """One line where everything fits; otherwise counter, operator and reception fold into a second one.

    Screen ID, 【訓練】, reception number and the whole clock are never given up: what is still too long are the names
    of branch and operator, and those are cut. Training mode reverses the colours, too.
    """

    def on_mount(self) -> None:
        """Keep the clock going, and follow who is signed on and what is at hand."""
        self.set_class(self._app.counter.training, "-training")
        self.set_interval(1.0, self._tick)
        for fact in ("ready", "signed_on", "reception_no"):
            self.watch(self.app, fact, self._anew, init=False)

    def _tick(self) -> None:
        """The next second, where it is seen: for the clock of a covered screen Textual draws all of the upper one."""
        for screen in reversed(self.app.screen_stack):
            if screen is self.screen:
                self.refresh()
            if not screen.is_modal:
                return

    def _anew(self) -> None:
        self.set_class(self._app.counter.training, "-training")
        self.refresh(layout=True)

    @property
    def _app(self) -> "KioskApp":
        return self.app  # type: ignore[return-value]  # the app of a counter screen is the kiosk

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002  # of the interface
        """One line or two."""
        return len(self.lines(width))

    def render(self) -> RenderResult:
        """The line."""
        return plain("\n".join(self.lines(self.size.width)))

    def lines(self, width: int) -> list[str]:
        """What stands in the header at this width."""
        clock = clock_text(self._app.clock.now())
        name = self._title()
        line = _spread([name, *self._place(NAMES[0])], clock, width)
        if line is not None:
            return [line]
        first = _spread([cut(name, width - cell_len(clock) - GAP)], clock, width) or cut(name, width)
        folded = [(" " * GAP).join(self._place(cells)) for cells in NAMES]
        second = next((place for place in folded if cell_len(place) <= width), cut(folded[-1], width))
        return [first, second] if second else [first]

    def _title(self) -> str:
        screen: KioskScreen[object] = self.screen  # type: ignore[assignment]  # only counter screens have a header
        training = _("【訓練】") if self._app.counter.training else ""
        return tagged(training, f"{screen.SCREEN_ID} {screen.screen_name()}".strip())

    def _place(self, cells: int) -> list[str]:
        """Counter, operator, reception; names in at most `cells`."""
        actor = self._app.signed_on
        there = self._app.counter.terminal if actor is None else actor.terminal
        parts = []
        if there is not None:
            parts.append(
                _("{branch_no} {branch} 端末{terminal}").format(
                    branch_no=there.branch_no,
                    branch=cut(displayable(there.branch_name), cells),
                    terminal=there.terminal_no,
                )
            )
        if actor is not None:
            parts.append(f"{_(STAFF_ROLES[actor.role])} {cut(displayable(actor.name), cells)}")
        if self._app.reception_no is not None:
            parts.append(_("受付 {number}").format(number=self._app.reception_no))
        return [displayable(part) for part in parts]


def _spread(left: list[str], right: str, width: int) -> str | None:
    """Everything in one line with the clock at the right end; None when it does not fit."""
    text = (" " * GAP).join(left)
    room = width - cell_len(text) - cell_len(right)
    return None if room < GAP else text + " " * room + right

"""Three lines at the bottom: severity word, code, what happened, what to do next."""

from textual import events
from textual.app import RenderResult
from textual.message import Message
from textual.widget import Widget

from kiosk.translations.catalog import _
from screens.hardening import Enduring
from screens.messages import CounterMessage, Severity
from screens.widgets.text import cut, plain, wrap

LINES = 3


class MessageArea(Enduring, Widget):
    """Shows one message; a new one takes the place of the old one."""

    class Clicked(Message):
        """Somebody wants to read the message in full."""

    def __init__(self, message: CounterMessage | None = None) -> None:
        super().__init__()
        self._message = message
        self._working = False

    def on_mount(self) -> None:
        """Colour what was there before."""
        self._colour()

    def show(self, message: CounterMessage | None) -> None:
        """Show `message`, or nothing."""
        self._message = message
        self._colour()
        self.refresh()

    def working(self, working: bool) -> None:
        """While a use case takes longer than a moment, say so."""
        self._working = working
        self.refresh()

    def _colour(self) -> None:
        for severity in Severity:
            self.set_class(self._message is not None and self._message.severity is severity, f"-{severity}")

    def on_click(self, event: events.Click) -> None:
        """Ask for the whole message."""
        event.stop()
        if self._message is not None:
            self.post_message(self.Clicked())

    def render(self) -> RenderResult:
        """Up to three lines."""
        if self._message is None:
            return plain(_("処理しています。そのままお待ちください。") if self._working else "")
        return plain("\n".join(laid_out(self._message, self.size.width)))


def laid_out(message: CounterMessage, cells: int, lines: int = LINES) -> list[str]:
    """The message in at most `lines` lines: what to do on a line of its own where there is room for it."""
    apart = wrap(f"{message.head} {message.happened}", cells) + (
        wrap(message.to_do, cells) if message.to_do else []
    )
    if len(apart) <= lines:
        return apart
    flowing = wrap(message.text, cells)
    if len(flowing) <= lines:
        return flowing
    return [*flowing[: lines - 1], cut(flowing[lines - 1] + "  ", cells - 4) + _("(F1)")]

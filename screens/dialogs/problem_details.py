"""One message in full: for the telephone call with whoever helps."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Button, Static

from kiosk.translations.catalog import N_, _
from screens.base import KioskDialog
from screens.dates import clock_text
from screens.messages import CounterMessage
from screens.widgets.press import Press
from screens.widgets.prose import Prose
from screens.widgets.text import plain


class ProblemDetails(KioskDialog[None]):
    """Severity, code, what happened, what to do, when; nothing that a message area would not show."""

    SCREEN_NAME = N_("メッセージの詳細")
    AUTO_FOCUS = "#close"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", show=False)]

    def __init__(self, message: CounterMessage) -> None:
        super().__init__()
        self._told = message

    def compose_task(self) -> ComposeResult:
        """Label and text, paragraph by paragraph."""
        yield Static(plain(self._told.head), classes=f"-{self._told.severity}")
        for title, text in (
            (_("起きたこと"), self._told.happened),
            (_("次にすること"), self._told.to_do),
            (_("表示した時刻"), clock_text(self.app.clock.now())),
            (_("連絡先"), self.app.contact),
        ):
            if text:
                yield Static(plain(title), classes="panel-title")
                yield Prose(text)
        yield Press(_("閉じる"), id="close", classes="alone")

    @on(Button.Pressed, "#close")
    def action_close(self) -> None:
        """Back to the screen."""
        self.dismiss(None)

"""F1: what the message says in full, what to mind, what this field wants, and the keys that work now."""

from typing import Any, ClassVar

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Button, Static

from kiosk.translations.catalog import N_, _
from screens.base import KioskDialog, KioskScreen
from screens.dialogs.confirm import Asked
from screens.widgets.choices import Check, Choices
from screens.widgets.key_bar import keys_of
from screens.widgets.press import Press
from screens.widgets.prose import Prose
from screens.widgets.text import pad, plain


class Help(KioskDialog[None]):
    """Made from the screen below as it is now; nothing here is written by hand."""

    SCREEN_NAME = N_("ヘルプ")
    AUTO_FOCUS = "#close"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,f1", "close", show=False)]

    def __init__(self, explained: Screen[Any]) -> None:
        super().__init__()
        self._explained = explained

    def compose_task(self) -> ComposeResult:
        """Field, message, keys."""
        screen = self._explained
        if isinstance(screen, KioskScreen):
            name = screen.screen_name().removeprefix(screen.SCREEN_ID).strip()
            yield Static(plain(f"{screen.SCREEN_ID} {name}".strip()), classes="panel-title")
            message = screen.current_message
            if message is not None:
                yield Prose(message.text, classes="help-message")
            if screen.notes_shown:
                yield Static(plain(_("事務の注意")), classes="panel-title")
                yield Prose("\n".join(screen.notes_shown), classes="help-field")
        field_help = getattr(screen.focused, "help_text", "")
        if field_help:
            yield Prose(_("この項目: {help}").format(help=field_help), classes="help-field")
        yield Static(plain(_("使えるキー")), classes="panel-title")
        rows = [*((key.name, key.does) for key in keys_of(screen)), *_by_hand(screen)]
        width = max(cell_len(name) for name, _does in rows) + 2
        yield Static(plain("\n".join(pad(name, width) + does for name, does in rows)))
        yield Press(_("閉じる"), id="close", classes="alone")

    @on(Button.Pressed, "#close")
    def action_close(self) -> None:
        """Back to the screen."""
        self.dismiss(None)


def _by_hand(screen: Screen[Any]) -> list[tuple[str, str]]:
    rows = [
        ("Enter", _("次の項目へ進みます(ボタンと一覧では実行)")),
        ("Tab / Shift+Tab", _("次の項目、前の項目へ移ります")),
    ]
    if any(screen.query(kind) for kind in (Check, Choices)):
        rows.append(("Space", _("確認項目や選択肢に印を付けます")))
    if isinstance(screen, Asked):
        rows.append((_("矢印キー"), _("答えを選びます")))
    if isinstance(screen, KioskDialog) and "escape" in screen.active_bindings:
        rows.append(("Esc", _("何もせずに戻ります")))
    return rows

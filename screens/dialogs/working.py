"""While something takes long: what runs, which stage, for how many seconds. No key works."""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from kiosk.translations.catalog import N_, _
from screens.base import KioskDialog, KioskScreen
from screens.widgets.prose import Prose
from screens.widgets.text import pad, plain


class Working(KioskDialog[None], inherit_bindings=False):
    """Shows stages as 済, 実行中 and まだ, and counts the seconds."""

    SCREEN_NAME = N_("処理中")
    LOCKS = False
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, text: Callable[[], str], stages: Sequence[tuple[str, str]] = ()) -> None:
        """`stages` are pairs of a word and its name, marked with `N_`, in the order they are passed."""
        super().__init__()
        self._text = text
        self._stages = tuple(stages)
        self._stage = -1
        self._began = time.monotonic()
        self.busy = True

    def compose_task(self) -> ComposeResult:
        """Text, stages, seconds."""
        yield Prose(self._text())
        yield Static(plain(self._stage_lines()), id="stages")
        yield Static(plain(self._elapsed()), id="elapsed", classes="quiet")

    def on_mount(self) -> None:
        """Count."""
        self.set_interval(1.0, self._count)

    def reach(self, stage: str) -> None:
        """The work has come to `stage`. Call it on the event loop; from a thread through `call_from_thread`."""
        words = [word for word, _name in self._stages]
        if stage in words:
            self._stage = words.index(stage)
            for lines in self.query("#stages").results(Static):
                lines.update(plain(self._stage_lines()))

    def _count(self) -> None:
        self.query_one("#elapsed", Static).update(plain(self._elapsed()))

    def _elapsed(self) -> str:
        return _("(経過 {seconds}秒)").format(seconds=int(time.monotonic() - self._began))

    def _stage_lines(self) -> str:
        if not self._stages:
            return ""
        names = [_(name) for _word, name in self._stages]
        width = max(map(cell_len, names)) + 2
        states = [_("済"), _("実行中"), _("まだ")]
        return "\n".join(
            pad(name, width) + states[(place >= self._stage) + (place > self._stage)]
            for place, name in enumerate(names)
        )


@asynccontextmanager
async def working(
    screen: KioskScreen[Any], text: Callable[[], str], stages: Sequence[tuple[str, str]] = ()
) -> AsyncIterator[Working]:
    """Inside the block the dialog covers `screen`; give its `reach` to the use case as progress."""
    dialog = Working(text, stages)
    await screen.app.push_screen(dialog)
    try:
        yield dialog
    finally:
        dialog.dismiss(None)

"""【訓練】 The letters that would have gone out: training has no mail server, so they are read here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from kiosk.rules.texts import displayable
from kiosk.translations.catalog import N_, _
from screens import keys
from screens.base import KioskDialog, counter_action
from screens.dates import clock_text
from screens.hardening import Enduring
from screens.widgets.key_bar import KeyBar
from screens.widgets.lines import Lines
from screens.widgets.message_area import MessageArea
from screens.widgets.prose import Prose
from screens.widgets.text import plain


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One letter of the training post box."""

    at: datetime
    recipient: str
    subject: str
    body: str


class Page(Enduring, VerticalScroll, can_focus=True, inherit_bindings=False):
    """A letter that may be longer than the window; arrow keys and the wheel move through it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll_up", show=False),
        Binding("down", "scroll_down", show=False),
        Binding("pageup", "page_up", show=False),
        Binding("pagedown", "page_down", show=False),
    ]
    help_text = ""


class Mailbox(KioskDialog[None]):
    """Newest first. Opens only in training, and says so in its reversed title."""

    SCREEN_NAME = N_("【訓練】メール(実際には送信されません)")
    AUTO_FOCUS = "#letters"
    BINDINGS: ClassVar[list[BindingType]] = [keys.REFRESH, Binding("escape", "close", N_("閉じる"))]

    def __init__(self, fetch: Callable[[], Sequence[Letter]]) -> None:
        """`fetch` reads the box; it blocks, so it runs in a thread."""
        super().__init__(classes="-training")
        self._fetch = fetch
        self._letters: tuple[Letter, ...] = ()
        self._fetched = False

    def compose_task(self) -> ComposeResult:
        """The list above, the letter below; the key that closes the box is always in sight."""
        yield Lines(*(Option(plain(_line(letter))) for letter in self._letters), id="letters")
        with Page(id="page"):
            yield Prose(self._body(0), id="letter")
        yield MessageArea(self.current_message)
        yield KeyBar()

    def on_mount(self) -> None:
        """Read the box."""
        self.action_refresh()

    @counter_action
    async def action_refresh(self) -> None:
        """F5: read the box again."""
        letters = await self.perform(self._fetch)
        self._letters = tuple(sorted(letters, key=lambda letter: letter.at, reverse=True))
        self._fetched = True
        await self.speak_again()
        self.query_one("#letters", OptionList).highlighted = 0 if self._letters else None

    @on(OptionList.OptionHighlighted, "#letters")
    def read(self, event: OptionList.OptionHighlighted) -> None:
        """Show the letter the cursor is on."""
        self.query_one("#letter", Prose).say(self._body(event.option_index))

    def action_close(self) -> None:
        """Back to the screen."""
        self.dismiss(None)

    def _body(self, index: int) -> str:
        if not self._letters:
            return (
                _("まだメールはありません。認証コードを送信すると、ここに届きます。") if self._fetched else ""
            )
        letter = self._letters[min(index, len(self._letters) - 1)]
        head = _("宛先 {recipient}").format(recipient=displayable(letter.recipient))
        body = "\n".join(displayable(line) for line in letter.body.splitlines())
        return f"{head}\n{displayable(letter.subject)}\n\n{body}"


def _line(letter: Letter) -> str:
    return f"{clock_text(letter.at, year=False)}  {displayable(letter.subject)}"

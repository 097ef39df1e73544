"""S211: the letters of one user, for whoever says that none arrived."""

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal

from kiosk.services.letters.letters import LetterView
from kiosk.translations.catalog import N_, _
from screens import keys
from screens.base import counter_action
from screens.dates import clock_text
from screens.desk import DeskScreen
from screens.widgets.press import Press
from screens.widgets.prose import Prose
from screens.widgets.virtual_table import Column, Layout, Tone, VirtualTable
from screens.wording.letters import about, answer_text, kind_text, state_text, what_to_tell

if TYPE_CHECKING:
    from kiosk.services.views import UserCard

REFUSED = frozenset({"bounced", "gave_up"})


class UserLetters(DeskScreen):
    """When each left, to which masked address, and what the mail server said. Nothing is changed here (R-63)."""

    SCREEN_ID = "S211"
    SCREEN_NAME = N_("送信メール")
    SHOWS_CARD = True
    FIRST = "#letters-sent"
    BINDINGS: ClassVar[list[BindingType]] = [keys.REFRESH]

    def __init__(self, card: "UserCard") -> None:
        super().__init__()
        self._card: UserCard = card
        self._letters: tuple[LetterView, ...] | None = None
        """None before the first answer."""

    def compose_task(self) -> ComposeResult:
        """What to tell the customer, the letters, what the one under the cursor means."""
        yield Prose(what_to_tell(self._card.masked_email), id="what-to-tell")
        yield VirtualTable(
            _layout(),
            self._letters or (),
            empty=self._why_empty(),
            help=_("新しい順です。上下の矢印キーで選ぶと、宛先とサーバーの応答が下に出ます。"),
            id="letters-sent",
        )
        yield Prose(self._about(), id="about-letter", classes="quiet")
        with Horizontal(classes="buttons"):
            yield Press(_("前画面"), id="back")

    def _why_empty(self) -> str:
        if self._letters is None:
            return _("読み込んでいます。")
        return _("このお客様へのメールはまだありません。認証コードやお知らせを送ると、ここに並びます。")

    def _about(self) -> str:
        letter = self._table.row if self.is_mounted and self.query("#letters-sent") else None
        return "" if letter is None else about(letter)

    @property
    def _table(self) -> VirtualTable[LetterView]:
        return self.query_one("#letters-sent", VirtualTable)

    @on(VirtualTable.Moved, "#letters-sent")
    def another_letter(self, event: VirtualTable.Moved) -> None:
        """What became of the letter under the cursor."""
        event.stop()
        self.query_one("#about-letter", Prose).say(self._about())

    def after_recompose(self) -> None:
        """What depends on the cursor."""
        self.query_one("#about-letter", Prose).say(self._about())

    def on_mount(self) -> None:
        """Read them."""
        self.run_worker(self._read(), group="reading", exclusive=True, exit_on_error=False)

    @counter_action
    async def action_refresh(self) -> None:
        """F5: as they are now; the cursor stays with its letter."""
        await self._read()

    async def _read(self) -> None:
        self._letters = await self.perform(
            self.app.services.letters.of_user, self.app.actor, self._card.user_pk
        )
        self._table.show(self._letters, empty=self._why_empty())


def _layout() -> Layout[LetterView]:
    return Layout(
        columns=(
            Column(_("日時"), 24),
            Column(_("種類"), 20, grows=True),
            Column(_("状態"), 10),
            Column(_("応答"), 14, grows=True),
        ),
        cells=lambda letter: (
            clock_text(letter.sent_at or letter.queued_at),
            kind_text(letter.kind),
            state_text(letter.state),
            answer_text(letter.answer),
        ),
        key=lambda letter: letter.pk,
        tone=lambda letter: Tone.ALERT if letter.state in REFUSED else Tone.PLAIN,
    )

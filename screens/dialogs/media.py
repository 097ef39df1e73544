"""What is asked before the media ledger is written: which numbers came, and what became of one."""

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Button, Label, OptionList
from textual.widgets.option_list import Option

from kiosk.rules.media_ledger import BY_HAND, MediumState
from kiosk.rules.roles import Permission, may
from kiosk.rules.texts import displayable
from kiosk.translations.catalog import N_, _
from screens.base import KioskDialog, counter_action
from screens.widgets.field import Field
from screens.widgets.lines import Lines
from screens.widgets.message_area import MessageArea
from screens.widgets.press import Press
from screens.widgets.prose import Prose
from screens.widgets.text import plain
from screens.wording.stock import MEDIA

if TYPE_CHECKING:
    from kiosk.services.media.stock import MediumRow


class TakeIn(KioskDialog[int | None]):
    """Answers with how many media were taken in, or None when nothing came. A refusal leaves what was typed."""

    SCREEN_NAME = N_("媒体の受入")
    CSS_PATH = "../styles/desk.tcss"
    AUTO_FOCUS = "#first_no"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", show=False),
        Binding("f12", "go", show=False),
    ]

    def compose_task(self) -> ComposeResult:
        """Numbers, and the branch for those who keep all of them."""
        yield Prose(
            _("空の媒体の番号を入力してください。連番のときは、最後の番号も入力します。"), classes="prompt"
        )
        for field, name in self._fields():
            with Horizontal(classes="fact"):
                yield Label(plain(name), classes="fact-label")
                yield Field(id=field, limit=20)
        with Horizontal(classes="buttons"):
            yield Press(_("受け入れる"), id="go", primary=True)
            yield Press(_("やめる"), id="close")
        yield MessageArea(self.current_message)

    def _fields(self) -> tuple[tuple[str, str], ...]:
        numbers = (("first_no", _("最初の番号")), ("last_no", _("最後の番号")))
        if may(self.app.actor.role, Permission.SEE_ALL_BRANCHES):
            return (*numbers, ("branch_no", _("店番")))
        return numbers

    @on(Button.Pressed, "#go")
    @counter_action
    async def action_go(self) -> None:
        """F12, or the button."""
        typed = {field: self.query_one(f"#{field}", Field).value.strip() for field, _name in self._fields()}
        self.dismiss(
            await self.perform(
                self.app.services.stock.take_in,
                self.app.actor,
                typed["first_no"],
                typed["last_no"],
                typed.get("branch_no", ""),
            )
        )

    @on(Button.Pressed, "#close")
    def action_close(self) -> None:
        """Esc."""
        self.dismiss(None)


class NoteMedium(KioskDialog[MediumState | None]):
    """Answers with what became of the medium. It cannot be undone, so the focus rests on the way out."""

    SCREEN_NAME = N_("媒体の記録")
    CSS_PATH = "../styles/desk.tcss"
    AUTO_FOCUS = "#close"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", show=False)]

    def __init__(self, row: "MediumRow") -> None:
        super().__init__()
        self._row = row
        self._states = tuple(state for state in MediumState if state in BY_HAND[row.state])

    def compose_task(self) -> ComposeResult:
        """Which medium, what it is now, what follows."""
        yield Prose(
            _("媒体{number}(いまは「{state}」)").format(
                number=displayable(self._row.medium_no), state=_(MEDIA[self._row.state])
            ),
            classes="question",
        )
        yield Lines(*(Option(plain(_(MEDIA[state]))) for state in self._states), id="media-states")
        yield Prose(
            _("記録は取り消せません。この媒体は、もう発行に使えなくなります。"), classes="consequence"
        )
        yield Press(_("やめる"), id="close", classes="alone")

    @on(OptionList.OptionSelected, "#media-states")
    def chosen(self, event: OptionList.OptionSelected) -> None:
        """Enter or a click on a state."""
        event.stop()
        self.dismiss(self._states[event.option_index])

    @on(Button.Pressed, "#close")
    def action_close(self) -> None:
        """Esc."""
        self.dismiss(None)

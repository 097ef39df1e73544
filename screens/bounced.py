"""S711: users whom no mail reaches, so that somebody calls them (R-63)."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Button

from kiosk.services.letters.letters import BouncedView
from kiosk.translations.catalog import N_, _
from screens import keys
from screens.base import counter_action
from screens.dates import clock_text
from screens.desk import DeskScreen
from screens.widgets.press import Press
from screens.widgets.prose import Prose
from screens.widgets.virtual_table import Column, Layout, VirtualTable
from screens.wording.letters import answer_text, kind_text, what_to_tell


class Bounced(DeskScreen):
    """One line a user whose newest letter was refused for good; a line opens the card."""

    SCREEN_ID = "S711"
    SCREEN_NAME = N_("メール不達一覧")
    FIRST = "#bounced"
    BINDINGS: ClassVar[list[BindingType]] = [keys.REFRESH, Binding("f12", "go", N_("カードを開く"))]

    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[BouncedView, ...] | None = None
        """None before the first answer."""

    def compose_task(self) -> ComposeResult:
        """The users, what to do about the one under the cursor, buttons."""
        yield VirtualTable(
            _layout(),
            self._rows or (),
            empty=self._why_empty(),
            help=_("新しい順です。Enterを押すとユーザーカードが開きます。"),
            click_chooses=True,
            id="bounced",
        )
        yield Prose(self._about(), id="about-bounced")
        with Horizontal(classes="buttons"):
            yield Press(_("カードを開く"), id="go", primary=True)
            yield Press(_("前画面"), id="back")

    def _why_empty(self) -> str:
        if self._rows is None:
            return _("読み込んでいます。")
        return _("メールが届かないお客様はいません。お知らせが宛先不明で戻ると、そのお客様がここに並びます。")

    def _about(self) -> str:
        row = self._table.row if self.is_mounted and self.query("#bounced") else None
        if row is None:
            return ""
        return "\n".join(
            (what_to_tell(row.email), _("サーバーの応答 {answer}").format(answer=answer_text(row.answer)))
        )

    @property
    def _table(self) -> VirtualTable[BouncedView]:
        return self.query_one("#bounced", VirtualTable)

    @on(VirtualTable.Moved, "#bounced")
    def another_line(self, event: VirtualTable.Moved) -> None:
        """What to do about the line under the cursor."""
        event.stop()
        self.query_one("#about-bounced", Prose).say(self._about())

    def after_recompose(self) -> None:
        """What depends on the cursor."""
        self.query_one("#about-bounced", Prose).say(self._about())

    def on_mount(self) -> None:
        """Read them."""
        self.run_worker(self._read(), group="reading", exclusive=True, exit_on_error=False)

    @counter_action
    async def action_refresh(self) -> None:
        """F5: read again; the cursor stays with its line."""
        await self._read()

    async def _read(self) -> None:
        self._rows = await self.perform(self.app.services.letters.bounced, self.app.actor)
        self._table.show(self._rows, empty=self._why_empty())

    @on(VirtualTable.Chosen, "#bounced")
    def line_chosen(self, event: VirtualTable.Chosen) -> None:
        """Enter or a click on a line is F12."""
        event.stop()
        self.action_go()

    @on(Button.Pressed, "#go")
    @counter_action
    async def action_go(self) -> None:
        """F12: the card of the user under the cursor."""
        from screens.customer import Customer  # noqa: PLC0415  # loaded when the first card is opened

        row = self._table.row
        if row is not None:
            card = await self.perform(self.app.services.customers.card, self.app.actor, row.user_pk)
            self.app.push_screen(Customer(card))


def _layout() -> Layout[BouncedView]:
    return Layout(
        columns=(
            Column(_("ユーザーID"), 12),
            Column(_("氏名"), 12, grows=True),
            Column(_("団体"), 16, grows=True),
            Column(_("宛先"), 17),
            Column(_("種類"), 20, spare=True),
            Column(_("日時"), 24, spare=True),
        ),
        cells=lambda row: (
            row.user_id,
            row.name,
            row.organization_name,
            row.email,
            kind_text(row.kind),
            clock_text(row.bounced_at),
        ),
        key=lambda row: row.user_pk,
    )

"""S910: the ledger of numbered media, what came in, what broke, what came back."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Button, RadioSet, Static

from kiosk.rules.media_ledger import BY_HAND
from kiosk.rules.roles import Permission, may
from kiosk.rules.texts import displayable
from kiosk.services.media.stock import MediumRow, MediumState, Movement
from kiosk.translations.catalog import N_, _
from screens import keys
from screens.base import counter_action
from screens.dates import clock_text
from screens.dialogs.facts import Facts
from screens.dialogs.media import NoteMedium, TakeIn
from screens.messages import CounterMessage, check, done
from screens.paged_lines import PagedLines
from screens.widgets.choices import Choices
from screens.widgets.press import Press
from screens.widgets.text import plain
from screens.widgets.virtual_table import Column, Layout, Tone, VirtualTable
from screens.wording.stock import MEDIA
from screens.words import word

ORDER: tuple[MediumState | None, ...] = (None, *MediumState)


class StockScreen(PagedLines[MediumRow, str]):
    """Everybody looks; who keeps the media also notes what happens to them."""

    SCREEN_ID = "S910"
    SCREEN_NAME = N_("媒体受払")
    FIRST = "#media"
    TABLE = "#media"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f4", "take_in", N_("受入")),
        keys.REFRESH,
        Binding("f11", "note", N_("破損・返却")),
        Binding("f12", "go", N_("経過")),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._shown: MediumState | None = None
        self._counts: Mapping[MediumState, int] = {}

    # --- looks -------------------------------------------------------------------------------------------------------

    def compose_task(self) -> ComposeResult:
        """Which media, how many there are, the ledger, buttons."""
        yield Choices(
            (_("すべて") if state is None else _(MEDIA[state]) for state in ORDER),
            chosen=ORDER.index(self._shown),
            help=_("矢印キーで選び、スペースキーで切り替えます。"),
            id="shown",
        )
        yield Static(plain(self._summary()), id="stock-summary")
        yield VirtualTable(
            _layout(),
            self._rows or (),
            empty=self._why_empty(),
            help=_("番号順です。Enterを押すと、その媒体の経過が出ます。"),
            more=self._next is not None,
            id="media",
        )
        with Horizontal(classes="buttons"):
            yield Press(_("経過"), id="go", primary=True)
            if self._keeps:
                yield Press(_("受入"), id="take-in")
                yield Press(_("破損・返却"), id="note")
            yield Press(_("前画面"), id="back")

    @property
    def _keeps(self) -> bool:
        return may(self.app.actor.role, Permission.MANAGE_MEDIA)

    def _summary(self) -> str:
        if not self._counts:
            return _("読み込んでいます。")
        return "  ".join(
            _("{state} {count}本").format(state=_(MEDIA[state]), count=count)
            for state, count in self._counts.items()
        )

    def when_empty(self) -> str:
        """Said where no line stands."""
        return _("該当する媒体はありません。新しい媒体が届いたら、役席または管理者が「受入」で登録します。")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What only others may do does not stand there for who only looks."""
        if action in {"take_in", "note"} and not self._keeps:
            return False
        return super().check_action(action, parameters)

    # --- reading -----------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """The whole ledger."""
        self.read_behind()

    def action_refresh(self) -> None:
        """F5: read again; the cursor stays with its line."""
        self.be_quiet()
        self.read_behind()

    @on(RadioSet.Changed, "#shown")
    def another_state(self, event: RadioSet.Changed) -> None:
        """All, or those in one state."""
        event.stop()
        self._shown = ORDER[event.radio_set.pressed_index]
        self.read_behind()

    async def fetch(self, behind: str | None) -> tuple[tuple[MediumRow, ...], str | None]:
        """Media in the state that is shown."""
        page = await self.perform(
            self.app.services.stock.media, self.app.actor, self._shown, behind=behind or ""
        )
        return page.rows, page.next_page

    async def read(self) -> None:
        """The ledger, then how many there are in each state."""
        await super().read()
        self._counts = await self.perform(self.app.services.stock.counts, self.app.actor)
        self.query_one("#stock-summary", Static).update(plain(self._summary()))

    # --- doing -------------------------------------------------------------------------------------------------------

    @on(VirtualTable.Chosen, "#media")
    def line_chosen(self, event: VirtualTable.Chosen) -> None:
        """Enter on a line is F12."""
        event.stop()
        self.action_go()

    @on(Button.Pressed, "#go")
    @counter_action
    async def action_go(self) -> None:
        """F12: where the medium has been."""
        row = self._table.row
        if row is None:
            self.tell(_nothing_here)
            return
        found = await self.perform(self.app.services.stock.movements, self.app.actor, row.medium_no)
        self.app.push_screen(Facts(partial(_movements, row, found)))

    @on(Button.Pressed, "#take-in")
    @counter_action
    async def action_take_in(self) -> None:
        """F4: new media, one or a run of numbers."""
        count = await self.app.push_screen_wait(TakeIn())
        if count is None:
            return
        await self.read()
        self.tell(partial(_taken_in, count))

    @on(Button.Pressed, "#note")
    @counter_action
    async def action_note(self) -> None:
        """F11: the medium under the cursor broke or came back."""
        row = self._table.row
        if row is None or not BY_HAND[row.state]:
            self.tell(_nothing_to_note)
            return
        state = await self.app.push_screen_wait(NoteMedium(row))
        if state is None:
            return
        await self.perform(self.app.services.stock.note, self.app.actor, row.medium_no, state)
        await self.read()
        self.tell(partial(_noted, row.medium_no, state))


def _layout() -> Layout[MediumRow]:
    return Layout(
        columns=(
            Column(_("媒体番号"), 10, grows=True),
            Column(_("状態"), 10),
            Column(_("日時"), 24),
            Column(_("受付番号"), 20),
            Column(_("店番"), 13, spare=True),
        ),
        cells=lambda row: (
            row.medium_no,
            _(MEDIA[row.state]),
            "" if row.since is None else clock_text(row.since),
            row.reception_no,
            row.branch_no,
        ),
        key=lambda row: row.medium_no,
        tone=lambda row: Tone.PLAIN if row.state in {"in_stock", "in_use"} else Tone.QUIET,
    )


def _movements(row: MediumRow, found: tuple[Movement, ...]) -> Iterator[tuple[str, str]]:
    yield _("媒体番号"), row.medium_no
    for movement in found:
        by = "  ".join(filter(None, (word(MEDIA, movement.state), movement.staff_id, movement.reception_no)))
        yield clock_text(movement.at), by


def _nothing_here() -> CounterMessage:
    return check("WM19", _("一覧に媒体がありません。"), _("F5で読み直すか、別の状態を選んでください。"))


def _nothing_to_note() -> CounterMessage:
    return check(
        "WM22",
        _("破損や返却を記録できるのは、在庫・交付済・破損の媒体だけです。"),
        _("使用中の媒体は、その受付を終了すると記録されます。"),
    )


def _taken_in(count: int) -> CounterMessage:
    return done("IM18", _("媒体{count}本を受け入れました。").format(count=count))


def _noted(medium_no: str, state: MediumState) -> CounterMessage:
    return done(
        "IM19",
        _("媒体{number}を「{state}」にしました。").format(
            number=displayable(medium_no), state=_(MEDIA[state])
        ),
    )

"""S800: the journal for those who may read it, and whether it is as it was written."""

from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Button

from kiosk.errors import KioskError
from kiosk.rules.validity import jst_date
from kiosk.services.overview.journal import EventTag, JournalFilter, JournalLine, Position
from kiosk.translations.catalog import N_, _
from screens import keys
from screens.base import counter_action
from screens.dates import CLOCK_CELLS, clock_text
from screens.dialogs.event_kinds import EventKinds
from screens.dialogs.facts import Facts
from screens.paged_lines import SearchedLines
from screens.widgets.chain_state import Chain, ChainState
from screens.widgets.field import Field, FieldLabel
from screens.widgets.press import Press
from screens.widgets.virtual_table import Column, Layout, Tone, VirtualTable
from screens.wording.journal import OUTCOMES, details_of, event_text
from screens.words import word

NEWEST = 10_000
"""Entries of each chain that are verified whenever the journal is opened; the rest on request."""
FILTERS = ("staff_id", "user_id", "reception_no")


class JournalScreen(SearchedLines[JournalLine, Position]):
    """Today's entries first; a day, a kind, an operator, a user or a reception narrows them down."""

    SCREEN_ID = "S800"
    SCREEN_NAME = N_("ジャーナル照会")
    FIRST = "#day"
    TABLE = "#entries"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f4", "kinds", N_("できごと")),
        keys.REFRESH,
        Binding("f11", "verify_all", N_("すべて検証")),
        Binding("f12", "go", N_("検索")),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._day = ""
        self._tag: EventTag | None = None
        self._wanted = JournalFilter()
        self._chain = Chain()

    # --- looks -------------------------------------------------------------------------------------------------------

    def compose_task(self) -> ComposeResult:
        """Whether it is whole, what to show, the entries."""
        yield ChainState(self._chain, self.app.contact, id="chain")
        with Horizontal(classes="filters"):
            yield from _named(
                _("日付"),
                Field(
                    self._day,
                    id="day",
                    half_width=True,
                    limit=10,
                    help=_("2026-11-22のように入力します。空にすると、すべての日です。"),
                ),
            )
            yield from _named(
                _("オペレーター"),
                Field(
                    id="staff_id",
                    limit=20,
                    half_width=True,
                    help=_("オペレーターIDの全体。空にすると、全員です。"),
                ),
            )
            yield from _named(
                _("ユーザーID"),
                Field(
                    id="user_id",
                    limit=12,
                    half_width=True,
                    help=_("ユーザーIDの全体。大文字と小文字を区別します。"),
                ),
            )
        with Horizontal(classes="filters"):
            yield from _named(
                _("受付番号"), Field(id="reception_no", limit=24, half_width=True, help=_("受付番号の全体。"))
            )
            yield Press(self._kind(), id="kinds", help=_("できごとの種類で絞り込みます。F4でも選べます。"))
            yield Press(_("検索"), id="go", primary=True)
        yield VirtualTable(
            _layout(),
            self._rows or (),
            empty=self._why_empty(),
            help=_("上下の矢印キーで選び、Enterを押すと記録の全体が出ます。"),
            click_chooses=True,
            more=self._next is not None,
            id="entries",
        )

    def _kind(self) -> str:
        name = _("すべて") if self._tag is None else event_text(self._tag)
        return _("できごと: {name}").format(name=name)

    def when_empty(self) -> str:
        """Said where no line stands."""
        return _("この条件に合う記録はありません。日を空にするか、条件を減らして、F12で検索してください。")

    # --- reading -----------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Today, and the newest entries of each chain verified behind it."""
        self._day = jst_date(self.app.clock.now()).isoformat()
        self.query_one("#day", Field).value = self._day
        self._wanted = JournalFilter(day=jst_date(self.app.clock.now()))
        self.read_behind()
        self._verify_behind(NEWEST)

    @on(Button.Pressed, "#go")
    def go_pressed(self) -> None:
        """The button for the mouse."""
        self.action_go()

    @counter_action
    async def action_go(self) -> None:
        """F12: read the entries of these conditions."""
        await self._search()

    async def _search(self) -> None:
        self._wanted = JournalFilter(day=self.typed_day(), tag=self._tag, **self.typed(FILTERS))
        await self.read()
        self._table.move_to(0)
        if self._rows:
            self._table.focus()

    @counter_action
    async def action_refresh(self) -> None:
        """F5: the same entries as they are now, verified again."""
        self._verify_behind(NEWEST)
        await self.read()

    async def fetch(self, behind: Position | None) -> tuple[tuple[JournalLine, ...], Position | None]:
        """Entries of these conditions."""
        page = await self.perform(
            self.app.services.journal.entries, self.app.actor, self._wanted, behind=behind
        )
        return page.lines, page.next_page

    # --- verifying ---------------------------------------------------------------------------------------------------

    @counter_action
    async def action_verify_all(self) -> None:
        """F11: every entry there is, however long it takes; the screen stays usable."""
        self._verify_behind(None)

    def _verify_behind(self, newest: int | None) -> None:
        self.run_worker(self._verify(newest), group="verifying", exclusive=True, exit_on_error=False)

    async def _verify(self, newest: int | None) -> None:
        self._show_chain(Chain(running=True, newest=newest))
        try:
            found = await self.perform(self.app.services.journal.verify, self.app.actor, newest=newest)
        except KioskError as refusal:
            self._show_chain(Chain(newest=newest, refusal=refusal))
            return
        self._show_chain(Chain(newest=newest, at=self.app.clock.now(), findings=found))

    def _show_chain(self, chain: Chain) -> None:
        self._chain = chain
        self.query_one(ChainState).show(chain)

    # --- one entry, one kind -----------------------------------------------------------------------------------------

    @on(VirtualTable.Chosen, "#entries")
    def entry_chosen(self, event: VirtualTable.Chosen) -> None:
        """Enter or a click opens the whole entry."""
        event.stop()
        line = self._table.row
        if line is not None:
            self.app.push_screen(Facts(partial(details_of, line, self.app.contact)))

    @on(Button.Pressed, "#kinds")
    @counter_action
    async def action_kinds(self) -> None:
        """F4: choose a kind of event, or all of them."""
        chosen = await self.app.push_screen_wait(EventKinds(self._tag))
        if chosen is not None:
            self._tag = EventTag(chosen) if chosen else None
            await self.speak_again()
            await self._search()


def _named(name: str, field: Field) -> ComposeResult:
    yield FieldLabel(name, field)
    yield field


def _layout() -> Layout[JournalLine]:
    return Layout(
        columns=(
            Column(_("日時"), CLOCK_CELLS),
            Column(_("できごと"), 18, grows=True),
            Column(_("結果"), 6),
            Column(_("係員"), 8),
            Column(_("ユーザーID"), 12),
            Column(_("受付番号"), 20, spare=True),
            Column(_("端末"), 8, spare=True),
        ),
        cells=lambda line: (
            clock_text(line.at),
            event_text(line.tag),
            word(OUTCOMES, line.outcome),
            line.staff_id or "",
            line.user_id or "",
            line.reception_no or "",
            "-".join(filter(None, (line.branch_no, line.terminal_no))),
        ),
        key=lambda line: (line.node, line.seq),
        tone=lambda line: Tone.PLAIN if line.outcome == "done" else Tone.ALERT,
    )

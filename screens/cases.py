"""S220: receptions of today and of years ago, by number, day, user, operator and state."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Button, Label, RadioSet

from kiosk.rules.validity import jst_date
from kiosk.services.overview.inquiring import CaseFilter, CaseRow, Shown
from kiosk.translations.catalog import N_, _
from screens import keys
from screens.base import counter_action
from screens.dates import clock_text
from screens.paged_lines import SearchedLines
from screens.widgets.choices import Choices
from screens.widgets.field import Field
from screens.widgets.press import Press
from screens.widgets.text import plain
from screens.widgets.virtual_table import Column, Layout, Tone, VirtualTable
from screens.wording.cases import SHOWN, transaction_text
from screens.wording.unfinished import CASE_STATES
from screens.words import word

FILTERS = ("reception_no", "user_id", "staff_id")
ORDER = tuple(Shown)


class Cases(SearchedLines[CaseRow, int]):
    """Today's receptions first; a line opens everything that is known of it. Nothing is changed here."""

    SCREEN_ID = "S220"
    SCREEN_NAME = N_("取引照会")
    FIRST = "#reception_no"
    TABLE = "#cases"
    BINDINGS: ClassVar[list[BindingType]] = [keys.REFRESH, Binding("f12", "go", N_("検索"))]

    def __init__(self) -> None:
        super().__init__()
        self._day = ""
        self._shown = Shown.ALL
        self._wanted = CaseFilter()

    # --- looks -------------------------------------------------------------------------------------------------------

    def compose_task(self) -> ComposeResult:
        """What to look for, the receptions."""
        with Horizontal(classes="filters"):
            yield Label(plain(_("受付番号")), classes="field-name")
            yield Field(id="reception_no", limit=24, half_width=True, help=_("受付番号の全体。"))
            yield Label(plain(_("日付")), classes="field-name")
            yield Field(
                self._day,
                id="day",
                half_width=True,
                limit=10,
                help=_("2026-11-22のように入力します。空にすると、すべての日です。"),
            )
        with Horizontal(classes="filters"):
            yield Label(plain(_("ユーザーID")), classes="field-name")
            yield Field(
                id="user_id",
                limit=12,
                half_width=True,
                help=_("ユーザーIDの全体。大文字と小文字を区別します。"),
            )
            yield Label(plain(_("オペレーター")), classes="field-name")
            yield Field(
                id="staff_id",
                limit=20,
                half_width=True,
                help=_("オペレーターIDの全体。空にすると、全員です。"),
            )
            yield Press(_("検索"), id="go", primary=True)
        yield Choices(
            (_(SHOWN[shown]) for shown in ORDER),
            chosen=ORDER.index(self._shown),
            help=_("矢印キーで選び、スペースキーで切り替えます。"),
            id="shown",
        )
        yield VirtualTable(
            _layout(),
            self._rows or (),
            empty=self._why_empty(),
            help=_("新しい順です。Enterを押すと、その取引の詳細が開きます。"),
            click_chooses=True,
            more=self._next is not None,
            id="cases",
        )
        with Horizontal(classes="buttons"):
            yield Press(_("詳細を開く"), id="open")
            yield Press(_("前画面"), id="back")

    def when_empty(self) -> str:
        """Said where no line stands."""
        return _("この条件に合う取引はありません。日付を空にするか、条件を減らして、F12で検索してください。")

    # --- reading -----------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Today."""
        today = jst_date(self.app.clock.now())
        self._day = today.isoformat()
        self.query_one("#day", Field).value = self._day
        self._wanted = CaseFilter(day=today)
        self.read_behind()

    @on(RadioSet.Changed, "#shown")
    def another_state(self, event: RadioSet.Changed) -> None:
        """All, or those in one state."""
        event.stop()
        self._shown = ORDER[event.radio_set.pressed_index]
        self.search_again()

    @on(Button.Pressed, "#go")
    def go_pressed(self) -> None:
        """The button for the mouse."""
        self.action_go()

    @counter_action
    async def action_go(self) -> None:
        """F12: look for receptions of these conditions; a number that is known opens at once."""
        await self._search()
        if not self._rows:
            return
        if self._wanted.reception_no and len(self._rows) == 1:
            await self._open(self._rows[0])
        else:
            self._table.focus()

    @counter_action
    async def search_again(self) -> None:
        """The same with other states; the focus stays."""
        await self._search()

    async def _search(self) -> None:
        typed, day = self.typed(FILTERS), self.typed_day()
        if typed["reception_no"]:
            day = None  # the number names its day already
        self._wanted = CaseFilter(day=day, shown=self._shown, **typed)
        await self.read()
        self._table.move_to(0)

    @counter_action
    async def action_refresh(self) -> None:
        """F5: the same receptions as they are now."""
        await self.read()

    async def fetch(self, behind: int | None) -> tuple[tuple[CaseRow, ...], int | None]:
        """Receptions of these conditions."""
        page = await self.perform(
            self.app.services.inquiries.find, self.app.actor, self._wanted, behind=behind
        )
        return page.rows, page.next_page

    # --- one of them -------------------------------------------------------------------------------------------------

    @on(VirtualTable.Chosen, "#cases")
    def line_chosen(self, event: VirtualTable.Chosen) -> None:
        """Enter or a click opens it."""
        event.stop()
        self.open_row()

    @on(Button.Pressed, "#open")
    def open_pressed(self) -> None:
        """The button for the mouse."""
        self.open_row()

    @counter_action
    async def open_row(self) -> None:
        """The reception under the cursor."""
        row = self._table.row
        if row is not None:
            await self._open(row)

    async def _open(self, row: CaseRow) -> None:
        from screens.case_record import CaseRecord  # noqa: PLC0415  # loaded when the first one is opened

        detail = await self.perform(self.app.services.inquiries.detail, self.app.actor, row.reception_no)
        self.app.push_screen(CaseRecord(detail))


def _layout() -> Layout[CaseRow]:
    return Layout(
        columns=(
            Column(_("受付番号"), 20),
            Column(_("取引"), 10, grows=True),
            Column(_("状態"), 18),
            Column(_("ユーザー"), 16, grows=True),
            Column(_("係員"), 8, spare=True),
            Column(_("受付日時"), 24, spare=True),
        ),
        cells=lambda row: (
            row.reception_no,
            transaction_text(row.transaction),
            word(CASE_STATES, row.state),
            f"{row.user_id} {row.name}".strip(),
            row.staff_id,
            clock_text(row.opened_at),
        ),
        key=lambda row: row.reception_no,
        tone=lambda row: Tone.QUIET if row.state == "voided" else Tone.PLAIN,
    )

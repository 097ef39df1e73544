"""S200: finding a user by whatever is known of them, while it is being typed."""

import asyncio
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Button, Input, Static

from kiosk.errors import BadInput, UserNotFound
from kiosk.rules.credentials import ShapeProblem, check_user_id
from kiosk.services.views import UserRow
from kiosk.translations.catalog import N_, _
from screens.base import counter_action
from screens.desk import DeskScreen
from screens.user_lines import users_layout
from screens.widgets.field import Field, FieldLabel
from screens.widgets.press import Press
from screens.widgets.text import plain
from screens.widgets.virtual_table import VirtualTable

PAUSE = 0.12
"""Seconds without a key until the registry is asked."""
FOUND_AT_MOST = 50
"""Users; whoever sees so many types on."""
LONGEST = 100
"""Characters of the field."""


class Search(DeskScreen):
    """Type-ahead over user ID, name, kana and organization; Enter opens the card."""

    SCREEN_ID = "S200"
    SCREEN_NAME = N_("ユーザー照会")
    FIRST = "#search"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f12", "go", N_("カードを開く")),
        Binding("down", "to_the_found", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._found: tuple[UserRow, ...] = ()
        self._searched = ""
        """What `_found` answers; empty before the first answer."""

    # --- looks -------------------------------------------------------------------------------------------------------

    def compose_task(self) -> ComposeResult:
        """Field, table, how many, buttons."""
        search = Field(
            id="search",
            limit=LONGEST,
            help=_("先頭の文字を入力すると、一覧に候補が出ます。カナはローマ字でも探せます。"),
        )
        yield FieldLabel(_("検索する文字(ユーザーID・氏名・カナ・団体)"), search)
        yield search
        yield VirtualTable(
            users_layout(),
            self._found,
            empty=self._why_empty(),
            help=_("上下の矢印キーで選び、Enterを押すとカードが開きます。"),
            click_chooses=True,
            id="found",
        )
        yield Static(plain(self._how_many()), id="how-many", classes="quiet")
        with Horizontal(classes="buttons"):
            yield Press(_("カードを開く"), id="go", primary=True)
            yield Press(_("前画面"), id="back")

    def _why_empty(self) -> str:
        if not self._searched:
            return _(
                "ユーザーID、氏名、カナ、団体名、団体コードのいずれかを、先頭から入力してください。"
                "カナは、ローマ字のままでも探せます。"
            )
        return _(
            "該当するユーザーが見つかりません。ユーザーIDは大文字と小文字を区別します。依頼書を確認してください。"
        )

    def _how_many(self) -> str:
        if len(self._found) == FOUND_AT_MOST:
            return _("先頭の{count}件を表示しています。続けて入力すると絞り込めます。").format(
                count=FOUND_AT_MOST
            )
        return _("{count}件").format(count=len(self._found)) if self._found else ""

    @property
    def _table(self) -> VirtualTable[UserRow]:
        return self.query_one("#found", VirtualTable)

    def _show(self, text: str, found: tuple[UserRow, ...]) -> None:
        self._searched, self._found = text.strip(), found
        self._table.show(found, empty=self._why_empty())
        self.query_one("#how-many", Static).update(plain(self._how_many()))

    # --- searching ---------------------------------------------------------------------------------------------------

    @on(Input.Changed, "#search")
    def typed(self, event: Input.Changed) -> None:
        """Ask once nothing was typed for a moment; the answer to an older question is never shown."""
        event.stop()
        self.run_worker(self._look(event.value), group="look", exclusive=True, exit_on_error=False)

    async def _look(self, text: str) -> None:
        await asyncio.sleep(PAUSE)
        found = await self.perform(
            self.app.services.customers.search, self.app.actor, text, limit=FOUND_AT_MOST
        )
        self._table.move_to(0)
        self._show(text, found)

    def action_clear(self) -> None:
        """F2: another search, wherever the focus is."""
        field = self.query_one("#search", Field)
        field.clear()
        field.focus()

    def action_to_the_found(self) -> None:
        """The arrow down leaves the field for the table."""
        self._table.focus()

    # --- opening -----------------------------------------------------------------------------------------------------

    @on(Input.Submitted, "#search")
    def committed(self, event: Input.Submitted) -> None:
        """Enter opens the only one that was found, or goes to the table."""
        event.stop()
        event.prevent_default()
        self.commit()

    @on(VirtualTable.Chosen, "#found")
    def chosen(self, event: VirtualTable.Chosen) -> None:
        """Enter or a click on a line opens the card."""
        event.stop()
        self.open_row()

    @on(Button.Pressed, "#go")
    def action_go(self) -> None:
        """F12: the line when the table has the focus, otherwise what was typed."""
        if self.focused is not self.query_one("#search") and self._table.row is not None:
            self.open_row()
        else:
            self.commit()

    @counter_action
    async def open_row(self) -> None:
        """The card of the line under the cursor."""
        row = self._table.row
        if row is not None:
            await self._open(row.user_pk)

    @counter_action
    async def commit(self) -> None:
        """Search for what was typed, now and for the journal."""
        text = self.query_one("#search", Field).value.strip()
        if not text:
            raise BadInput(field="search", problem=ShapeProblem.EMPTY)
        self.workers.cancel_group(self, "look")
        customers = self.app.services.customers
        found = await self.perform(customers.search, self.app.actor, text, limit=FOUND_AT_MOST, journal=True)
        self._table.move_to(0)
        self._show(text, found)
        exactly = [row for row in found if row.user_id == text] or list(found)
        if len(exactly) == 1:
            await self._open(exactly[0].user_pk)
        elif found:
            self._table.focus()
        else:
            await self._nobody(text)

    async def _nobody(self, text: str) -> None:
        """A whole user ID may belong to another branch, where the customer is to be sent (E-94)."""
        if check_user_id(text) is not None:
            raise UserNotFound
        card = await self.perform(self.app.services.customers.by_user_id, self.app.actor, text)
        await self._open(card.user_pk)

    async def _open(self, user_pk: int) -> None:
        from screens.customer import Customer  # noqa: PLC0415  # loaded when the first card is opened

        card = await self.perform(self.app.services.customers.card, self.app.actor, user_pk)
        self.app.push_screen(Customer(card))

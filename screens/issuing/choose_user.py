"""S302, step 2: whom the reception is about, and which certificate."""

import asyncio
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Button, Input, Static
from textual.worker import Worker

from kiosk.errors import UserNotFound
from kiosk.services.views import CertificateView, UserRow
from kiosk.translations.catalog import N_, _
from screens.base import counter_action
from screens.issuing.draft import IssueDraft
from screens.issuing.rows import row
from screens.issuing.step import IssueStep, Way
from screens.messages import CounterMessage, check
from screens.problems import explain
from screens.user_lines import users_layout
from screens.widgets.customer_card import certificate_text
from screens.widgets.field import Field
from screens.widgets.press import Press
from screens.widgets.prose import Prose
from screens.widgets.text import plain
from screens.widgets.virtual_table import Column, Layout, Tone, VirtualTable
from screens.wording.customer import certificate_details, is_live

PAUSE = 0.12
"""Seconds without a key until the search is made; every key begins it anew."""
FOUND_AT_MOST = 50
"""Lines; who is not among them is found by typing more."""


class ChooseUser(IssueStep):
    """A search by user ID, name, kana or organization; below it the certificates of the one who was chosen."""

    SCREEN_ID = "S302"
    SCREEN_NAME = N_("対象選択")
    STEP = 2
    NOTES = (N_("団体名・氏名・ユーザー区分を依頼書と照合してください。"),)
    AUTO_FOCUS: ClassVar[str] = "#search"
    ASKS_CERTIFICATE: ClassVar[bool] = True
    """A certificate is chosen here, too (R-22)."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f4", "others", N_("その他(過去分)")),
        Binding("down", "to_the_found", show=False),
    ]

    def __init__(self, draft: IssueDraft) -> None:
        super().__init__(draft)
        self._rows: tuple[UserRow, ...] = ()
        self._searched = ""
        self._answered_search = ""
        """What the user on the card was searched by: with anything else in the field, somebody else is meant."""
        self._all = False
        self._search: Worker[None] | None = None

    # --- looks -------------------------------------------------------------------------------------------------------

    def compose_task(self) -> ComposeResult:
        """Search, result, certificates, buttons."""
        yield row(
            _("検索"),
            Field(
                id="search",
                limit=100,
                help=_("ユーザーID・氏名・カナ・団体の先頭の文字。カナはローマ字でも探せます。"),
            ),
        )
        yield Prose(self._found_note(), id="found-note", classes="quiet")
        yield VirtualTable(
            users_layout(),
            self._rows,
            help=_("上下の矢印キーで選び、Enterを押すと対象になります。"),
            click_chooses=True,
            id="found",
        )
        yield Static(plain(_("電子証明書")), classes="panel-title", id="certificates-title")
        yield VirtualTable(
            self._certificates_layout(),
            self._shown_certificates(),
            help=_("上下の矢印キーで動かし、Enterを押すと選択します。F4で過去の電子証明書も表示します。"),
            click_chooses=True,
            id="certificates",
        )
        yield Prose(id="about-certificate", classes="quiet")
        with Horizontal(classes="buttons"):
            yield Press(_("次へ"), id="go", primary=True)
            yield Press(_("その他(過去分)"), id="others")
            yield Press(_("取引中断"), id="leave")

    def on_mount(self) -> None:
        """Who came from a card is chosen already."""
        self._fold()
        if self.draft.card is not None:
            self._show_chosen()
        elif self.draft.user_pk is not None:
            self.choose(self.draft.user_pk)

    def after_recompose(self) -> None:
        """The same parts are shown in the other language."""
        self._fold()

    def _fold(self) -> None:
        """Only what there is: a table without lines takes no room."""
        chosen = self.draft.card is not None and self.ASKS_CERTIFICATE
        self.query_one("#found-note").display = bool(self._found_note())
        self._found.display = bool(self._rows)
        for part in ("#certificates-title", "#others"):
            self.query_one(part).display = chosen
        self._certificates.display = chosen and bool(self._shown_certificates())
        one = self._certificates.row if self._certificates.display else None
        details = self.query_one("#about-certificate", Prose)
        details.say("" if one is None else certificate_details(one))
        details.display = one is not None

    def _found_note(self) -> str:
        if not self._searched:
            if self.draft.card is not None:
                return ""
            return _("ユーザーID、氏名、カナ(ローマ字可)、団体名のいずれかを入力してください。")
        if not self._rows:
            return _(
                "該当するユーザーが見つかりません。ユーザーIDは大文字と小文字を区別します。依頼書を確認してください。"
            )
        if len(self._rows) == FOUND_AT_MOST:
            return _("{count}件を表示しています。続けて入力すると絞り込めます。").format(count=FOUND_AT_MOST)
        return ""

    def _shown_certificates(self) -> tuple[CertificateView, ...]:
        card = self.draft.card
        return () if card is None else (card.certificates if self._all else self.draft.live)

    def _certificates_layout(self) -> Layout[CertificateView]:
        return Layout(
            columns=(
                Column(_("選択"), 8),
                Column(_("状態"), 40, grows=True),
                Column(_("使用パソコン"), 14, spare=True),
            ),
            cells=lambda one: (
                _("選択中") if one.serial == self.draft.serial else "",
                certificate_text(one),
                one.pc_alias or "-",
            ),
            key=lambda one: one.serial,
            tone=lambda one: Tone.PLAIN if is_live(one) else Tone.QUIET,
        )

    @property
    def _found(self) -> VirtualTable[UserRow]:
        return self.query_one("#found", VirtualTable)

    @property
    def _certificates(self) -> VirtualTable[CertificateView]:
        return self.query_one("#certificates", VirtualTable)

    def _show_found(self) -> None:
        self._found.show(self._rows)
        self.query_one("#found-note", Prose).say(self._found_note())
        self._fold()

    def _show_certificates(self) -> None:
        self._certificates.show(self._shown_certificates())
        self._fold()

    @on(VirtualTable.Moved, "#certificates")
    def another_certificate(self, event: VirtualTable.Moved) -> None:
        """Serial number and days of the line under the cursor."""
        event.stop()
        self._fold()

    # --- search ------------------------------------------------------------------------------------------------------

    @on(Input.Changed, "#search")
    def typed(self) -> None:
        """Search once nothing was typed for a moment; an older search that is still under way is forgotten."""
        if self._search is not None:
            self._search.cancel()
        self._search = self.run_worker(self._after_a_pause(), group="search", exit_on_error=False)

    async def _after_a_pause(self) -> None:
        await asyncio.sleep(PAUSE)
        await self._look(journal=False)

    async def _look(self, *, journal: bool) -> None:
        text = self.query_one("#search", Field).value
        search = self.app.services.customers.search
        rows = await self.perform(search, self.app.actor, text, FOUND_AT_MOST, journal=journal)
        if text == self.query_one("#search", Field).value:
            self._rows, self._searched = rows, text
            self._show_found()

    @on(Input.Submitted, "#search")
    def entered(self, event: Input.Submitted) -> None:
        """Enter commits the search: it chooses the only user that was found, or goes to the list."""
        event.stop()
        event.prevent_default()
        self.find()

    @counter_action
    async def find(self) -> None:
        """Search for what was typed; the journal hears of a search that was committed."""
        await self._find()

    @property
    def _typed(self) -> str:
        return self.query_one("#search", Field).value.strip()

    async def _find(self) -> None:
        if self._search is not None:
            self._search.cancel()
        await self._look(journal=True)
        meant = [line for line in self._rows if line.user_id == self._typed] or self._rows
        if len(meant) == 1:
            await self._choose(meant[0].user_pk)
        elif self._rows:
            self._found.move_to(0)
            self._found.focus()
        elif self._typed:
            self.tell(partial(explain, UserNotFound()))

    # --- choosing ----------------------------------------------------------------------------------------------------

    def action_to_the_found(self) -> None:
        """The arrow down leaves the field for the list."""
        if self._rows:
            self._found.focus()

    @on(VirtualTable.Chosen, "#found")
    def line_chosen(self, event: VirtualTable.Chosen) -> None:
        """Enter or a click on a line chooses the user."""
        event.stop()
        line: UserRow | None = event.table.row
        if line is not None:
            self.choose(line.user_pk)

    @counter_action
    async def choose(self, user_pk: int) -> None:
        """Put the user on the card, with the certificates to choose from."""
        await self._choose(user_pk)

    async def _choose(self, user_pk: int) -> None:
        casework = self.app.services.casework
        self.draft.case = await self.perform(
            casework.choose_user, self.app.actor, self.draft.reception_no, user_pk
        )
        self._all = False
        self._rows, self._searched = (), ""
        self._answered_search = self._typed
        self.draft.choose_single()
        self._show_chosen()

    def _show_chosen(self) -> None:
        self.show_card(self.draft.card, self.notes)
        self._show_found()
        self._show_certificates()
        if self.ASKS_CERTIFICATE and not self.draft.live:
            self.tell(_nothing_live)
        several = self.ASKS_CERTIFICATE and len(self.draft.live) > 1
        self.query_one("#certificates" if several else "#go").focus()

    @on(VirtualTable.Chosen, "#certificates")
    def certificate_chosen(self, event: VirtualTable.Chosen) -> None:
        """Enter or a click on a certificate chooses it."""
        event.stop()
        one: CertificateView | None = event.table.row
        if one is not None:
            self.draft.serial = one.serial
            self.filled("certificates")
            self._show_certificates()
            self.query_one("#go").focus()

    @on(Button.Pressed, "#others")
    def action_others(self) -> None:
        """F4: past certificates too, or the live ones only (R-23)."""
        if self.draft.card is not None:
            self._all = not self._all
            self._show_certificates()

    @on(Button.Pressed, "#go")
    @counter_action
    async def action_go(self) -> None:
        """F12: on to the transaction; with a search that nobody was chosen from yet, the same as Enter."""
        if self._typed not in {"", self._answered_search}:
            await self._find()
            return
        if self.draft.card is None:
            self.tell(_nobody_chosen)
            return
        await self.go_on()

    async def go_on(self) -> None:
        """What follows once the user is chosen."""
        self.draft.require_selection()
        self.answer(Way.ON)


def _nothing_live() -> CounterMessage:
    return check("IC03", _("有効な電子証明書はありません。"), _("そのまま「次へ」を押してください。"))


def _nobody_chosen() -> CounterMessage:
    return check(
        "EC11",
        _("対象のユーザーが選択されていません。"),
        _("検索して、一覧から選択してください。"),
        field="search",
    )

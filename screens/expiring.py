"""S710: whose certificate ends soon or has ended, and who does not hear of it."""

from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, RadioSet, Static

from kiosk.rules.texts import displayable
from kiosk.services.overview.expiring import ExpiringCounts, ExpiringRow, OrganizationLine, Place, RenewalList
from kiosk.services.views import WeekCount
from kiosk.translations.catalog import N_, _
from screens import keys
from screens.base import counter_action
from screens.dates import day_text
from screens.dialogs.organizations import Organizations
from screens.messages import CounterMessage, check, done
from screens.paged_lines import PagedLines
from screens.widgets.choices import Choices
from screens.widgets.expiry_chart import ExpiryChart
from screens.widgets.press import Press
from screens.widgets.prose import Prose
from screens.widgets.text import pad, plain
from screens.widgets.virtual_table import Column, Layout, Tone, VirtualTable
from screens.wording.expiring import LISTS, about, cells, days_text, heading, told_text, why_empty

ORDER = tuple(RenewalList)
NAME = 24
"""Cells of the names in front of the numbers."""


class ExpiringScreen(PagedLines[ExpiringRow, Place]):
    """Three lists by organization; a line opens the card, F9 saves the list as a file."""

    SCREEN_ID = "S710"
    SCREEN_NAME = N_("期限到来一覧")
    FIRST = "#expiring"
    TABLE = "#expiring"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f4", "organizations", N_("団体")),
        keys.REFRESH,
        Binding("f8", "bounced", N_("メール不達")),
        Binding("f9", "export", N_("CSV保存")),
        Binding("f12", "go", N_("カードを開く")),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._listed = RenewalList.WINDOW
        self._organization: str | None = None
        self._known: tuple[OrganizationLine, ...] = ()
        """Organizations as they were offered last."""
        self._counts: ExpiringCounts | None = None
        self._stale = False

    # --- looks -------------------------------------------------------------------------------------------------------

    def compose_task(self) -> ComposeResult:
        """Which list, how long the lists are, the weeks, the lines, buttons."""
        yield Choices(
            (_(LISTS[listed]) for listed in ORDER),
            chosen=ORDER.index(self._listed),
            help=_("矢印キーで選び、スペースキーで切り替えます。"),
            id="listed",
        )
        with Horizontal(id="expiring-top"):
            yield Prose(self._narrowed_to(), id="narrowed-to", classes="quiet")
            with Vertical(id="expiring-right"):
                yield Static(
                    plain(_("更新がまだの電子証明書(週別)")), classes="panel-title", id="weeks-title"
                )
                yield ExpiryChart(self._weeks(), id="weeks")
        yield VirtualTable(
            _layout(),
            self._rows or (),
            empty=self._why_empty(),
            help=_("団体ごと、期限の近い順です。Enterを押すとユーザーカードが開きます。"),
            click_chooses=True,
            more=self._next is not None,
            id="expiring",
        )
        yield Prose(self._about(), id="about-expiring")
        with Horizontal(classes="buttons"):
            yield Press(_("カードを開く"), id="go", primary=True)
            yield Press(_("団体で絞り込む"), id="by-organization")
            yield Press(_("CSV保存"), id="export")
            yield Press(_("前画面"), id="back")

    def _narrowed_to(self) -> str:
        lines = []
        if self._counts is not None:
            lines += [
                pad(_(LISTS[listed]), NAME) + _("{count}件").format(count=self._counts.lengths[listed])
                for listed in ORDER
            ]
        return "\n".join([*lines, _("団体: {name}").format(name=self._organization_name())])

    def _organization_name(self) -> str:
        if self._organization is None:
            return _("すべての団体")
        name = next((line.name for line in self._known if line.code == self._organization), "")
        return displayable(f"{self._organization} {name}".strip())

    def _weeks(self) -> tuple[WeekCount, ...]:
        weeks = () if self._counts is None else self._counts.weeks
        return weeks if any(week.count for week in weeks) else ()

    def when_empty(self) -> str:
        """Said where no line stands."""
        return why_empty(self._listed)

    def _about(self) -> str:
        row = self._table.row if self.is_mounted and self.query("#expiring") else None
        return "" if row is None else displayable_lines(about(row))

    @on(VirtualTable.Moved, "#expiring")
    def another_line(self, event: VirtualTable.Moved) -> None:
        """What the line under the cursor means."""
        event.stop()
        self.query_one("#about-expiring", Prose).say(self._about())

    def after_recompose(self) -> None:
        """What depends on the cursor and the numbers."""
        self._fill()
        self.query_one("#about-expiring", Prose).say(self._about())

    # --- reading -----------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """The renewal window first."""
        self.read_behind()

    def on_screen_resume(self) -> None:
        """A card that was opened here may have led to a renewal."""
        if self._stale:
            self._stale = False
            self.read_behind()

    def action_refresh(self) -> None:
        """F5: read again; the cursor stays with its line."""
        self.be_quiet()
        self.read_behind()

    @on(RadioSet.Changed, "#listed")
    def another_list(self, event: RadioSet.Changed) -> None:
        """One of the three lists, of all organizations again."""
        event.stop()
        wanted = ORDER[event.radio_set.pressed_index]
        if wanted is not self._listed:
            self._listed, self._organization = wanted, None
            self.run_worker(self._read_from_the_top(), group="reading", exclusive=True, exit_on_error=False)

    async def fetch(self, behind: Place | None) -> tuple[tuple[ExpiringRow, ...], Place | None]:
        """Lines of the list that is shown."""
        page = await self.perform(
            self.app.services.renewals.lines,
            self.app.actor,
            self._listed,
            self._organization,
            behind=behind,
        )
        return page.rows, page.next_page

    async def read(self) -> None:
        """The lines, then how many there are."""
        await super().read()
        await self._count()

    async def _read_from_the_top(self) -> None:
        await super().read()
        self._table.move_to(0)
        await self._count()

    async def _count(self) -> None:
        self._counts = await self.perform(self.app.services.renewals.counts, self.app.actor)
        self._fill()

    def _fill(self) -> None:
        self.query_one("#narrowed-to", Prose).say(self._narrowed_to())
        self.query_one("#weeks", ExpiryChart).show(self._weeks())

    def action_bounced(self) -> None:
        """F8: everybody whom no mail reaches, whatever the certificate."""
        from screens.bounced import Bounced  # noqa: PLC0415  # loaded when it is opened

        self.app.push_screen(Bounced())

    # --- doing -------------------------------------------------------------------------------------------------------

    @on(Button.Pressed, "#by-organization")
    @counter_action
    async def action_organizations(self) -> None:
        """F4: one organization, or all of them."""
        self._known = await self.perform(
            self.app.services.renewals.organizations, self.app.actor, self._listed
        )
        chosen = await self.app.push_screen_wait(Organizations(self._known, self._organization))
        if chosen is not None:
            self._organization = chosen or None
            await self._read_from_the_top()

    @on(Button.Pressed, "#export")
    @counter_action
    async def action_export(self) -> None:
        """F9: the whole list as a file; a list of nobody makes none."""
        if not self._rows:
            self.tell(_nobody_here)
            return
        saved = await self.perform(
            self.app.services.renewals.export,
            self.app.actor,
            self._listed,
            self._organization,
            heading(),
            cells,
        )
        self.tell(partial(_saved, saved.path, saved.count))

    @on(VirtualTable.Chosen, "#expiring")
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
        if row is None:
            self.tell(_nobody_here)
            return
        card = await self.perform(self.app.services.customers.card, self.app.actor, row.user_pk)
        self._stale = True
        self.app.push_screen(Customer(card))


def displayable_lines(text: str) -> str:
    """Line by line, so that the breaks stay."""
    return "\n".join(map(displayable, text.split("\n")))


def _layout() -> Layout[ExpiringRow]:
    return Layout(
        columns=(
            Column(_("団体"), 16, grows=True),
            Column(_("ユーザーID"), 12),
            Column(_("氏名"), 10, grows=True),
            Column(_("店番"), 13, spare=True),
            Column(_("有効期限"), 14, spare=True),
            Column(_("残り"), 12),
            Column(_("お知らせメール"), 16),
        ),
        cells=lambda row: (
            row.organization_name,
            row.user_id,
            row.name,
            row.branch_no,
            day_text(row.last_valid_date),
            days_text(row.days_left),
            told_text(row),
        ),
        key=lambda row: row.serial,
        tone=_tone,
    )


def _tone(row: ExpiringRow) -> Tone:
    return Tone.ALERT if row.told == "bounced" or row.days_left < 0 else Tone.PLAIN


def _saved(path: Path, count: int) -> CounterMessage:
    return done(
        "IS02",
        _("{count}件をCSVで保存しました。").format(count=count),
        _("保存先は{path}です。").format(path=displayable(str(path))),
    )


def _nobody_here() -> CounterMessage:
    return check("WC01", _("一覧にユーザーがいません。"), _("F5で読み直すか、別の一覧を選んでください。"))

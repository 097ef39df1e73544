"""S100: a number or a line of the list begins the work; beside it stands the day."""

import unicodedata
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from kiosk.errors import BadInput, IssuingClosed, KioskError
from kiosk.rules.credentials import ShapeProblem
from kiosk.rules.operations import Transaction
from kiosk.translations.catalog import N_, _
from screens import keys
from screens.base import TALL, KioskScreen, counter_action
from screens.desk import MENU
from screens.menu_entries import ENTRIES, GROUPS, ISSUES, JOURNEYS, Entry
from screens.menu_openings import begin_journey, screen_of
from screens.messages import CounterMessage, Severity, check
from screens.reasons import explain_reason
from screens.widgets.day_board import DayBoard, Today, as_it_is_now, settled
from screens.widgets.field import Field, FieldLabel
from screens.widgets.lines import Lines
from screens.widgets.prose import Prose
from screens.widgets.text import plain
from screens.words import TRANSACTIONS

if TYPE_CHECKING:
    from kiosk.services.counter.recovering import RecoveryReport

NUMBER_LENGTH = 3
LOOKED_AT_EVERY_S = 10.0
"""Seconds between two looks at what the self-check found."""


class Menu(KioskScreen[None]):
    """Where every day begins and every transaction ends."""

    SCREEN_ID = MENU
    SCREEN_NAME = N_("業務メニュー")
    CSS_PATH = "styles/desk.tcss"
    AUTO_FOCUS = "#transaction"
    BINDINGS: ClassVar[list[BindingType]] = [
        keys.REFRESH,
        Binding("f12", "go", N_("開始")),
        Binding("down", "to_the_list", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._today = Today()
        self._greeted = False

    # --- looks -------------------------------------------------------------------------------------------------------

    def compose_task(self) -> ComposeResult:
        """Number and list on the left, the board on the right."""
        with Horizontal(id="menu-halves"):
            with Vertical(id="menu-left"):
                yield Prose(_("取引番号を入力するか、一覧から選択してください。"), id="menu-prompt")
                with Horizontal(id="menu-number"):
                    number = Field(
                        id="transaction",
                        limit=NUMBER_LENGTH,
                        help=_("一覧にある3桁の番号。入力してEnterを押すと始まります。"),
                    )
                    yield FieldLabel(_("取引番号"), number)
                    yield number
                yield Lines(*self._lines(), id="menu")
            yield DayBoard(self._today, id="board")

    def _lines(self) -> list[Option]:
        """Groups with what this operator may do; a title cannot be chosen, and a small window goes without."""
        lines = []
        titled = self._titled()
        for title, entries in GROUPS:
            offered = [entry for entry in entries if self._offers(entry)]
            if offered and titled:
                lines.append(Option(plain(_(title)), disabled=True))
            lines += [
                Option(plain(f"{entry.number}  {_(entry.name)}"), id=f"n{entry.number}") for entry in offered
            ]
        return lines

    def _titled(self) -> bool:
        return self.app.size.height >= TALL

    def on_resize(self) -> None:
        """Make the list anew when the window becomes small or large."""
        menu = self.query_one("#menu", OptionList)
        if any(option.disabled for option in menu.options) != self._titled():
            chosen = menu.highlighted_option
            menu.clear_options().add_options(self._lines())
            if chosen is not None and chosen.id is not None:
                menu.highlighted = menu.get_option_index(chosen.id)

    def _offers(self, entry: Entry) -> bool:
        return entry.offered(self.app.actor.role, training=self.app.counter.training)

    def on_mount(self) -> None:
        """No line is meant yet."""
        self.query_one("#menu", OptionList).highlighted = None
        self.set_interval(LOOKED_AT_EVERY_S, self._see_what_was_checked)

    def after_recompose(self) -> None:
        """The board keeps its numbers."""
        self.query_one(DayBoard).show(self._today)

    # --- the board ---------------------------------------------------------------------------------------------------

    def on_screen_resume(self) -> None:
        """Whoever comes back sees the day as it is now."""
        self._read_the_day()

    def _see_what_was_checked(self) -> None:
        """The self-check runs again by itself: what it finds, or finds mended, stands here without a key."""
        if self.is_current and self._today.checks is not self.app.services.self_check.results():
            self._read_the_day()

    def action_refresh(self) -> None:
        """F5: ask again, and try again what keeps the issue closed or needs a look."""
        self._read_the_day(diagnose=not all(check.ok for check in self.app.services.self_check.results()))

    def _read_the_day(self, *, diagnose: bool = False) -> None:
        self.run_worker(self._ask(diagnose), group="board", exclusive=True, exit_on_error=False)

    async def _ask(self, diagnose: bool) -> None:
        services = self.app.services
        known = replace(
            self._today,
            recovered=services.recovered,
            notice=services.settings.notice,
            contact=self.app.contact,
            offered=frozenset(number for number, entry in ENTRIES.items() if self._offers(entry)),
        )
        if diagnose:
            await self.perform(services.self_check.run)
        try:
            board = await self.perform(services.boards.today, self.app.actor)
        except KioskError as refusal:
            board = None
            self.app.report(refusal)
        self._today = replace(
            known, at=self.app.clock.now(), board=board, checks=services.self_check.results()
        )
        self.query_one(DayBoard).show(self._today)
        self._greet()

    def _greet(self) -> None:
        """Say once to whoever signs on what start-up had to settle, unless it is done by now."""
        report = as_it_is_now(self.app.services.recovered, self._today.board)
        if not self._greeted and settled(report) and self.current_message is None:
            self.tell(partial(_settled_at_start, report))
        self._greeted = True

    @on(DayBoard.EndsWanted)
    def ends_wanted(self, event: DayBoard.EndsWanted) -> None:
        """From the chart to the list behind it."""
        event.stop()
        self.start(Transaction.EXPIRY_LIST)

    # --- choosing ----------------------------------------------------------------------------------------------------

    def action_to_the_list(self) -> None:
        """The arrow down leaves the number for the list."""
        menu = self.query_one("#menu", OptionList)
        menu.focus()
        if menu.highlighted is None:
            menu.action_first()

    @on(Input.Submitted, "#transaction")
    def number_typed(self, event: Input.Submitted) -> None:
        """Enter begins what was typed."""
        event.stop()
        event.prevent_default()
        self.start(self._typed())

    @on(OptionList.OptionSelected, "#menu")
    def line_chosen(self, event: OptionList.OptionSelected) -> None:
        """Enter or a click on a line begins it."""
        event.stop()
        self.start((event.option_id or "").removeprefix("n"))

    def action_go(self) -> None:
        """F12: the line when the list has the focus, otherwise the number."""
        menu = self.query_one("#menu", OptionList)
        line = menu.highlighted_option
        if self.focused is menu and line is not None and line.id is not None:
            self.start(line.id.removeprefix("n"))
        else:
            self.start(self._typed())

    def _typed(self) -> str:
        """As it was meant: an input method left on types full-width digits."""
        return unicodedata.normalize("NFKC", self.query_one("#transaction", Field).value).strip()

    @counter_action
    async def start(self, number: str) -> None:
        """Begin what stands under `number`, or say why not and what to do."""
        refusal = self._refusal(number)
        if refusal is not None:
            raise refusal
        entry = ENTRIES.get(number)
        if entry is None:
            self.app.tell(partial(_not_offered, number))
        elif not entry.allowed(self.app.actor.role):
            self.tell(partial(explain_reason, "not_permitted"))
        else:
            self.query_one("#transaction", Field).value = ""
            self.set_focus(self.query_one("#transaction"))
            await self._open(number)

    def _refusal(self, number: str) -> KioskError | None:
        if not number:
            return BadInput(field="transaction", problem=ShapeProblem.EMPTY)
        closed = self.app.services.self_check.closed_by() if number in ISSUES else ()
        return IssuingClosed(failed=closed) if closed else None

    async def _open(self, number: str) -> None:
        if number in JOURNEYS:
            begin_journey(self.app, Transaction(number))
        elif number == Transaction.SIGN_OFF:
            await self.perform(self.app.services.signing_in.sign_off, self.app.actor)
            self.app.sign_off()
        else:
            self.app.push_screen(screen_of(number, self.app))


def _not_offered(number: str) -> CounterMessage:
    if number in set(Transaction):
        return check(
            "EC14",
            _("「{number} {name}」は、この端末ではまだ取り扱っていません。").format(
                number=number, name=_(TRANSACTIONS[number])
            ),
            _("お急ぎの場合は{contact}へ連絡してください。"),
            field="transaction",
        )
    return CounterMessage(
        severity=Severity.ERROR,
        code="EC13",
        happened=_("この取引番号はありません。"),
        to_do=_("一覧にある3桁の番号を入力してください。"),
        field="transaction",
    )


def _settled_at_start(report: "RecoveryReport") -> CounterMessage:
    return check("WM15", _("前回の終了時に途中だった取引を処理しました。"), " ".join(settled(report)))

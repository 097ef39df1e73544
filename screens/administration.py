"""S900: is this terminal well, what is in stock, which settings are in force."""

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Button, Static

from kiosk.services.views import CheckResult
from kiosk.translations.catalog import N_, _
from screens import keys
from screens.base import counter_action
from screens.desk import DeskScreen
from screens.dialogs.facts import Facts
from screens.messages import CounterMessage, check, done
from screens.widgets.press import Press
from screens.widgets.text import plain
from screens.widgets.virtual_table import Column, Layout, Tone, VirtualTable
from screens.wording.checks import CHECKS, fact_text
from screens.wording.settings import SETTINGS, value_text
from screens.words import word

if TYPE_CHECKING:
    from kiosk.config import InForce
    from kiosk.services.views import Board


class Administration(DeskScreen):
    """Looks and changes nothing but the results of the self-check."""

    SCREEN_ID = "S900"
    SCREEN_NAME = N_("管理")
    FIRST = "#checks"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f4", "stock", N_("媒体受払")),
        keys.REFRESH,
        Binding("f12", "go", N_("もう一度診断")),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._board: Board | None = None
        """None until the stock was counted."""

    # --- looks -------------------------------------------------------------------------------------------------------

    def compose_task(self) -> ComposeResult:
        """Self-check, stock, settings."""
        services = self.app.services
        yield Static(plain(_("自己診断")), classes="panel-title")
        yield VirtualTable(
            _checks_layout(),
            services.self_check.results(),
            help=_("発行の前に成り立つべきことです。F12でもう一度診断します。"),
            id="checks",
        )
        with Horizontal(classes="buttons"):
            yield Press(_("もう一度診断"), id="go", primary=True)
            yield Press(_("前画面"), id="back")
        yield Static(plain(self._stock()), id="stock")
        yield Static(plain(_("有効な設定(秘密は含みません)")), classes="panel-title")
        yield VirtualTable(
            _settings_layout(),
            services.settings.in_force(),
            help=_("設定ファイルの内容です。Enterを押すと全体が出ます。変更は設定ファイルで行います。"),
            click_chooses=True,
            id="settings",
        )

    def _stock(self) -> str:
        if self._board is None:
            return _("媒体の在庫 (数えています)")
        return _("媒体の在庫(未使用) {count}本").format(count=self._board.media_in_stock)

    def on_mount(self) -> None:
        """Count the stock."""
        self._count_behind()

    def action_refresh(self) -> None:
        """F5: the latest results and numbers, without diagnosing anew."""
        self.be_quiet()
        self._show_checks()
        self._count_behind()

    def _show_checks(self) -> None:
        self.query_one("#checks", VirtualTable).show(self.app.services.self_check.results())

    def _count_behind(self) -> None:
        self.run_worker(self._count(), group="stock", exclusive=True, exit_on_error=False)

    async def _count(self) -> None:
        self._board = await self.perform(self.app.services.boards.today, self.app.actor)
        self.query_one("#stock", Static).update(plain(self._stock()))

    def action_stock(self) -> None:
        """F4: the ledger behind the number."""
        from screens.stock import StockScreen  # noqa: PLC0415  # loaded when it is opened

        self.app.push_screen(StockScreen())

    # --- doing -------------------------------------------------------------------------------------------------------

    @on(Button.Pressed, "#go")
    def go_pressed(self) -> None:
        """The button for the mouse."""
        self.action_go()

    @counter_action
    async def action_go(self) -> None:
        """F12: run every check again."""
        results = await self.perform(self.app.services.self_check.run)
        self._show_checks()
        self.app.tell(_all_well if all(result.ok for result in results) else _not_well)

    @on(VirtualTable.Chosen, "#settings")
    def setting_chosen(self, event: VirtualTable.Chosen) -> None:
        """Enter or a click shows a setting in full."""
        event.stop()
        setting: InForce | None = event.table.row
        if setting is not None:
            self.app.push_screen(Facts(lambda: _setting_facts(setting)))

    @on(VirtualTable.Chosen, "#checks")
    def check_chosen(self, event: VirtualTable.Chosen) -> None:
        """Enter shows what a check found in full."""
        event.stop()
        result: CheckResult | None = event.table.row
        if result is not None:
            self.app.push_screen(Facts(lambda: _check_facts(result)))


def _state(result: CheckResult) -> str:
    if result.ok:
        return _("正常")
    return _("異常(発行停止)") if result.closes_issuing else _("要確認")


def _checks_layout() -> Layout[CheckResult]:
    return Layout(
        columns=(Column(_("項目"), 26), Column(_("結果"), 14), Column(_("内容"), 20, grows=True)),
        cells=lambda result: (
            word(CHECKS, result.name),
            _state(result),
            fact_text(result.name, result.fact),
        ),
        key=lambda result: result.name,
        tone=lambda result: Tone.PLAIN if result.ok else Tone.ALERT,
    )


def _settings_layout() -> "Layout[InForce]":
    return Layout(
        columns=(
            Column(_("設定"), 32),
            Column(_("値"), 24, grows=True),
            Column(_("設定ファイルの項目"), 34, spare=True),
        ),
        cells=lambda setting: (
            word(SETTINGS, setting.key),
            value_text(setting.value),
            setting.key,
        ),
        key=lambda setting: setting.key,
    )


def _setting_facts(setting: "InForce") -> tuple[tuple[str, str], ...]:
    return (
        (_("設定"), word(SETTINGS, setting.key)),
        (_("値"), value_text(setting.value)),
        (_("設定ファイルの項目"), setting.key),
    )


def _check_facts(result: CheckResult) -> tuple[tuple[str, str], ...]:
    return (
        (_("項目"), word(CHECKS, result.name)),
        (_("結果"), _state(result)),
        (_("内容"), fact_text(result.name, result.fact) or "-"),
    )


def _all_well() -> CounterMessage:
    return done("IS01", _("自己診断を終えました。異常はありません。"))


def _not_well() -> CounterMessage:
    return check(
        "WS01",
        _("自己診断で異常が見つかりました。"),
        _("「異常」の項目を確かめ、直らない場合は{contact}へ連絡してください。"),
    )

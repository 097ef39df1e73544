"""Why a medium that is ready is not handed over: asked from the list of unfinished receptions (E-85, R-85)."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.types import CSSPathType
from textual.widgets import Button

from kiosk.errors import BadInput
from kiosk.rules.deliveries import DeliveryState
from kiosk.translations.catalog import N_, _
from screens.approving.words import STYLES
from screens.base import KioskDialog, counter_action
from screens.field_problems import NOT_CHOSEN
from screens.issuing.rows import Facts
from screens.widgets.choices import Choices
from screens.widgets.message_area import MessageArea
from screens.widgets.press import Press
from screens.widgets.prose import Prose

OUTCOMES = {
    DeliveryState.LOST: N_("媒体をなくした"),
    DeliveryState.DAMAGED: N_("媒体が壊れている、または取込みができない"),
    DeliveryState.NOT_COLLECTED: N_("お客様が受け取りに来ない"),
    DeliveryState.VOIDED: N_("お客様が発行の取りやめを希望した"),
}
"""Why what lies verified on its medium is not handed over."""


class ChooseOutcome(KioskDialog[DeliveryState | None]):
    """Nothing is preset; None when it was left as it was."""

    SCREEN_NAME = N_("媒体をお渡しできない理由")
    CSS_PATH: ClassVar[CSSPathType | None] = STYLES
    AUTO_FOCUS: ClassVar[str] = "#cancel"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", N_("やめる")),
        Binding("f12", "go", N_("次へ")),
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
    ]

    def __init__(self, facts: list[tuple[str, str]]) -> None:
        super().__init__()
        self._facts = facts

    def compose_task(self) -> ComposeResult:
        """Which reception, why, what follows."""
        yield Facts(self._facts)
        yield Prose(_("理由を選択してください。"), classes="question")
        yield Choices((_(label) for label in OUTCOMES.values()), id="reason")
        yield Prose(_("電子証明書は失効します。役席の承認が必要です。"), classes="consequence")
        with Horizontal(classes="buttons"):
            yield Press(_("やめる"), id="cancel")
            yield Press(_("次へ"), id="go", primary=True)
        yield MessageArea(self.current_message)

    @on(Button.Pressed, "#go")
    @counter_action
    async def action_go(self) -> None:
        """F12."""
        place = self.query_one("#reason", Choices).pressed_index
        if place < 0:
            raise BadInput(field="reason", problem=NOT_CHOSEN)
        self.dismiss(tuple(OUTCOMES)[place])

    @on(Button.Pressed, "#cancel")
    def action_cancel(self) -> None:
        """Esc."""
        self.dismiss(None)

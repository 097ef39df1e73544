"""Why a reception is put aside, and what is said once it is."""

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Button, OptionList
from textual.widgets.option_list import Option

from kiosk.rules.operations import Transaction, TransactionFamily, family_of
from kiosk.rules.parking import ParkReason
from kiosk.translations.catalog import N_, _
from screens.base import KioskDialog
from screens.dates import time_text
from screens.messages import CounterMessage, done, joined
from screens.widgets.lines import Lines
from screens.widgets.press import Press
from screens.widgets.prose import Prose
from screens.widgets.text import plain
from screens.wording.unfinished import PARKED

if TYPE_CHECKING:
    from kiosk.services.counter.parking import Parked


class ParkReasons(KioskDialog[ParkReason | None]):
    """Answers with the reason, or with None when the reception goes on."""

    SCREEN_NAME = N_("保留")
    CSS_PATH = "../styles/desk.tcss"
    AUTO_FOCUS = "#park-reasons"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", show=False)]

    def __init__(self, transaction: Transaction | None) -> None:
        """`transaction` is what the reception is about, once that was chosen."""
        super().__init__()
        self._transaction = transaction

    def compose_task(self) -> ComposeResult:
        """What it means, the reasons, the way back."""
        yield Prose(self._meaning(), classes="prompt")
        yield Prose(_("理由を選択してください。"), classes="question")
        yield Lines(*(Option(plain(_(PARKED[reason]))) for reason in ParkReason), id="park-reasons")
        yield Press(_("保留しない"), id="close", classes="alone")

    def _meaning(self) -> str:
        if self._transaction is not None and family_of(self._transaction) is TransactionFamily.ISSUE:
            return _(
                "受付番号を残して、この取引を保留します。パスワードは残りません。"
                "再開は「801 未完了取引」から、ユーザー認証をやり直して行います。"
            )
        return _("受付番号を残して、この取引を保留します。再開は「801 未完了取引」から行います。")

    @on(OptionList.OptionSelected, "#park-reasons")
    def chosen(self, event: OptionList.OptionSelected) -> None:
        """Enter or a click."""
        event.stop()
        self.dismiss(tuple(ParkReason)[event.option_index])

    @on(Button.Pressed, "#close")
    def action_close(self) -> None:
        """Esc."""
        self.dismiss(None)


def parked_text(parked: "Parked") -> CounterMessage:
    """How it goes on, and until when the code is good."""
    to_do = _("再開するときは「801 未完了取引」で選んでください。")
    if parked.code_until is not None:
        to_do = joined(
            _("送信済みの認証コードは{until}まで使えます。").format(until=time_text(parked.code_until)), to_do
        )
    return done("IC05", _("受付{number}を保留しました。").format(number=parked.reception_no), to_do)

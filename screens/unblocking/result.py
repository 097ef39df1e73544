"""S500-3, step 5: the block is lifted, and what to tell the customer."""

from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Button

from kiosk.services.approved.views import Unblocked
from kiosk.translations.catalog import N_, _
from screens.base import counter_action
from screens.dates import clock_text
from screens.issuing.draft import IssueDraft
from screens.issuing.rows import Facts
from screens.issuing.step import IssueStep, Way
from screens.messages import CounterMessage, done
from screens.unblocking.words import STEPS
from screens.widgets.press import Press


class UnblockResult(IssueStep):
    """The end of 301."""

    SCREEN_ID = "S500-3"
    SCREEN_NAME = N_("閉塞解除結果")
    STEPS = STEPS
    STEP = 5
    AUTO_FOCUS: ClassVar[str] = "#go"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("f12", "go", N_("終了"))]
    NOTES = (N_("お客様に、お知らせのメールが届くことをお伝えください。"),)

    def __init__(self, draft: IssueDraft, unblocked: Unblocked) -> None:
        super().__init__(draft)
        self._unblocked = unblocked
        self.open_saying(partial(_lifted))

    def compose_task(self) -> ComposeResult:
        """Facts and one button."""
        lifted = self._unblocked
        yield Facts(
            [
                (_("受付番号"), lifted.reception_no),
                (_("ユーザーID"), lifted.user_id),
                (_("解除日時"), clock_text(lifted.at)),
                (_("承認者"), lifted.approved_by),
            ]
        )
        with Horizontal(classes="buttons"):
            yield Press(_("終了"), id="go", primary=True)

    @on(Button.Pressed, "#go")
    def action_go(self) -> None:
        """F12."""
        self.answer(Way.OUT)

    @counter_action
    async def action_leave(self) -> None:
        """Esc: there is nothing left to break off."""
        self.answer(Way.OUT)


def _lifted() -> CounterMessage:
    return done("IU01", _("閉塞を解除しました。"), _("お客様は、いまのパスワードでご利用いただけます。"))

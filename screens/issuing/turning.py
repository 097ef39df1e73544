"""Handing the glass over: to the customer before step 4, back to the clerk after it."""

import time
from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Center, Horizontal, Vertical
from textual.widgets import Button, Static

from kiosk.translations.catalog import N_, _
from screens import keys
from screens.base import TooSmall, counter_action
from screens.issuing.draft import IssueDraft
from screens.issuing.step import IssueStep, Way
from screens.messages import CounterMessage
from screens.widgets.press import Press
from screens.widgets.prose import Prose
from screens.widgets.text import plain

SETTLE = 1.0
"""Seconds in which the screen does not answer: a key that was meant for the one before must not land on it."""


class TurnToCustomer(IssueStep):
    """The clerk's last word before the customer types; here a call for the clerk ends, too."""

    SCREEN_ID = "S304-1"
    SCREEN_NAME = N_("お客様へ画面を向ける")
    STEP = 4
    NOTES = (
        N_("係員がパスワードや認証コードを聞いたり、代わりに入力したりしてはいけません。"),
        N_("お客様の入力中は、画面とキーボードから離れてください。"),
    )
    AUTO_FOCUS: ClassVar[str] = "#go"
    BINDINGS: ClassVar[list[BindingType]] = [keys.BACK, Binding("f11", "park", N_("保留"))]

    def compose_task(self) -> ComposeResult:
        """What to do, what never to do."""
        yield Prose(
            _(
                "お客様に入力していただきます。\n"
                "画面とキーボードをお客様へ向けてください。\n"
                "パスワードをお客様に尋ねないでください。"
            ),
            classes="calm",
        )
        with Horizontal(classes="buttons"):
            yield Press(_("お客様の入力へ"), id="go", primary=True)
            yield Press(_("取引選択へ戻る"), id="back")
            yield Press(_("取引中断"), id="leave")
        with Horizontal(classes="buttons"):
            yield Press(
                _("保留"), id="park", help=_("あとで再開します。理由を選ぶと「801 未完了取引」に残ります。")
            )

    @on(Button.Pressed, "#go")
    def action_go(self) -> None:
        """F12 or Enter: the screen is turned."""
        self.answer(Way.ON)

    @on(Button.Pressed, "#park")
    @counter_action
    async def action_park(self) -> None:
        """F11: put the reception aside; the customer may go and read the mail (E-59)."""
        await self.park()

    @on(Button.Pressed, "#back")
    @counter_action
    async def action_back(self) -> None:
        """F3: another transaction; a code that was sent is spent (R-45, E-54)."""
        await self.perform(
            self.app.services.authenticating.cancel_to_menu, self.app.actor, self.draft.reception_no
        )
        self.answer(Way.BACK)


class TurnedToCode(TurnToCustomer):
    """The same while a code is on its way: the customer goes on at step 5."""

    SCREEN_ID = "S305-1"
    STEP = 5


class TurnBack(IssueStep, inherit_bindings=False):
    """Shown to the customer: please give the screen back. Tells nothing else; Enter brings the clerk's side."""

    SCREEN_ID = "S304-2"
    SCREEN_NAME = N_("係員へ画面を戻す")
    SHOWS_CARD = False
    AUTO_FOCUS: ClassVar[str] = "#go"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,f12", "go", N_("係員の画面へ"))]

    def __init__(self, draft: IssueDraft, sentence: Callable[[], str]) -> None:
        """`sentence` is what the customer reads first; asked again when the language changes."""
        super().__init__(draft)
        self._sentence = sentence
        self._opened = 0.0

    def compose(self) -> ComposeResult:
        """Two sentences and a button in the middle of an empty screen."""
        with Vertical(id="turn-back"):
            yield Static(plain(self._sentence()), classes="calm")
            yield Static(plain(_("画面を係員へお戻しください。")), classes="calm")
            with Center():
                yield Press(_("係員の画面へ(係員が押します)"), id="go")
        yield TooSmall()

    def tell(self, source: Callable[[], CounterMessage]) -> bool:  # noqa: ARG002  # of the interface
        """There is no place for a message that the customer may not read."""
        return False

    def on_mount(self) -> None:
        """A customer who presses Enter once too often must not open the clerk's side."""
        self._opened = time.monotonic()

    @on(Button.Pressed, "#go")
    def action_go(self) -> None:
        """The clerk has the screen again."""
        if time.monotonic() - self._opened >= SETTLE:
            self.answer(Way.ON)


def call_the_clerk() -> str:
    """What the customer reads instead of EA06 to EA10 (I-11)."""
    return _("恐れ入りますが、係員へお声がけください。")


def thank_you() -> str:
    """After step 5."""
    return _("認証が完了しました。ありがとうございました。")


def cancelled() -> str:
    """After [キャンセル] on step 4 (DOMAIN 5.3)."""
    return _("ユーザー認証を中断しました。")

"""What is turned to the customer: nothing of the clerk's side is visible or reachable (DOMAIN 3.1, I-11).

No header with names, no card, no keys but those shown, and of a refusal that is for the clerk nothing but the request
to call the clerk. Who goes away is waited for two minutes; then everything typed is wiped.
"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Center, Horizontal, Vertical
from textual.widgets import Button, Input, Static

from kiosk.errors import KioskError
from kiosk.translations.catalog import N_, _
from screens import keys
from screens.base import TALL, TooSmall
from screens.issuing.draft import IssueDraft
from screens.issuing.step import IssueStep, Way
from screens.messages import CounterMessage, check, tagged
from screens.problems import explain
from screens.widgets.key_bar import KeyBar
from screens.widgets.press import Press
from screens.widgets.prose import Prose
from screens.widgets.secret_field import SecretField
from screens.widgets.text import plain

if TYPE_CHECKING:
    from kiosk.services.acting import Actor


class CustomerStep(IssueStep, inherit_bindings=False):
    """Steps 4 and 5."""

    LOCKS = False
    SHOWS_CARD = False
    BINDINGS: ClassVar[list[BindingType]] = [
        keys.NEXT_FIELD,
        keys.PREVIOUS_FIELD,
        Binding("escape", "cancel", N_("キャンセル")),
        Binding("f12", "go", N_("認証")),
    ]

    def __init__(self, draft: IssueDraft) -> None:
        super().__init__(draft)
        self.for_clerk: Callable[[], CounterMessage] | None = None
        """What is told on the next screen: to the clerk, once the glass is turned back, or at step 4 again."""
        self._warned = False

    # --- looks -------------------------------------------------------------------------------------------------------

    def compose_input(self) -> ComposeResult:
        """What the customer fills in."""
        yield from ()

    def compose_more_buttons(self) -> ComposeResult:
        """Beside キャンセル and 認証."""
        yield from ()

    def compose(self) -> ComposeResult:
        """Title, input, buttons, one message, the few keys there are."""
        training = _("【訓練】") if self.app.counter.training else ""
        with Vertical(id="customer"):
            yield Static(plain(tagged(training, self.screen_name())), id="customer-title")
            yield from self.compose_input()
            with Center(), Horizontal(id="customer-buttons"):
                yield Press(_("キャンセル"), id="cancel")
                yield Press(_("認証"), id="go", primary=True)
                yield from self.compose_more_buttons()
            yield Prose(self._for_customer(), id="customer-message")
        yield KeyBar()
        yield TooSmall()

    def on_mount(self) -> None:
        """The time of the customer begins."""
        self.set_class(self.app.counter.training, "-training")
        self.app.touch()

    # --- messages ----------------------------------------------------------------------------------------------------

    def _for_customer(self) -> str:
        message = self.current_message
        if message is None:
            return ""
        if message.call_staff or not message.to_do or self.app.size.height < TALL:
            return message.for_customer
        return f"{message.happened}\n{message.to_do}"

    def tell(self, source: Callable[[], CounterMessage]) -> bool:
        """Only what is meant for the customer; everything else waits until the clerk has the screen again."""
        message = source()
        if message.call_staff:
            self.call_the_clerk(source)
            return True
        self._message = lambda: source().naming(self.app.contact)
        self._say(self._for_customer())
        if self.is_mounted:
            self._point_at(message.field)
        return True

    def be_quiet(self) -> None:
        """Nothing to say any more."""
        super().be_quiet()
        self._say("")

    def _show_working(self, working: bool) -> None:
        if self._message is None:
            self._say(_("確認しています。そのままお待ちください。") if working else "")

    def _say(self, text: str) -> None:
        for line in self.query("#customer-message").results(Prose):
            line.say(text)

    def call_the_clerk(self, source: Callable[[], CounterMessage]) -> None:
        """End the customer's turn; `source` is told on the clerk's side."""
        self.for_clerk = source
        self.wipe()
        self.answer(Way.CALL)

    def refuse(self, error: KioskError) -> None:
        """Call the clerk for something the customer can do nothing about."""
        self.call_the_clerk(partial(explain, error))

    # --- time --------------------------------------------------------------------------------------------------------

    def idle(self, seconds: float) -> None:
        """Warn, then wipe and give the screen back."""
        counter = self.app.counter
        if seconds >= counter.customer_wipe_after:
            self.call_the_clerk(_nobody_typed)
        elif seconds >= counter.customer_warning_after:
            self._warned = True
            left = int(counter.customer_wipe_after - seconds)
            self.tell(lambda: _still_there(left))
        elif self._warned:
            self._warned = False
            self.be_quiet()

    def wipe(self) -> None:
        """Leave nothing of what was typed on the screen or in memory."""
        for secret in self.query(SecretField):
            secret.wipe()
        for field in self.query(Input):
            field.value = ""

    # --- keys --------------------------------------------------------------------------------------------------------

    @on(Button.Pressed, "#cancel")
    def cancel_pressed(self) -> None:
        """The button for the mouse."""
        self.action_cancel()

    @on(Button.Pressed, "#go")
    def go_pressed(self) -> None:
        """The button for the mouse."""
        self.action_go()

    def action_cancel(self) -> object:
        """[キャンセル]."""
        raise NotImplementedError

    def action_go(self) -> object:
        """[認証]."""
        raise NotImplementedError

    async def cancel(self, use_case: "Callable[[Actor, str], None]") -> None:
        """Nothing typed stays, and the journey goes where the manual says."""
        self.wipe()
        try:
            await self.perform(use_case, self.app.actor, self.draft.reception_no)
        except KioskError as refusal:
            self.refuse(refusal)
            return
        self.answer(Way.BACK)


def _still_there(left: int) -> CounterMessage:
    return check(
        "",
        _("しばらく操作がありません。"),
        _("あと{seconds}秒で、入力した内容を消去して係員の画面へ戻ります。").format(seconds=max(left, 0)),
    )


def _nobody_typed() -> CounterMessage:
    return check(
        "EA13",
        _("お客様の操作がなかったため、入力された内容を消去しました。"),
        _("お客様にお声がけのうえ、続ける場合は「お客様の入力へ」を押してください。"),
    )

"""S305, step 5: the code from the customer's own mailbox (R-60 to R-65)."""

from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Center
from textual.widgets import Button, Static

from kiosk.errors import BadInput, CodeDead, CodeExpired, KioskError, WrongCode
from kiosk.rules.credentials import CODE_LENGTHS, check_code
from kiosk.translations.catalog import N_, _
from screens import keys
from screens.base import counter_action
from screens.dates import time_text
from screens.dialogs.mailbox import Letter, Mailbox
from screens.field_problems import field_help
from screens.issuing.customer import CustomerStep
from screens.issuing.digit_pad import DigitPad
from screens.issuing.rows import row
from screens.issuing.step import Way
from screens.problems import explain
from screens.widgets.press import Press
from screens.widgets.prose import Prose
from screens.widgets.secret_field import SecretField
from screens.widgets.text import plain


class Code(CustomerStep):
    """One field, ten keys on the glass, and the time that is left."""

    SCREEN_ID = "S305"
    SCREEN_NAME = N_("認証コード入力")
    STEP = 5
    AUTO_FOCUS: ClassVar[str] = "#code"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(keys.MAILBOX, "mailbox", N_("【訓練】メール")),
        Binding("down", "to_the_keyboard", show=False),
    ]

    def compose_input(self) -> ComposeResult:
        """Where it was sent, until when, the field, the keys."""
        counter = self.app.counter
        sent = self.draft.code
        if sent is not None:
            yield Prose(
                _(
                    "{address} あてに認証コードを送信しました。\n"
                    "メールに記載の6桁の数字をご入力ください。(有効期限 {until})"
                ).format(address=sent.masked_email, until=time_text(sent.valid_until)),
                classes="customer-prompt",
            )
        yield Prose(self._left(), id="left")
        code = SecretField(
            id="code", slots=CODE_LENGTHS.start, typed=counter.physical_keyboard, help=field_help("code")
        )
        with Center():
            yield row(_("認証コード"), code)
        yield Static(plain(_count(0)), id="count", classes="customer-help")
        with Center():
            yield DigitPad(id="keyboard", field=code, shuffle=counter.shuffle_keyboard)
        yield Prose(
            _("届かない場合は、登録メールアドレスと迷惑メールフォルダーをご確認ください。"),
            classes="customer-help",
        )

    def compose_more_buttons(self) -> ComposeResult:
        """Training has no mail server: the letters are read here."""
        if self.app.counter.training:
            yield Press(_("【訓練】メールを見る"), id="mailbox")

    def on_mount(self) -> None:
        """The time that is left runs down."""
        self.set_interval(1.0, self._tick)

    def after_recompose(self) -> None:
        """The count of what was typed before the language changed."""
        self._show_count(len(self.query_one("#code", SecretField).secret))

    def _tick(self) -> None:
        for line in self.query("#left").results(Prose):
            line.say(self._left())

    def _left(self) -> str:
        if self.draft.code is None:
            return ""
        seconds = int((self.draft.code.valid_until - self.app.clock.now()).total_seconds())
        if seconds <= 0:
            return _("有効期限が過ぎました。「キャンセル」を押し、ユーザー認証からやり直してください。")
        return _("残り {minutes}分{seconds:02}秒").format(minutes=seconds // 60, seconds=seconds % 60)

    def _show_count(self, typed: int) -> None:
        self.query_one("#count", Static).update(plain(_count(typed)))

    @on(SecretField.Changed, "#code")
    def count(self, event: SecretField.Changed) -> None:
        """How many digits are there."""
        self._show_count(len(event.field.secret))

    def action_to_the_keyboard(self) -> None:
        """Down: from the field to the keys, which the arrows then move over."""
        self.query_one(DigitPad).focus()

    @on(SecretField.Submitted, "#code")
    def enter_authenticates(self, event: SecretField.Submitted) -> None:
        """Enter is [認証]."""
        event.stop()
        event.prevent_default()
        self.action_go()

    @counter_action
    async def action_go(self) -> None:
        """[認証]: two-step verification (R-64). A dead code leads back to step 4 (E-55)."""
        code = self.query_one("#code", SecretField)
        problem = check_code(code.secret.reveal())
        if problem is not None:
            raise BadInput(field="code", problem=problem)
        submit = self.app.services.authenticating.submit_code
        try:
            with code.take() as secret:
                await self.perform(submit, self.app.actor, self.draft.reception_no, secret)
        except (BadInput, WrongCode, CodeExpired):
            raise
        except CodeDead as dead:
            self.for_clerk = partial(explain, dead)
            self.answer(Way.BACK)
            return
        except KioskError as refusal:
            self.refuse(refusal)
            return
        self.answer(Way.ON)

    @counter_action
    async def action_cancel(self) -> None:
        """[キャンセル]: the code is spent, and step 4 comes back (R-65)."""
        await self.cancel(self.app.services.authenticating.cancel_to_password)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The post box exists in training only."""
        if action == "mailbox" and not self.app.counter.training:
            return False
        return super().check_action(action, parameters)

    # --- training ----------------------------------------------------------------------------------------------------

    @on(Button.Pressed, "#mailbox")
    @counter_action
    async def action_mailbox(self) -> None:
        """【訓練】 The trainee plays the customer and reads the customer's mail; nothing of this exists elsewhere."""
        if self.app.counter.training:
            await self.app.push_screen_wait(Mailbox(self._letters))
            self.query_one("#code").focus()

    def _letters(self) -> list[Letter]:
        return [
            Letter(at=letter.at, recipient=letter.to, subject=letter.subject, body=letter.body)
            for letter in self.app.services.notices.open_mailbox(self.app.actor)
        ]


def _count(typed: int) -> str:
    return f"{typed} / {CODE_LENGTHS.start}   {field_help('code')}"

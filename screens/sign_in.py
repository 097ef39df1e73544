"""S000: who are you. Shown at once; what is typed before the services are open is used as soon as they are."""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widgets import Button, Static

from kiosk.translations.catalog import N_, _
from screens import keys
from screens.base import KioskScreen, counter_action
from screens.messages import CounterMessage, check
from screens.staff_secret import require_staff_secret
from screens.widgets.field import Field, FieldLabel
from screens.widgets.press import Press
from screens.widgets.prose import Prose
from screens.widgets.secret_field import SecretField
from screens.widgets.text import pad, plain
from screens.words import STAFF_ROLES, word

STAFF_ID_LIMIT = 32
"""Characters of the operator ID field."""


class SignIn(KioskScreen[None]):
    """Operator ID and password; in training the practice accounts stand below."""

    SCREEN_ID = "S000"
    SCREEN_NAME = N_("サインオン")
    LOCKS = False
    AUTO_FOCUS = "#staff_id"
    BINDINGS: ClassVar[list[BindingType]] = [
        keys.REFRESH,
        Binding("f12", "go", N_("サインオン")),
        Binding(keys.END, "end_practice", N_("練習を終了")),
    ]

    def __init__(self, desk: Callable[[], Screen[Any]]) -> None:
        """`desk` makes the screen that opens after signing on."""
        super().__init__()
        self._desk = desk

    def compose_task(self) -> ComposeResult:
        """Title, two fields, one button, the practice accounts."""
        yield Static(
            plain(_("ろうきん賃金控除事務支援システム 電子証明書 窓口端末")), classes="panel-title product"
        )
        yield Prose(_("オペレーターIDとパスワードを入力してください。"), classes="prompt")
        staff_id = Field(
            id="staff_id",
            limit=STAFF_ID_LIMIT,
            half_width=True,
            help=_("当金庫から割り当てられたID(大文字と小文字を区別します)"),
        )
        yield FieldLabel(_("オペレーターID"), staff_id)
        yield staff_id
        password = SecretField(id="password", help=_("ご自分のパスワード(画面には表示されません)"))
        yield FieldLabel(_("パスワード"), password)
        yield password
        with Horizontal(classes="buttons"):
            yield Press(_("サインオン"), id="go", primary=True)
        yield Prose(classes="panel-title", id="practice-title")
        yield Prose(id="practice")

    def on_mount(self) -> None:
        """The practice accounts come with the settings, which may be read only later."""
        self.watch(self.app, "ready", self.after_recompose)

    def after_recompose(self) -> None:
        """Fill what needs the settings. Nothing is made anew for it: somebody may be typing."""
        shown = self.app.counter.training and bool(self.app.counter.practice_accounts)
        title = _("【訓練】この画面の操作は実際の契約に反映されません。練習用のID:")
        self.query_one("#practice-title", Prose).say(title if shown else "")
        self.query_one("#practice", Prose).say("\n".join(self._practice_lines()) if shown else "")

    @on(SecretField.Submitted, "#password")
    def enter_signs_on(self, event: SecretField.Submitted) -> None:
        """Enter in the last field is F12."""
        event.stop()
        event.prevent_default()
        self.action_go()

    def action_refresh(self) -> None:
        """F5: try to open the services again."""
        if not self.app.ready:
            self.be_quiet()
            self.app.open()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is a way out of `kiosk demo` only, which is the program that names its accounts."""
        if action == "end_practice" and not self.app.counter.practice_accounts:
            return False
        return super().check_action(action, parameters)

    def action_end_practice(self) -> None:
        """Ctrl+Q: whoever tried it at a desk gets the terminal back."""
        self.app.exit()

    @on(Button.Pressed, "#go")
    def pressed(self) -> None:
        """The button for the mouse."""
        self.action_go()

    @counter_action
    async def action_go(self) -> None:
        """F12: sign on."""
        if not self.query_one("#staff_id", Field).value:
            from kiosk.errors import BadInput
            from kiosk.rules.credentials import ShapeProblem

            raise BadInput(field="staff_id", problem=ShapeProblem.EMPTY)
        require_staff_secret(self.query_one("#password", SecretField).secret)
        if not self.app.ready:
            self.tell(_getting_ready)
            await self.app.when_ready()
        staff_id = self.query_one("#staff_id", Field).value
        with self.query_one("#password", SecretField).take() as secret:
            actor = await self.perform(self.app.services.signing_in.sign_in, staff_id, secret)
        self.be_quiet()
        self.query_one("#staff_id", Field).value = ""
        self.set_focus(self.query_one("#staff_id"))
        self.app.sign_on(actor, self._desk())

    def _practice_lines(self) -> list[str]:
        accounts = self.app.counter.practice_accounts
        roles = [word(STAFF_ROLES, account.role) for account in accounts]
        ids = max(cell_len(account.staff_id) for account in accounts) + 2
        names = max(map(cell_len, roles)) + 2
        password = _("パスワード {password}")
        return [
            pad(account.staff_id, ids) + pad(role, names) + password.format(password=account.password)
            for account, role in zip(accounts, roles, strict=True)
        ]


def _getting_ready() -> CounterMessage:
    return check("", _("準備しています。"), _("終わりしだいサインオンします。そのままお待ちください。"))


def sign_in(desk: Callable[[], Screen[Any]]) -> Callable[[], SignIn]:
    """The first screen of the kiosk, as `Parts.first` wants it."""
    return partial(SignIn, desk)

"""The locked screen: it covers everything and keeps the transaction; the operator's own password opens it again."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Button, Static

from kiosk.rules.texts import displayable
from kiosk.translations.catalog import N_, _
from screens.base import KioskScreen, counter_action
from screens.dialogs.confirm import Confirm, Question
from screens.staff_secret import require_staff_secret
from screens.widgets.field import FieldLabel
from screens.widgets.press import Press
from screens.widgets.prose import Prose
from screens.widgets.secret_field import SecretField
from screens.widgets.text import plain
from screens.words import STAFF_ROLES


class IdleLock(KioskScreen[None]):
    """S001. Nothing of the screens below can be seen or reached; typed secrets were wiped before it came."""

    SCREEN_ID = "S001"
    SCREEN_NAME = N_("画面保護")
    LOCKS = False
    AUTO_FOCUS = "#password"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f12", "go", N_("再開")),
        Binding("escape", "sign_off", N_("サインオフ")),
    ]

    def compose_task(self) -> ComposeResult:
        """Why, who, one field."""
        yield Prose(
            _("一定時間操作がなかったため、画面を保護しました。パスワードを入力すると再開します。"),
            classes="prompt",
        )
        actor = self.app.actor
        yield Static(plain(f"{_(STAFF_ROLES[actor.role])} {displayable(actor.name)}"))
        password = SecretField(id="password", help=_("サインオンした係員のパスワード"))
        yield FieldLabel(_("パスワード"), password)
        yield password
        with Horizontal(classes="buttons"):
            yield Press(_("再開"), id="go", primary=True)
            yield Press(_("サインオフ"), id="off")

    @on(SecretField.Submitted, "#password")
    def enter_resumes(self, event: SecretField.Submitted) -> None:
        """Enter is F12."""
        event.stop()
        event.prevent_default()
        self.action_go()

    @on(Button.Pressed, "#go")
    def go_pressed(self) -> None:
        """The button for the mouse."""
        self.action_go()

    @on(Button.Pressed, "#off")
    def off_pressed(self) -> None:
        """The button for the mouse."""
        self.action_sign_off()

    @counter_action
    async def action_go(self) -> None:
        """F12: back to where the operator was."""
        password = self.query_one("#password", SecretField)
        require_staff_secret(password.secret)
        with password.take() as secret:
            await self.perform(self.app.services.signing_in.resume, self.app.actor, secret)
        self.app.touch()
        self.dismiss(None)

    @counter_action
    async def action_sign_off(self) -> None:
        """Esc: the operator will not come back; an open case waits in the unfinished list."""
        if await self.app.push_screen_wait(Confirm(_signing_off)):
            await self.perform(self.app.services.signing_in.sign_off, self.app.actor)
            self.app.sign_off()


def _signing_off() -> Question:
    return Question(
        title=_("サインオフします。"),
        consequence=_(
            "入力途中の内容は破棄されます。受付済みの取引は「801 未完了取引」に残ります。よろしいですか。"
        ),
    )

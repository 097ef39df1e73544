"""A plain screen with every kind of widget and handler, for tests of the shell."""

import time
from collections.abc import Callable
from typing import Any, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.widgets import Button, Label

from kiosk.clock import Clock
from kiosk.errors import KioskError
from kiosk.services.bundle import Services
from kiosk.translations.catalog import N_, _
from screens import keys
from screens.app import KioskApp
from screens.base import KioskScreen, counter_action
from screens.dialogs.confirm import Confirm
from screens.dialogs.help import Help
from screens.dialogs.leaving import leaving
from screens.dialogs.problem_details import ProblemDetails
from screens.idle import IdleLock
from screens.parts import Counter, Parts
from screens.widgets.choices import Check, Choices
from screens.widgets.field import Field
from screens.widgets.press import Press
from screens.widgets.secret_field import SecretField
from screens.widgets.text import plain


class Plain(KioskScreen[None]):
    """S999: fields of every kind, and keys that do what a test tells them to."""

    SCREEN_ID = "S999"
    SCREEN_NAME = N_("ユーザー照会")
    STEP = 4
    SHOWS_CARD = True
    AUTO_FOCUS = "#user_id"
    BINDINGS: ClassVar[list[BindingType]] = [keys.BACK, keys.REFRESH, keys.GO, keys.LEAVE]

    def __init__(
        self, work: Callable[[], object] = lambda: None, handler: Callable[[], object] = lambda: None
    ) -> None:
        """`work` is the use case of F12, run in a thread; `handler` runs in the handler of F3."""
        super().__init__()
        self.work = work
        self.handler = handler
        self.done = 0
        self.left: bool | None = None

    def compose_task(self) -> ComposeResult:
        """One field of every kind."""
        yield Label(plain(_("ユーザーID")))
        yield Field(id="user_id", help="半角英字と数字")
        yield Label(plain(_("パスワード")))
        yield SecretField(id="password")
        yield Check(_("届出印の照合"), id="seal")
        yield Choices([_("窓口"), _("電話")], id="channel")
        yield Press(_("実行"), id="go")

    @on(Button.Pressed, "#go")
    @counter_action
    async def action_go(self) -> None:
        """F12."""
        await self.perform(self.work)
        self.done += 1

    def action_back(self) -> None:
        """F3."""
        self.handler()

    def action_refresh(self) -> None:
        """F5: the handler again, but in a timer."""
        self.set_timer(0.01, self.handler)

    @counter_action
    async def action_leave(self) -> None:
        """Esc."""
        self.left = await self.app.push_screen_wait(Confirm(leaving))


def a_kiosk(
    first: Callable[[], Screen[Any]],
    services: object = None,
    *,
    counter: Counter | None = None,
    clock: Clock | None = None,
) -> KioskApp:
    """The shell around one screen, without a desk behind it."""
    parts = Parts(first=first, lock=IdleLock, help=Help, details=ProblemDetails)
    return KioskApp(lambda: cast("Services", services), parts, counter=counter, clock=clock)


def refusing(error: KioskError) -> Callable[[], object]:
    """A use case that refuses."""

    def refuse() -> object:
        raise error

    return refuse


def taking(seconds: float) -> Callable[[], object]:
    """A use case that takes its time."""
    return lambda: time.sleep(seconds)

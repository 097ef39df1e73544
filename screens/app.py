"""The shell every screen stands in: services, who is signed on, errors, idle lock, language, crash behaviour.

It knows no concrete screen: `screens.kiosk` hands in the ones it opens by itself. Importing this module must stay
cheap, because the first frame waits for it: the services and all they import come later, in a thread.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, cast

from rich.console import RenderableType
from rich.text import Text
from textual import events
from textual._context import active_message_pump
from textual.app import App
from textual.binding import Binding, BindingType
from textual.filter import LineFilter
from textual.message_pump import MessagePump
from textual.reactive import var
from textual.screen import Screen
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.widget import Widget
from textual.worker import Worker, WorkerState

from kiosk.clock import Clock, SystemClock
from kiosk.translations.catalog import N_, Language, _, language, use
from screens import keys
from screens.collecting import collect_if_due
from screens.driver import KioskDriver
from screens.hardening import (
    INTERNAL_ERROR_EXIT,
    Enduring,
    Heartbeat,
    Incident,
    NoControl,
    hold_signals,
    incident_of,
    let_go_of_the_terminal,
    redact_lost_tasks,
    redacted_hooks,
)
from screens.messages import CounterMessage, unexpected
from screens.parts import Counter, CounterScreen, Parts
from screens.styles.theme import COUNTER_THEME
from screens.typed_ahead import TypedAhead

if TYPE_CHECKING:
    from kiosk.services.acting import Actor
    from kiosk.services.bundle import Services

STORM = 5
"""This many incidents within `STORM_SECONDS` mean that the same thing fails again and again: better to start anew."""
STORM_SECONDS = 10.0
MEND_AFTER = 0.1
"""Seconds until a look at what an error left behind."""


class PlainScrollBar(ScrollBarRender):
    """Blanks only: the block characters of the default are two cells wide in Japanese fonts."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "]
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "]


class KioskApp(Enduring, App[None], inherit_bindings=False):
    """The program at the counter.

    Journeys use `services`, `actor`, `reception_no` and `report`. `when_ready` is awaited by whoever may be quicker
    than the services.
    """

    CSS_PATH = "styles/kiosk.tcss"
    ENABLE_COMMAND_PALETTE = False
    COMMANDS: ClassVar[set[Any]] = set()
    ALLOW_SELECT = False
    ESCAPE_TO_MINIMIZE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(keys.LANGUAGE, "switch_language", N_("English"), priority=True)
    ]
    ACTIONS: ClassVar[frozenset[str]] = frozenset({"switch_language", "focus_next", "focus_previous"})
    """Every other action of the terminal library (quit, suspend, screenshot, palette, open a page) does nothing."""

    signed_on: var["Actor | None"] = var(None)
    reception_no: var[str | None] = var(None)
    """The reception at hand, for the header."""
    ready: var[bool] = var(False)
    """The services are there."""

    def __init__(
        self,
        open_services: "Callable[[], Services]",
        parts: Parts,
        *,
        counter: Counter | None = None,
        counter_of: "Callable[[Services], Counter] | None" = None,
        clock: Clock | None = None,
        on_incident: Callable[[Incident], object] | None = None,
    ) -> None:
        """Nothing is opened yet.

        `open_services` runs in a thread after the first frame; it may raise `KioskError`. `counter_of` tells what the
        settings say once they were read; until then `counter` holds. `on_incident` writes the log and must not raise.
        """
        super().__init__(driver_class=KioskDriver)
        self.counter = counter or Counter()
        self.clock: Clock = clock or SystemClock()
        self.incidents: list[Incident] = []
        self.heartbeat = Heartbeat()
        self._parts = parts
        self._open_services = open_services
        self._counter_of = counter_of
        self._on_incident = on_incident
        self._services: Services | None = None
        self._opened = asyncio.Event()
        self._not_opened: Exception | None = None
        self._last_touch = time.monotonic()
        self._recent: deque[float] = deque(maxlen=STORM)
        self._no_control = NoControl()
        self._typed_ahead = TypedAhead(self, self._deliver)
        self.animation_level = "none"
        self.register_theme(COUNTER_THEME)
        self.theme = COUNTER_THEME.name
        self.stylesheet.set_variables(self.get_css_variables())

    # --- what journeys use -------------------------------------------------------------------------------------------

    @property
    def services(self) -> "Services":
        """The use cases. Raises RuntimeError before they are open; nobody is signed on before that."""
        if self._services is None:
            raise RuntimeError("services are not open yet")
        return self._services

    @property
    def actor(self) -> "Actor":
        """Who is signed on. Raises RuntimeError when nobody is; only the sign-on screen lives without."""
        if self.signed_on is None:
            raise RuntimeError("nobody is signed on")
        return self.signed_on

    @property
    def contact(self) -> str:
        """Whom to call; the word that stands where the settings name nobody is there in both languages."""
        return _(self.counter.contact or N_("事務センター"))

    async def when_ready(self) -> None:
        """Wait until the services are open; raises what kept them from opening."""
        await self._opened.wait()
        if self._not_opened is not None:
            raise self._not_opened

    def report(self, error: BaseException) -> None:
        """Say on the screen what happened: the sentence of a `KioskError`, or the number of an incident."""
        from kiosk.errors import KioskError

        if isinstance(error, KioskError):
            from screens.problems import explain

            self.tell(partial(explain, error))
        else:
            self._handle_exception(error)

    def tell(self, source: Callable[[], CounterMessage]) -> None:
        """Show a message on the topmost screen that has a place for it; `source` is asked again in another language."""
        for screen in reversed(self.screen_stack):
            if isinstance(screen, CounterScreen) and screen.tell(source):
                return

    def sign_on(self, actor: "Actor", desk: Screen[Any]) -> None:
        """`actor` has signed on: open the first screen of the day's work."""
        self.signed_on = actor
        self.push_screen(desk)

    def sign_off(self) -> None:
        """Back to the sign-on screen; what was typed is wiped, open cases stay in the registry."""
        self.signed_on = None
        self.reception_no = None
        self._forget_secrets()
        while len(self.screen_stack) > 1:
            self.pop_screen()

    def _forget_secrets(self) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, CounterScreen):
                screen.forget_secrets()

    def explain_screen(self, screen: Screen[Any]) -> None:
        """Open the help for `screen`."""
        self.push_screen(self._parts.help(screen))

    def show_details(self, message: CounterMessage) -> None:
        """Open one message in full."""
        self.push_screen(self._parts.details(message))

    def run_to_exit_code(self) -> int:
        """Run until the program leaves, then close the services.

        The exit code of the process: 0, or 70 after an internal error.
        """
        ScrollBar.renderer = PlainScrollBar
        with redacted_hooks(self._record):
            try:
                self.run()
            finally:
                if self._services is not None:
                    self._services.close()
                let_go_of_the_terminal()
        return self.return_code or 0

    @property
    def _top(self) -> CounterScreen | None:
        top: object = self.screen_stack[-1] if self.screen_stack else None
        return top if isinstance(top, CounterScreen) else None

    @property
    def _deaf(self) -> bool:
        return self._top is not None and (self._top.busy or self._top.covered)

    # --- start -------------------------------------------------------------------------------------------------------

    def get_default_screen(self) -> Screen[Any]:
        """The sign-on screen stands at the bottom of the stack."""
        return self._parts.first()

    def on_mount(self) -> None:
        """Shut the doors, then fetch the services behind the first frame."""
        ScrollBar.renderer = PlainScrollBar
        redact_lost_tasks(self._record)
        if not self.is_headless:
            hold_signals(self.exit)
        self.heartbeat.start()
        self.set_interval(1.0, self._look_at_the_clock)
        self.call_after_refresh(self.open)

    def on_unmount(self) -> None:
        """Nothing beats after the end."""
        self.heartbeat.stop()

    def open(self) -> None:
        """Open the services, now or again after they could not be opened."""
        self._opened.clear()
        self._not_opened = None
        self.run_worker(self._open(), group="opening", exclusive=True, exit_on_error=False)

    async def _open(self) -> None:
        try:
            services = await asyncio.to_thread(self._open_in_thread)
            if self._counter_of is not None:
                self.counter = self._counter_of(services)
        except Exception as error:  # noqa: BLE001  # told on the screen, which stays
            self._not_opened = error
            self.report(error)
        else:
            self.ready = True
        finally:
            self._opened.set()

    def _open_in_thread(self) -> "Services":
        """Kept at once: whoever leaves while this runs must still be able to close them."""
        self._services = self._open_services()
        return self._services

    # --- idle lock ---------------------------------------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """Keys and mouse buttons keep the screen awake; they reach nobody who is busy or cannot be seen."""
        if (
            isinstance(event, (events.Key, events.Paste, events.MouseDown, events.MouseUp))
            and not event.is_forwarded
        ):
            self.touch()
            await self._typed_ahead.take(event)
        else:
            await super().on_event(event)

    async def _deliver(self, event: events.Event) -> None:
        if not self._deaf:
            await super().on_event(event)

    def touch(self) -> None:
        """Begin to count the idle time anew."""
        self._last_touch = time.monotonic()

    def _look_at_the_clock(self) -> None:
        top = self._top
        if top is None or top.busy:
            return
        seconds = time.monotonic() - self._last_touch
        collect_if_due(seconds)
        top.idle(seconds)
        if top.LOCKS and self.signed_on is not None and seconds >= self.counter.idle_lock_after:
            self.lock()

    def lock(self) -> None:
        """Cover everything; the transaction stays, secrets and passwords that wait for an issue do not (DOMAIN 3.5)."""
        self._forget_secrets()
        self.push_screen(self._parts.lock())
        self.run_worker(
            asyncio.to_thread(self.services.signing_in.lock, self.actor), group="locking", exit_on_error=False
        )

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """What a worker of the shell itself could not do is told."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self.report(event.worker.error)

    # --- language ----------------------------------------------------------------------------------------------------

    async def action_switch_language(self) -> None:
        """The other language, with everything typed and the focus in their places."""
        use(Language.ENGLISH if language() is Language.JAPANESE else Language.JAPANESE)
        for screen in self.screen_stack:
            if isinstance(screen, CounterScreen):
                await screen.speak_again()

    # --- doors that stay shut ----------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  # of the interface
        """Only the actions of the counter, and none while keys reach nobody."""
        return action in self.ACTIONS and not self._deaf

    def refresh_css(self, animate: bool = True) -> None:
        """Never: there is one theme, and the styles are read with it from the start."""

    def get_line_filters(self) -> list[LineFilter]:
        """Nothing but plain text leaves for the terminal."""
        return [*super().get_line_filters(), self._no_control]

    def copy_to_clipboard(self, text: str) -> None:
        """A kiosk has no clipboard."""

    @property
    def clipboard(self) -> str:
        """A kiosk has no clipboard."""
        return ""

    # --- crashes -----------------------------------------------------------------------------------------------------

    def _handle_exception(self, error: BaseException) -> None:
        """Live on where that is possible, with an incident number on the screen; otherwise leave with one line."""
        incident = self._record(error)
        if self._survives():
            self.tell(partial(unexpected, incident.name))
            self.set_timer(MEND_AFTER, partial(self._mend, active_message_pump.get(), incident))
        else:
            self._exception = cast("Exception", error)
            self._fatal_error()
            self._exception_event.set()

    def _survives(self) -> bool:
        now = time.monotonic()
        storm = len(self._recent) == STORM and now - self._recent[0] < STORM_SECONDS
        self._recent.append(now)
        return self._running and self._is_mounted and not storm

    async def _mend(self, failed: MessagePump, incident: Incident) -> None:
        """A widget whose message loop ended is made anew with its screen; a screen that never stood up is left."""
        if isinstance(failed, Screen):
            if failed in self.screen_stack and not (failed._running and failed.children):
                self._leave_broken(incident)
        elif isinstance(failed, Widget) and failed.is_attached and not failed._running:
            home: object = failed.screen
            if isinstance(home, CounterScreen):
                await home.speak_again()

    def _leave_broken(self, incident: Incident) -> None:
        if len(self.screen_stack) == 1:
            self._fatal_error()
        elif len(self.screen_stack) == 2:
            self.sign_off()
        else:
            self.pop_screen()
        self.call_later(self.tell, partial(unexpected, incident.name))

    def _record(self, error: BaseException) -> Incident:
        incident = incident_of(error, len(self.incidents) + 1, self.clock.now())
        self.incidents.append(incident)
        if self._on_incident is not None:
            self._on_incident(incident)
        return incident

    def panic(self, *renderables: RenderableType) -> None:  # noqa: ARG002  # what it would print may hold locals
        """Leave with one line."""
        self._fatal_error()

    def _fatal_error(self) -> None:
        name = self.incidents[-1].name if self.incidents else "E-0000"
        self._return_code = INTERNAL_ERROR_EXIT
        self._exit_renderables = [Text(_("内部エラー {incident}").format(incident=name))]
        self._close_messages_no_wait()

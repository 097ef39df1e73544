"""What every screen is built on.

A screen is a class with a few words about itself and a `compose_task`:

    class Reception(KioskScreen[ReceptionForm]):
        SCREEN_ID = "S301"
        SCREEN_NAME = N_("受付")
        STEP = 1                                   # the step bar shows; 0 leaves it out
        BINDINGS = [keys.BACK, keys.GO, keys.LEAVE]

        def compose_task(self) -> ComposeResult:   # the left side; may run again at any time
            yield Field(_("依頼書番号"), id="form_no", value=self.form_no)

        @counter_action
        async def action_go(self) -> None:         # a journey: straight down, one at a time
            case = await self.perform(self.app.services.casework.open, self.app.actor, self.form())
            self.dismiss(case)                     # the last statement, not awaited

* Compose from attributes, never from what a worker once put into a widget: `compose` runs again when the language
  changes. Values of fields that have an `id`, the focus and the message are kept.
* Texts pass through `_()` inside methods; class-level texts are marked with `N_()` and translated where shown.
* Stored text goes into widgets as `plain(...)`, or as `plain_rich(...)` into DataTable and Tree, never as `str`.
* Blocking work goes through `perform`. What it raises and the screen does not catch is told in the message area.
* Leaving (`dismiss`, `switch_screen`) is the last statement of a journey and is not awaited.
"""

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar, Concatenate, Generic, ParamSpec, TypeVar

from textual import events, getters, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.compose import compose
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.reactive import var
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.widgets import Input, Static
from textual.worker import Worker, WorkerState

from kiosk.translations.catalog import N_, _
from screens import keys
from screens.app import KioskApp
from screens.hardening import Enduring
from screens.messages import CounterMessage
from screens.widgets.customer_card import CardPanel
from screens.widgets.header import HeaderLine
from screens.widgets.key_bar import KeyBar
from screens.widgets.message_area import MessageArea
from screens.widgets.secret_field import SecretField
from screens.widgets.steps_bar import ISSUE_STEPS, StepsBar
from screens.widgets.text import plain

if TYPE_CHECKING:
    from textual.widgets import Checkbox, RadioSet

    from kiosk.services.views import UserCard

Answer = TypeVar("Answer")
S = TypeVar("S", bound="KioskScreen[Any]")
P = ParamSpec("P")
T = TypeVar("T")

SMALLEST = (80, 24)
"""Columns and rows below which a screen only says that there is too little room."""
WIDE = 120
"""Columns from which the card stands beside the task; below, it folds under it."""
TALL = 30
"""Rows from which blank lines and titles are drawn; below, the work alone."""
WORKING_AFTER = 0.1
"""Seconds after which a use case that still runs is told in the message area."""


class KioskScreen(Enduring, Screen[Answer], Generic[Answer], inherit_bindings=False):
    """One screen of the counter: header, step bar, task, card, message area, key bar."""

    SCREEN_ID: ClassVar[str] = ""
    SCREEN_NAME: ClassVar[str] = ""
    """A text marked with `N_`."""
    STEPS: ClassVar[tuple[str, ...]] = ISSUE_STEPS
    STEP: ClassVar[int] = 0
    """The step of the journey this screen is, counted from 1; 0 for a screen outside a journey."""
    LOCKS: ClassVar[bool] = True
    """The idle lock covers this screen after `Counter.idle_lock_after`."""
    SHOWS_CARD: ClassVar[bool] = False
    """The customer's card stands beside the task."""
    BINDINGS: ClassVar[list[BindingType]] = [keys.HELP, keys.CLEAR, keys.NEXT_FIELD, keys.PREVIOUS_FIELD]

    app = getters.app(KioskApp)

    busy: var[bool] = var(False, bindings=True)
    """A journey runs: no key, click or second journey reaches this screen."""
    covered: bool = False
    """The window is smaller than `SMALLEST`: nobody sees what a key would do, so none does anything."""

    def __init__(self, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  # Textual's word
        super().__init__(name=name, id=id, classes=classes)
        self._message: Callable[[], CounterMessage] | None = None
        self._card: UserCard | None = None
        self._notes: Callable[[], tuple[str, ...]] = tuple

    # --- what a screen overrides -------------------------------------------------------------------------------------

    def compose_task(self) -> ComposeResult:
        """The task of the person at the keyboard. Runs again when the language changes.

        Rows of the class `buttons` stand under the task, which scrolls above them when it is too long.
        """
        yield from ()

    def screen_name(self) -> str:
        """The name in the header."""
        return _(self.SCREEN_NAME)

    def idle(self, seconds: float) -> None:
        """Called about once a second while this screen is on top; `seconds` since the last key or click."""

    def after_recompose(self) -> None:
        """Called when the widgets were made anew; fill here what `compose` cannot."""

    # --- what a screen uses ------------------------------------------------------------------------------------------

    async def perform(self, use_case: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run one blocking use case in a thread; the event loop, and with it the screen, stays awake."""
        return await asyncio.to_thread(use_case, *args, **kwargs)

    def tell(self, source: Callable[[], CounterMessage]) -> bool:
        """Show a message, naming whom to call; its field gets the focus.

        `source` is asked again when the language changes.
        False when this screen has no place for messages.
        """
        areas = self.query(MessageArea)
        if not areas and self.is_mounted:
            return False
        self._message = lambda: source().naming(self.app.contact)
        if areas:
            message = self._message()
            areas.first().show(message)
            self._point_at(message.field)
        return True

    def tell_now(self, message: CounterMessage) -> None:
        """Show a finished message; it stays in the language it was made in."""
        self.tell(lambda: message)

    def be_quiet(self) -> None:
        """Empty the message area."""
        self._message = None
        for area in self.query(MessageArea):
            area.show(None)
        self._point_at(None)

    def show_card(self, card: "UserCard | None", notes: Callable[[], tuple[str, ...]] = tuple) -> None:
        """Put the customer at hand on the card, with 事務の注意; `notes` is asked again in another language."""
        self._card, self._notes = card, notes
        for panel in self.query(CardPanel):
            panel.show(card, notes())

    @property
    def notes_shown(self) -> tuple[str, ...]:
        """事務の注意 of this screen; a small window has no room for them, so F1 says them as well."""
        return self._notes() if self.SHOWS_CARD else ()

    def forget_secrets(self) -> None:
        """Wipe every secret field of this screen."""
        for field in self.query(SecretField):
            field.wipe()

    @property
    def current_message(self) -> CounterMessage | None:
        """What the message area shows."""
        return None if self._message is None else self._message()

    # --- the frame ---------------------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """The frame around the task."""
        yield HeaderLine()
        if self.STEP:
            yield StepsBar(self.STEPS, self.STEP)
        with Horizontal(id="desk"):
            parts = compose(self, self.compose_task())
            with Vertical(id="task-side"):
                yield VerticalScroll(
                    *(part for part in parts if not _buttons(part)), id="task", can_focus=False
                )
                yield Vertical(*filter(_buttons, parts), id="under-task")
            if self.SHOWS_CARD:
                yield CardPanel(self._card, self._notes())
        yield MessageArea(self.current_message)
        yield KeyBar()
        yield TooSmall()

    def on_resize(self) -> None:
        """Fold the card under the task, or say that the window is too small."""
        self._fit()
        self.call_after_refresh(self._place_cursor)

    def on_descendant_focus(self) -> None:
        """Bring the terminal's own cursor to the field, so that an input method opens its window there."""
        self.call_after_refresh(self._place_cursor)

    def _place_cursor(self) -> None:
        if isinstance(self.focused, (Input, SecretField)):
            self.app.cursor_position = self.focused.cursor_screen_offset
            # The terminal's cursor goes along with the next thing drawn, and this may be the last for a while.
            self.focused.refresh()

    def on_screen_resume(self) -> None:
        """The window may have changed while another screen was on top."""
        self._fit()

    def _fit(self) -> None:
        width, height = self.app.size
        self.covered = width < SMALLEST[0] or height < SMALLEST[1]
        self.set_class(self.covered, "-too-small")
        self.set_class(width < WIDE, "-narrow")
        self.set_class(height < TALL, "-short")

    def _point_at(self, field: str | None) -> None:
        for marked in self.query(".-refused"):
            marked.remove_class("-refused")
        if field is None:
            return
        for widget in self.query(f"#{field}"):
            widget.add_class("-refused")
            if widget.focusable:
                widget.focus()

    # --- what was refused is put right -------------------------------------------------------------------------------

    def filled(self, field: str | None) -> None:
        """Something stands in `field` now: it is no longer marked, and nobody says any more that it is empty."""
        if field is None:
            return
        for marked in self.query(f"#{field}.-refused"):
            marked.remove_class("-refused")
        message = self.current_message
        if message is not None and message.until_filled and message.field == field:
            self.be_quiet()

    def on_input_changed(self, event: Input.Changed) -> None:
        """A text was typed."""
        if event.value.strip():
            self.filled(event.input.id)

    def on_secret_field_changed(self, event: SecretField.Changed) -> None:
        """A secret was typed; taking it away to be looked at puts nothing right."""
        if event.field.secret:
            self.filled(event.field.id)

    def on_radio_set_changed(self, event: "RadioSet.Changed") -> None:
        """One of several was chosen."""
        self.filled(event.radio_set.id)

    def on_checkbox_changed(self, event: "Checkbox.Changed") -> None:
        """A box was ticked."""
        if event.value:
            self.filled(event.checkbox.id)

    # --- language ----------------------------------------------------------------------------------------------------

    async def speak_again(self) -> None:
        """Make every widget anew in the current language; typed values, secrets and the focus stay."""
        from screens.keeping import give_back, kept

        values = kept(self)
        with self.app.batch_update():
            await self.recompose()
            give_back(self, values)
        self.after_recompose()
        self.refresh_bindings()

    # --- keys --------------------------------------------------------------------------------------------------------

    def _forward_event(self, event: events.Event) -> None:
        if not ((self.busy or self.covered) and isinstance(event, events.InputEvent)):
            super()._forward_event(event)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  # of the interface
        """While a use case runs every key is shown but does nothing; F2 stands only where there is a field."""
        if action == "clear" and not any(self.query(kind) for kind in (Input, SecretField)):
            return False
        return None if self.busy else True

    def action_help(self) -> None:
        """F1."""
        self.app.explain_screen(self)

    def action_clear(self) -> None:
        """F2: empty the field with the focus."""
        if isinstance(self.focused, SecretField):
            self.focused.wipe()
        elif isinstance(self.focused, Input):
            self.focused.clear()

    @on(Input.Submitted)
    def enter_means_next(self, event: Input.Submitted) -> None:
        """Enter goes to the next field, unless the screen stops the event or prevents the default."""
        event.stop()
        self.focus_next()

    @on(SecretField.Submitted)
    def secret_enter_means_next(self, event: SecretField.Submitted) -> None:
        """The same for secrets."""
        event.stop()
        self.focus_next()

    @on(MessageArea.Clicked)
    def message_in_full(self, event: MessageArea.Clicked) -> None:
        """A click on the message opens it in full."""
        event.stop()
        message = self.current_message
        if message is not None:
            self.app.show_details(message)

    # --- journeys ----------------------------------------------------------------------------------------------------

    def watch_busy(self, busy: bool) -> None:
        """Tell that something runs when it takes longer than a moment."""
        if busy:
            self.set_timer(WORKING_AFTER, self._say_working)
        elif self.is_mounted:
            self._show_working(False)
            self.app.touch()

    def _say_working(self) -> None:
        self._show_working(self.busy and self.app.screen is self)

    def _show_working(self, working: bool) -> None:
        for area in self.query(MessageArea):
            area.working(working)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """What a journey did not catch is told."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            event.stop()
            self.app.report(event.worker.error)


def _buttons(part: Widget) -> bool:
    return part.has_class("buttons")


def counter_action(
    journey: Callable[Concatenate[S, P], Coroutine[Any, Any, None]],
) -> Callable[Concatenate[S, P], Worker[None]]:
    """Make a handler or an action a journey: one at a time per screen, whatever fails is told.

    Pressing twice in one instant starts it once, because the flag is set before anything is awaited.
    """

    @wraps(journey)
    async def one_at_a_time(screen: S, *args: P.args, **kwargs: P.kwargs) -> None:
        if screen.busy:
            return
        screen.busy = True
        screen.be_quiet()
        try:
            await journey(screen, *args, **kwargs)
        finally:
            screen.busy = False

    return work(group="journey", exit_on_error=False)(one_at_a_time)


class KioskDialog(KioskScreen[Answer], ModalScreen[Answer], Generic[Answer]):
    """A dialog over a screen: a box with a title, its task and its own keys; no header, no message area.

    Messages told while it is open go to the screen below, unless `compose_task` yields a `MessageArea`.
    """

    BINDINGS: ClassVar[list[BindingType]] = [keys.NEXT_FIELD, keys.PREVIOUS_FIELD]
    SCREEN_NAME: ClassVar[str] = N_("確認")

    def compose(self) -> ComposeResult:
        """The box."""
        with VerticalScroll(id="dialog", can_focus=False):
            yield Static(plain(self.screen_name()), id="dialog-title")
            yield from self.compose_task()
        yield TooSmall()


class TooSmall(Static):
    """Covers a window that is too small to work in."""

    def __init__(self) -> None:
        super().__init__(
            plain(
                _("画面が小さすぎます。\n{columns}列×{rows}行以上に広げてください。").format(
                    columns=SMALLEST[0], rows=SMALLEST[1]
                )
            )
        )

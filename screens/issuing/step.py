"""What the nine screens of an issue share: the draft, an answer for the journey, and the way out."""

import asyncio
from collections.abc import Callable
from enum import Enum, auto
from functools import partial
from typing import ClassVar

from textual import events, on
from textual.binding import BindingType
from textual.types import CSSPathType
from textual.widgets import Button

from kiosk.rules.cases import BEFORE_ISSUING
from kiosk.translations.catalog import _
from screens import keys
from screens.base import KioskScreen, counter_action
from screens.dialogs.confirm import Confirm, Question
from screens.dialogs.leaving import Leave, Leaving, leaving, leaving_before_reissue, leaving_reception
from screens.dialogs.park_reasons import ParkReasons, parked_text
from screens.issuing.draft import IssueDraft
from screens.issuing.sticks import StickList
from screens.messages import CounterMessage, done


class Way(Enum):
    """How a step ends; the journey knows where that leads."""

    ON = auto()
    BACK = auto()
    """The screen before, or the cancel target of the manual (R-45, R-65, R-71)."""
    CALL = auto()
    """The customer's turn ends early: the clerk is needed."""
    OUT = auto()
    """The journey is over."""


class IssueStep(KioskScreen[None]):
    """One screen of the journey. It answers once; the screen of the next step then takes its place.

    Screens are switched and not pushed on each other, so that nothing from below shines through in between, and no
    step can be returned to by closing a screen.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = "../styles/issuing.tcss"
    SHOWS_CARD = True
    NOTES: ClassVar[tuple[str, ...]] = ()
    """事務の注意 beside the card; texts marked with `N_`."""
    BINDINGS: ClassVar[list[BindingType]] = [keys.GO, keys.LEAVE]

    def __init__(self, draft: IssueDraft) -> None:
        super().__init__()
        self.draft = draft
        self.parting: Callable[[], CounterMessage] | None = None
        """What is told where the journey leads, once this screen is left."""
        self._opening: Callable[[], CounterMessage] | None = None
        self._answered: asyncio.Future[Way] = asyncio.get_running_loop().create_future()
        self._card, self._notes = draft.card, self.notes

    def open_saying(self, told: Callable[[], CounterMessage]) -> None:
        """Called before the screen stands: what happened on the one before."""
        self._opening = self._message = lambda: told().naming(self.app.contact)

    def on_mount(self) -> None:
        """Point at the field that is meant."""
        if self._opening is not None:
            self.call_after_refresh(self.tell, self._opening)

    def forget_secrets(self) -> None:
        """The screen is locked, and with it the password that waits for the issue is gone."""
        super().forget_secrets()
        self.draft.password_wiped = True

    def notes(self) -> tuple[str, ...]:
        """What the clerk must not forget here."""
        return tuple(map(_, self.NOTES))

    # --- the answer --------------------------------------------------------------------------------------------------

    def answer(self, way: Way) -> None:
        """End this step. From now on no key or click reaches the screen."""
        if not self._answered.done():
            self._answered.set_result(way)
            self.refresh_bindings()

    async def answered(self) -> Way:
        """Wait for the answer; cancelled when the screen was taken away without one, as by signing off."""
        return await self._answered

    def on_unmount(self) -> None:
        """Nobody will answer any more."""
        self._answered.cancel()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A step that has answered does nothing more."""
        return None if self._answered.done() else super().check_action(action, parameters)

    def _forward_event(self, event: events.Event) -> None:
        if not (self._answered.done() and isinstance(event, events.InputEvent)):
            super()._forward_event(event)

    def on_stick_list_chosen(self, event: StickList.Chosen) -> None:
        """Remember which stick is meant, also while the widgets are made anew in another language."""
        event.stop()
        self.draft.stick = event.ref
        self.filled("stick-list")

    # --- the way out -------------------------------------------------------------------------------------------------

    @on(Button.Pressed, "#leave")
    @counter_action
    async def action_leave(self) -> None:
        """Esc: break off, after a question."""
        await self.break_off()

    async def break_off(self) -> None:
        """Ask; then a reception in which nothing was issued or revoked is cancelled, or put aside.

        Between the two acts of a change of PC it stays in the list of unfinished receptions (E-75).
        """
        case = self.draft.case
        if case is None or case.state not in BEFORE_ISSUING:
            await self._leave_if(leaving)
        elif case.revoked_serial is not None:
            await self._leave_if(leaving_before_reissue)
        else:
            match await self.app.push_screen_wait(Leave(partial(leaving_reception, case.reception_no))):
                case Leaving.VOID:
                    await self._void(case.reception_no)
                case Leaving.PARK:
                    await self.park()

    async def _leave_if(self, question: Callable[[], Question]) -> None:
        if await self.app.push_screen_wait(Confirm(question)):
            self.answer(Way.OUT)

    async def _void(self, reception_no: str) -> None:
        await self.perform(
            self.app.services.casework.void, self.app.actor, reception_no, _("窓口で取引を中断しました")
        )
        self.parting = partial(_voided, reception_no)
        self.answer(Way.OUT)

    async def park(self) -> None:
        """Put the reception aside with a reason; 801 takes it up again (E-59, DOMAIN 3.2.7)."""
        reason = await self.app.push_screen_wait(ParkReasons(self.draft.at_hand.transaction))
        if reason is None:
            return
        parked = await self.perform(
            self.app.services.parking.park, self.app.actor, self.draft.reception_no, reason
        )
        self.parting = partial(parked_text, parked)
        self.answer(Way.OUT)


def _voided(reception_no: str) -> CounterMessage:
    return done("IM14", _("受付{number}を取り消しました。").format(number=reception_no))

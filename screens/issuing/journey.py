"""Going from screen to screen at the counter: each asks once, and its answer tells which comes next."""

import asyncio
from collections.abc import Callable, Collection, Coroutine
from typing import TYPE_CHECKING, Any, Concatenate, Generic, Optional, ParamSpec, TypeVar

from kiosk.errors import CaseNotOpen
from kiosk.rules.cases import CaseState
from screens.app import KioskApp
from screens.issuing.draft import IssueDraft
from screens.issuing.step import IssueStep, Way
from screens.messages import CounterMessage

if TYPE_CHECKING:
    from kiosk.services.acting import Actor
    from kiosk.services.approved.views import ApprovalView

GROUP = "counter journey"

Told = Callable[[], CounterMessage]
Step = Callable[[], Coroutine[Any, Any, Optional["Step"]]]
Draft = TypeVar("Draft", bound=IssueDraft)
P = ParamSpec("P")
T = TypeVar("T")


def begin(app: KioskApp, journey: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a journey on top of the screen at hand; nothing happens while another one is under way."""
    if not any(worker.group == GROUP and not worker.is_finished for worker in app.workers):
        app.run_worker(journey(), group=GROUP, exit_on_error=False)


class CounterJourney(Generic[Draft]):
    """One reception, from the paper to its end.

    A method of a journey asks one screen and returns the method of the step that comes next, so the way through the
    counter can be read from top to bottom.
    """

    def __init__(self, app: KioskApp, draft: Draft) -> None:
        self._app = app
        self._draft = draft
        self._standing: IssueStep | None = None
        self._told: Told | None = None
        """To be said on the next screen."""

    async def run(self, first: Step) -> None:
        """Go from step to step until one leads nowhere; then give the screen back."""
        step: Step | None = first
        try:
            while step is not None:
                step = await step()
        finally:
            self._leave()

    async def _ask(self, screen: IssueStep) -> Way:
        """Put a screen in the place of the one before, and wait for its answer."""
        if self._told is not None:
            screen.open_saying(self._told)
            self._told = None
        before, self._standing = self._standing, screen
        if before is None:
            await self._app.push_screen(screen)
        else:
            self._app.switch_screen(screen)
        way = await screen.answered()
        self._told = screen.parting
        return way

    async def _perform(
        self, use_case: "Callable[Concatenate[Actor, P], T]", *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """A use case between two screens, in a thread."""
        return await asyncio.to_thread(use_case, self._app.actor, *args, **kwargs)

    async def _look_again(self) -> None:
        self._draft.case = await self._perform(self._app.services.casework.case, self._draft.reception_no)

    async def _take_up(
        self, reception_no: str, states: Collection[CaseState] = frozenset(CaseState)
    ) -> CaseState:
        """Read the reception that is gone on with, and name it in the header; how far it is.

        Raises `CaseNotOpen` for one that is unknown here, or in none of `states`.
        """
        self._draft.case = await self._perform(self._app.services.casework.case, reception_no)
        state = self._draft.case.state
        if state not in states:
            raise CaseNotOpen(reception_no=reception_no, state=state)
        self._app.reception_no = reception_no
        return state

    def _is_about_the_user(self, asked: "ApprovalView") -> bool:
        """Whether a request of this reception was made for the user who is chosen now."""
        card = self._draft.card
        return card is not None and card.user_id == asked.shown.user_id

    def _leave(self) -> None:
        """Take the last screen away and let the one below say what is left to say."""
        app = self._app
        app.reception_no = None
        while self._standing in app.screen_stack:
            app.pop_screen()
        if self._told is not None:
            app.tell(self._told)

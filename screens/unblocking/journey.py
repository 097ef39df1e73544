"""301 閉塞解除 as one journey."""

from contextlib import suppress

from kiosk.errors import KioskError
from kiosk.rules.cases import CHOOSING, CaseState
from kiosk.rules.operations import Transaction
from kiosk.services.approved.views import UnblockRequest
from screens.app import KioskApp
from screens.issuing.choose_user_for import ChooseUserFor
from screens.issuing.journey import CounterJourney, Step, begin
from screens.issuing.reception import Reception
from screens.issuing.step import Way
from screens.unblocking.cause import ChooseCause
from screens.unblocking.confirm import ConfirmUnblock
from screens.unblocking.draft import UnblockDraft
from screens.unblocking.result import UnblockResult
from screens.unblocking.words import STEPS


def start_unblocking(app: KioskApp, user_pk: int | None = None) -> None:
    """301 from step 1 on top of the screen at hand; `user_pk` when the clerk comes from a card."""
    journey = UnblockJourney(app, UnblockDraft(user_pk=user_pk))
    begin(app, lambda: journey.run(journey.reception))


def resume_unblocking(app: KioskApp, reception_no: str) -> None:
    """Take up a 301 where it was left, waits for an approval, or was approved and not executed."""
    journey = UnblockJourney(app, UnblockDraft())
    begin(app, lambda: journey.resume(reception_no))


class UnblockReception(Reception):
    """S301 as the first of five steps."""

    STEPS = STEPS


class UnblockUser(ChooseUserFor):
    """S302 as the second; a general user's block is refused here, with the words for the customer (EU02)."""

    STEPS = STEPS
    TRANSACTION = Transaction.UNBLOCK


class UnblockJourney(CounterJourney[UnblockDraft]):
    """From the paper to the result."""

    async def resume(self, reception_no: str) -> None:
        """Begin in the middle. Raises `CaseNotOpen` for a reception that cannot be gone on with."""
        if await self._take_up(reception_no, CHOOSING) is not CaseState.TRANSACTION_CHOSEN:
            await self.run(self.user)
            return
        await self._recall()
        await self.run(self.cause if self._draft.cause is None else self.confirm)

    async def _recall(self) -> None:
        """What was asked before, so that the clerk need not fill it in again."""
        draft = self._draft
        view = await self._perform(self._app.services.approving.of_case, draft.reception_no)
        if view is not None and self._is_about_the_user(view) and isinstance(view.request, UnblockRequest):
            draft.cause, draft.note = view.request.cause, view.request.note

    # --- the steps ---------------------------------------------------------------------------------------------------

    async def reception(self) -> Step | None:
        """Step 1: paper and person."""
        return self.user if await self._ask(UnblockReception(self._draft)) is Way.ON else None

    async def user(self) -> Step | None:
        """Step 2: whom."""
        return self.cause if await self._ask(UnblockUser(self._draft)) is Way.ON else None

    async def cause(self) -> Step | None:
        """Step 3: how it came to this."""
        way = await self._ask(ChooseCause(self._draft))
        return {Way.ON: self.confirm, Way.BACK: self.user}.get(way)

    async def confirm(self) -> Step | None:
        """Step 4: approval and act."""
        way = await self._ask(ConfirmUnblock(self._draft, self._draft.request))
        return {Way.ON: self.result, Way.BACK: self.cause}.get(way)

    async def result(self) -> Step | None:
        """Step 5."""
        if self._draft.unblocked is not None:
            with suppress(KioskError):
                await self._look_again()
            await self._ask(UnblockResult(self._draft, self._draft.unblocked))
        return None

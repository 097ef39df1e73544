"""201 失効 as one journey, and for a change of PC straight on to the nine steps of the re-issue."""

from typing import ClassVar

from kiosk.rules.cases import CHOOSING, CaseState
from kiosk.rules.operations import Transaction
from kiosk.services.approved.views import RevokeRequest
from screens.app import KioskApp
from screens.issuing.choose_user_for import ChooseUserFor
from screens.issuing.journey import Step, begin
from screens.issuing.reception import Reception
from screens.issuing.step import Way
from screens.issuing.wizard import IssueJourney
from screens.revoking.choose_certificate import ChooseCertificate
from screens.revoking.confirm import ConfirmRevocation
from screens.revoking.draft import RevokeDraft
from screens.revoking.result import RevocationResult
from screens.revoking.words import STEPS


def start_revocation(app: KioskApp, user_pk: int | None = None) -> None:
    """201 from step 1 on top of the screen at hand; `user_pk` when the clerk comes from a card."""
    journey = RevokeJourney(app, RevokeDraft(user_pk=user_pk))
    begin(app, lambda: journey.run(journey.reception))


class RevokeReception(Reception):
    """S301 as the first of five steps."""

    STEPS = STEPS


class RevokeUser(ChooseUserFor):
    """S302 as the second."""

    STEPS = STEPS
    TRANSACTION = Transaction.REVOKE


class RevokeJourney(IssueJourney[RevokeDraft]):
    """From the paper to the two facts, and where it was asked for on to the receipt of a new certificate (E-75)."""

    RESULT: ClassVar[type[RevocationResult]] = RevocationResult

    async def resume(self, reception_no: str) -> None:
        """Begin in the middle. Raises `CaseNotOpen` for a reception that cannot be gone on with."""
        if await self._take_up(reception_no, CHOOSING) is not CaseState.TRANSACTION_CHOSEN:
            await self.run(self.user)
            return
        await self._recall()
        await self.run(self.confirm if self._draft.serial else self.certificate)

    async def _recall(self) -> None:
        """What was asked before, so that the clerk need not fill it in again."""
        draft = self._draft
        view = await self._perform(self._app.services.approving.of_case, draft.reception_no)
        if view is not None and self._is_about_the_user(view) and isinstance(view.request, RevokeRequest):
            asked = view.request
            draft.serial, draft.reason = asked.serial, asked.reason
            draft.note, draft.then_reissue = asked.note, asked.then_reissue

    # --- the steps ---------------------------------------------------------------------------------------------------

    async def reception(self) -> Step | None:
        """Step 1: paper and person."""
        return self.user if await self._ask(RevokeReception(self._draft)) is Way.ON else None

    async def user(self) -> Step | None:
        """Step 2: whose certificate."""
        return self.certificate if await self._ask(RevokeUser(self._draft)) is Way.ON else None

    async def certificate(self) -> Step | None:
        """Step 3: which one, and why."""
        way = await self._ask(ChooseCertificate(self._draft))
        return {Way.ON: self.confirm, Way.BACK: self.user}.get(way)

    async def confirm(self) -> Step | None:
        """Step 4: approval and act."""
        way = await self._ask(ConfirmRevocation(self._draft, self._draft.request))
        return {Way.ON: self.revoked, Way.BACK: self.certificate}.get(way)

    async def revoked(self) -> Step | None:
        """Step 5; a change of PC goes on to the nine steps, with the same reception."""
        if self._draft.revoked is None:
            return None
        if await self._ask(self.RESULT(self._draft, self._draft.revoked)) is not Way.ON:
            return None
        await self._look_again()
        return self.medium

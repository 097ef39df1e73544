"""A medium that was handed over is lost, unopened or damaged: report, revoke, issue anew (R-85)."""

from functools import partial

from kiosk.services.approved.views import GiveUpRequest, RevokeRequest
from kiosk.translations.catalog import N_, _
from screens.app import KioskApp
from screens.issuing.choose_user_for import ChooseUserFor
from screens.issuing.journey import Step, begin
from screens.issuing.reception import Reception
from screens.issuing.step import Way
from screens.revoking.confirm import ConfirmRevocation
from screens.revoking.draft import RevokeDraft
from screens.revoking.give_up import ConfirmGiveUp
from screens.revoking.journey import RevokeJourney
from screens.revoking.report_stick import STEPS, ReportStick
from screens.revoking.stick_words import reported_text


def start_stick_report(app: KioskApp, user_pk: int | None = None) -> None:
    """From step 1 on top of the screen at hand; `user_pk` when the clerk comes from a card."""
    journey = StickJourney(app, RevokeDraft(user_pk=user_pk))
    begin(app, lambda: journey.run(journey.reception))


class StickReception(Reception):
    """S301 as the first of five steps; whoever has lost a medium may call."""

    STEPS = STEPS
    IN_PERSON = False


class StickUser(ChooseUserFor):
    """S302 as the second; the report comes before any transaction, because it always succeeds."""

    STEPS = STEPS

    async def go_on(self) -> None:
        """Nothing is taken yet."""
        self.answer(Way.ON)


class ConfirmReported(ConfirmRevocation):
    """S400-2 of a certificate whose medium was reported."""

    SCREEN_NAME = N_("失効 内容確認")
    STEPS = STEPS


class StickJourney(RevokeJourney):
    """From the report to the new certificate."""

    async def reception(self) -> Step | None:
        """Step 1: paper and person."""
        return self.user if await self._ask(StickReception(self._draft)) is Way.ON else None

    async def user(self) -> Step | None:
        """Step 2: whose medium."""
        return self.certificate if await self._ask(StickUser(self._draft)) is Way.ON else None

    async def certificate(self) -> Step | None:
        """Step 3: which one, and what happened to it."""
        way = await self._ask(ReportStick(self._draft))
        return {Way.ON: self.reported, Way.BACK: self.user}.get(way)

    async def reported(self) -> Step | None:
        """What follows from the report: nothing, or a revocation here or in the reception that issued it."""
        reported, app = self._draft.reported, self._app
        if reported is None:
            return None
        self._told = partial(reported_text, reported)
        match reported.request:
            case RevokeRequest() as asked:
                self._draft.reason, self._draft.then_reissue = asked.reason, asked.then_reissue
                self._draft.case = await self._perform(
                    app.services.casework.choose_transaction, self._draft.reception_no, self._draft.by
                )
                return self.confirm
            case GiveUpRequest():
                await self._end_this_reception()
                await self._take_up(reported.ask_in)
                return self.give_up
        await self._end_this_reception()
        return None

    async def confirm(self) -> Step | None:
        """Step 4: approval and act."""
        way = await self._ask(ConfirmReported(self._draft, self._draft.request))
        return {Way.ON: self.revoked, Way.BACK: self.certificate}.get(way)

    async def give_up(self) -> Step | None:
        """Step 4 for a medium that was never handed over."""
        reported = self._draft.reported
        if reported is None or not isinstance(reported.request, GiveUpRequest):
            return None
        way = await self._ask(ConfirmGiveUp(self._draft, reported.request))
        return self.revoked if way is Way.ON else None

    async def _end_this_reception(self) -> None:
        """The report is in the journal; there is nothing else to do under this number."""
        await self._perform(
            self._app.services.casework.void, self._draft.reception_no, _("届出のみ記録しました")
        )

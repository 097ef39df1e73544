"""What lies verified on a medium and is not handed over is revoked, with an approval (R-85, DOMAIN decision 1)."""

from kiosk.rules.approvals import LIVE_STATES
from kiosk.rules.cases import CaseState
from kiosk.rules.deliveries import DeliveryState
from kiosk.services.approved.views import GiveUpRequest
from kiosk.translations.catalog import N_
from screens.app import KioskApp
from screens.issuing.journey import Step, begin
from screens.issuing.step import Way
from screens.revoking.confirm import ConfirmRevocation
from screens.revoking.draft import RevokeDraft
from screens.revoking.journey import RevokeJourney
from screens.revoking.result import RevocationResult

STEPS: tuple[str, ...] = (N_("役席承認"), N_("失効結果"))


class ConfirmGiveUp(ConfirmRevocation):
    """S400-2 for a medium that stays at the branch, or was lost before it was handed over."""

    SCREEN_NAME = N_("未交付の失効 内容確認")
    STEPS = STEPS
    STEP = 1

    async def break_off(self) -> None:
        """Nothing to void: the certificate exists, and waits in the list of unfinished receptions."""
        self.answer(Way.OUT)


class GiveUpResult(RevocationResult):
    """S400-3 after it."""

    STEPS = STEPS
    STEP = 2


class GiveUpJourney(RevokeJourney):
    """Approval, act, result, in the reception that issued it; that of a change of PC goes on to its re-issue."""

    RESULT = GiveUpResult

    def __init__(self, app: KioskApp, outcome: DeliveryState) -> None:
        super().__init__(app, RevokeDraft())
        self._request = GiveUpRequest(outcome=outcome)

    async def take_up(self, reception_no: str) -> None:
        """From S700. Raises `CaseNotOpen` for a reception with nothing verified."""
        await self._take_up(reception_no, {CaseState.DELIVERED})
        view = await self._perform(self._app.services.approving.of_case, reception_no)
        if view is not None and view.state in LIVE_STATES and isinstance(view.request, GiveUpRequest):
            self._request = view.request  # one that was sent back is not asked again in place of a new one
        await self.run(self.confirm)

    async def confirm(self) -> Step | None:
        """Approval and act."""
        way = await self._ask(ConfirmGiveUp(self._draft, self._request))
        return self.revoked if way is Way.ON else None


def give_up_with_approval(app: KioskApp, reception_no: str, outcome: DeliveryState) -> None:
    """Ask for it, or go on with what was asked; `outcome` says what became of the medium."""
    journey = GiveUpJourney(app, outcome)
    begin(app, lambda: journey.take_up(reception_no))

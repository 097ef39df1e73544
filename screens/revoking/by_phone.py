"""202 緊急失効: the same certificate, reason and result, with a call instead of paper and person."""

from kiosk.rules.operations import Transaction
from kiosk.translations.catalog import N_
from screens.app import KioskApp
from screens.issuing.choose_user_for import ChooseUserFor
from screens.issuing.journey import Step, begin
from screens.issuing.step import IssueStep, Way
from screens.revoking.choose_certificate import ChooseCertificate
from screens.revoking.confirm import ConfirmByPhone
from screens.revoking.confirm_at_once import RevokeAtOnce
from screens.revoking.draft import RevokeDraft
from screens.revoking.journey import RevokeJourney
from screens.revoking.phone_call import PhoneCallForm
from screens.revoking.result import RevocationResult
from screens.revoking.words import PHONE_STEPS


def start_emergency(app: KioskApp, user_pk: int | None = None) -> None:
    """202 from the call on, on top of the screen at hand; `user_pk` when the clerk comes from a card."""
    journey = PhoneJourney(app, RevokeDraft(user_pk=user_pk, by=Transaction.EMERGENCY_REVOKE))
    begin(app, lambda: journey.run(journey.reception))


class PhoneUser(ChooseUserFor):
    """S302 as the second step of 202."""

    STEPS = PHONE_STEPS
    TRANSACTION = Transaction.EMERGENCY_REVOKE
    NOTES = (N_("団体名・氏名・ユーザー区分を、折返しの電話で確かめてください。"),)


class PhoneCertificate(ChooseCertificate):
    """S410-1: no re-issue follows, because nobody stands at the counter."""

    SCREEN_ID = "S410-1"
    STEPS = PHONE_STEPS


class PhoneResult(RevocationResult):
    """S410-3, with what has still to come in."""

    SCREEN_ID = "S410-3"
    STEPS = PHONE_STEPS


class PhoneJourney(RevokeJourney):
    """From the call-back to the two facts."""

    async def reception(self) -> Step | None:
        """Step 1: the call, called back."""
        return self.user if await self._ask(PhoneCallForm(self._draft)) is Way.ON else None

    async def user(self) -> Step | None:
        """Step 2: whose certificate."""
        return self.certificate if await self._ask(PhoneUser(self._draft)) is Way.ON else None

    async def certificate(self) -> Step | None:
        """Step 3: which one, and why."""
        way = await self._ask(PhoneCertificate(self._draft))
        return {Way.ON: self.confirm, Way.BACK: self.user}.get(way)

    async def confirm(self) -> Step | None:
        """Step 4: at once where the setting allows it, otherwise with an approval like 201."""
        screen: IssueStep = (
            RevokeAtOnce(self._draft)
            if self._app.services.revoking.emergency_by_one_clerk
            else ConfirmByPhone(self._draft, self._draft.request)
        )
        return {Way.ON: self.revoked, Way.BACK: self.certificate}.get(await self._ask(screen))

    async def revoked(self) -> Step | None:
        """Step 5: the two facts, and what is due."""
        if self._draft.revoked is not None:
            await self._ask(PhoneResult(self._draft, self._draft.revoked))
        return None

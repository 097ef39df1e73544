"""S400-2, step 4: the revocation in full, its approval, and the act itself."""

from kiosk.translations.catalog import N_
from screens.approving.ask import AskApproval
from screens.revoking.draft import RevokeDraft
from screens.revoking.words import PHONE_STEPS, STEPS


class ConfirmRevocation(AskApproval):
    """By 201: nothing is revoked before a second person agreed."""

    SCREEN_ID = "S400-2"
    SCREEN_NAME = N_("失効 内容確認")
    STEPS = STEPS
    STEP = 4
    EXECUTES = N_("失効を実行")

    draft: RevokeDraft

    async def execute(self) -> None:
        """Revoke; the registry looks at everything once more."""
        self.draft.revoked = await self.perform(
            self.app.services.revoking.execute, self.app.actor, self.draft.reception_no
        )

    async def find_result(self) -> bool:
        """The registry knows whether it was done; the first act of a change of PC is not the one that is meant."""
        result = await self.perform(
            self.app.services.revoking.result, self.app.actor, self.draft.reception_no
        )
        done = result is not None and self._shown is not None and result.serial == self._shown.serial
        self.draft.revoked = result if done else None
        return done


class ConfirmByPhone(ConfirmRevocation):
    """By 202, where the setting does not allow one clerk alone."""

    SCREEN_ID = "S410-2"
    SCREEN_NAME = N_("緊急失効 内容確認")
    STEPS = PHONE_STEPS

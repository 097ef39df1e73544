"""S500-2, step 4: the unblocking in full, its approval, and the act itself."""

from kiosk.translations.catalog import N_
from screens.approving.ask import AskApproval
from screens.unblocking.draft import UnblockDraft
from screens.unblocking.words import STEPS


class ConfirmUnblock(AskApproval):
    """Nothing is lifted before a second person agreed."""

    SCREEN_ID = "S500-2"
    SCREEN_NAME = N_("閉塞解除 内容確認")
    STEPS = STEPS
    STEP = 4
    EXECUTES = N_("閉塞を解除")

    draft: UnblockDraft

    async def execute(self) -> None:
        """Lift the block; the registry looks at everything once more."""
        self.draft.unblocked = await self.perform(
            self.app.services.unblocking.execute, self.app.actor, self.draft.reception_no
        )

    async def find_result(self) -> bool:
        """The registry knows whether it was done."""
        self.draft.unblocked = await self.perform(
            self.app.services.unblocking.result, self.app.actor, self.draft.reception_no
        )
        return self.draft.unblocked is not None

"""S303-3: where the settings ask for it, a supervisor agrees before the customer types anything (DOMAIN 3.2)."""

from kiosk.translations.catalog import N_
from screens.approving.ask import AskApproval


class AskForIssue(AskApproval):
    """The last screen of step 3. There is nothing to execute: the issue itself uses the approval up."""

    SCREEN_ID = "S303-3"
    SCREEN_NAME = N_("発行の承認")
    STEP = 3
    EXECUTES = N_("お客様の入力へ")

    async def execute(self) -> None:
        """On to step 4."""

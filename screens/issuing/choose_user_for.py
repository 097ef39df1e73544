"""S302 where the transaction is known from the menu: whom it is about, and nothing else."""

from typing import ClassVar

from kiosk.rules.operations import Transaction
from screens.issuing.choose_user import ChooseUser
from screens.issuing.step import Way


class ChooseUserFor(ChooseUser):
    """Choosing the user takes the transaction as well; a refusal is told before anything else is asked."""

    ASKS_CERTIFICATE = False
    TRANSACTION: ClassVar[Transaction]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """F4 has nothing to show here."""
        return False if action == "others" else super().check_action(action, parameters)

    async def go_on(self) -> None:
        """Take the transaction, looked at once more in the registry."""
        self.draft.case = await self.perform(
            self.app.services.casework.choose_transaction,
            self.app.actor,
            self.draft.reception_no,
            self.TRANSACTION,
        )
        self.answer(Way.ON)

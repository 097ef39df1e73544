"""Clerk and supervisor at 201, 202, 301 and at what is approved. Never a widget."""

from functools import partial
from typing import Self

from kiosk.training.people import STAFF_PASSWORD
from screens.dialogs.confirm import SETTLE
from tests.support.drivers.desk import DeskDriver, at_the_menu
from tests.support.drivers.issuing import IssueDriver

SURE = SETTLE + 0.1


class ApprovalDriver(DeskDriver, IssueDriver):
    """Somebody who has signed on and sees the menu; the issuing wizard is reached through a change of PC."""

    # --- the clerk ---------------------------------------------------------------------------------------------------

    async def begins_transaction(self, number: str, screen: str = "S301") -> Self:
        """Type its number into the menu."""
        return await self.starts(number, screen)

    async def takes_paper_and_user(self, user_id: str) -> Self:
        """Steps 1 and 2 of 201 and 301, up to the screen of step 3 or a refusal."""
        await self.receives()
        return await self.finds(user_id)

    async def finds(self, user_id: str) -> Self:
        """Step 2: Enter takes the one that is meant, F12 goes on."""
        await self.has_focus("search")
        await self.types(user_id)
        await self.presses("enter")
        await self.has_focus("go")
        await self.presses("f12")
        return self

    async def takes_the_call(self, *, at: str = "0955") -> Self:
        """Step 1 of 202."""
        await self.has_focus("caller_name")
        await self.types("変更次郎")
        await self.presses("enter", "enter")
        await self.has_focus("called_back_at")
        await self.types(at)
        await self.presses("enter")
        await self.types("総務部0034")
        await self.presses("enter", "space", "enter", "space", "f12")
        return self

    async def chooses_certificate(self, *, downs: int = 0) -> Self:
        """Step 3 of 201 and 202: the line `downs` below the first."""
        await self.has_focus("certificates")
        await self.presses(*["down"] * downs, "enter")
        await self.has_focus("reason")
        return self

    async def gives_reason(self, place: int = 0) -> Self:
        """The reason at `place` of the form, and on to the confirmation."""
        await self.has_focus("reason")
        await self.presses(*["down"] * place, "space", "f12")
        return self

    async def stands_before_approval(self, user_id: str = "pchenko03", *, reason: int = 0) -> str:
        """201 up to the confirmation; the reception number."""
        await self.begins_transaction("201")
        await self.takes_paper_and_user(user_id)
        await self.comes_to("S400")
        await self.chooses_certificate()
        await self.gives_reason(reason)
        await self.comes_to("S400-2")
        await self.sees("役席の承認が必要です。")
        return self.reception_no

    async def stands_before_unblocking(self, user_id: str = "heisoku04", *, cause: int = 0) -> str:
        """301 up to the confirmation; the reception number."""
        await self.begins_transaction("301")
        await self.takes_paper_and_user(user_id)
        await self.comes_to("S500")
        await self.has_focus("cause")
        await self.presses(*["down"] * cause, "space", "f12")
        await self.comes_to("S500-2")
        await self.sees("役席の承認が必要です。")
        return self.reception_no

    @property
    def reception_no(self) -> str:
        """The number in the header."""
        assert self.app.reception_no is not None
        return self.app.reception_no

    # --- the supervisor ----------------------------------------------------------------------------------------------

    async def asks_the_supervisor(self) -> Self:
        """F12 opens the dialog."""
        await self.presses("f12")
        await self.comes_to("S600")
        await self.has_focus("cancel")
        return self

    async def signs_in_the_dialog(self, staff_id: str = "op002", password: str = STAFF_PASSWORD) -> Self:
        """ID and password of the one who decides."""
        while self.focus != "approver_id":
            await self.presses("up")
        await self.presses("ctrl+u")
        await self.types(staff_id)
        await self.presses("enter")
        await self.has_focus("password")
        await self.types(password)
        return self

    async def approves(self, staff_id: str = "op002") -> Self:
        """The dialog from its opening to the decision."""
        await self.asks_the_supervisor()
        await self.signs_in_the_dialog(staff_id)
        await self.waits(SURE)
        await self.presses("f12")
        return self

    async def says_yes(self) -> Self:
        """To a question, deliberately."""
        await self.comes_to("Confirm")
        await self.waits(SURE)
        await self.presses("right", "enter")
        return self


at_the_approvals = partial(at_the_menu, ApprovalDriver)
"""From the menu through 201, 202 and 301."""

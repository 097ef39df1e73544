"""S400-3, step 5: stopped in the registry, and on a published list: two facts with two times."""

from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Button

from kiosk.services.approved.views import Revoked
from kiosk.translations.catalog import N_, _
from screens import keys
from screens.base import counter_action
from screens.dialogs.confirm import Confirm
from screens.dialogs.leaving import leaving_before_reissue
from screens.issuing.draft import IssueDraft
from screens.issuing.rows import Facts
from screens.issuing.step import IssueStep, Way
from screens.revoking.follow_up_words import open_text
from screens.revoking.words import STEPS, facts_of, revoked_text
from screens.widgets.press import Press
from screens.widgets.prose import Prose
from screens.wording.unfinished import without_reissue


class RevocationResult(IssueStep):
    """`Way.ON` goes on to the re-issue, `Way.OUT` ends the journey."""

    SCREEN_ID = "S400-3"
    SCREEN_NAME = N_("失効結果")
    STEPS = STEPS
    STEP = 5
    SHOWS_CARD = False
    AUTO_FOCUS: ClassVar[str] = "#go"
    BINDINGS: ClassVar[list[BindingType]] = [keys.REFRESH, Binding("f12", "go", N_("次へ"))]

    def __init__(self, draft: IssueDraft, revoked: Revoked) -> None:
        super().__init__(draft)
        self._revoked = revoked
        self.open_saying(lambda: revoked_text(self._revoked))

    def compose_task(self) -> ComposeResult:
        """Facts, what is still to come, buttons."""
        yield Facts(facts_of(self._revoked), id="revoked")
        follow_up = self._revoked.follow_up
        yield Prose("" if follow_up is None else open_text(follow_up), classes="consequence")
        with Horizontal(classes="buttons"):
            if self._revoked.reissue is None:
                yield Press(_("終了"), id="go", primary=True)
            else:
                yield Press(_("再発行へ"), id="go", primary=True)
                yield Press(_("再発行せずに終了"), id="finish")

    @counter_action
    async def action_refresh(self) -> None:
        """F5: whether the list is out meanwhile."""
        result = await self.perform(
            self.app.services.revoking.result, self.app.actor, self._revoked.reception_no
        )
        if result is not None:
            self._revoked = result
            self.query_one("#revoked", Facts).say(facts_of(result))
        self.tell(lambda: revoked_text(self._revoked))

    @on(Button.Pressed, "#go")
    def action_go(self) -> None:
        """F12: on to the re-issue, or back to where it began."""
        self.answer(Way.OUT if self._revoked.reissue is None else Way.ON)

    @on(Button.Pressed, "#finish")
    @counter_action
    async def action_finish(self) -> None:
        """The customer does without a new certificate today."""
        if await self.app.push_screen_wait(Confirm(partial(without_reissue, self._revoked.reception_no))):
            await self.perform(
                self.app.services.revoking.finish_without_reissue,
                self.app.actor,
                self._revoked.reception_no,
            )
            self.answer(Way.OUT)

    @counter_action
    async def action_leave(self) -> None:
        """Esc: a re-issue that was not begun waits in the list of unfinished receptions."""
        if self._revoked.reissue is None or await self.app.push_screen_wait(Confirm(leaving_before_reissue)):
            self.answer(Way.OUT)

"""S410-2 where the settings let one clerk revoke by phone: the act first, approval and paper afterwards."""

import time
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Button

from kiosk.errors import Aftermath, KioskError
from kiosk.rules.shown import Shown
from kiosk.translations.catalog import N_, _
from screens import keys
from screens.approving.words import effect_text, target_of
from screens.base import counter_action
from screens.dialogs.confirm import SETTLE
from screens.issuing.rows import Facts
from screens.issuing.step import IssueStep, Way
from screens.revoking.draft import RevokeDraft
from screens.revoking.words import PHONE_STEPS
from screens.widgets.press import Press
from screens.widgets.prose import Prose


class RevokeAtOnce(IssueStep):
    """Everything in full; the focus rests on 前画面, and only F12 or the button revokes."""

    SCREEN_ID = "S410-2"
    SCREEN_NAME = N_("緊急失効 内容確認")
    STEPS = PHONE_STEPS
    STEP = 4
    SHOWS_CARD = False
    AUTO_FOCUS: ClassVar[str] = "#back"
    BINDINGS: ClassVar[list[BindingType]] = [keys.BACK, Binding("f12", "go", N_("失効を実行"))]

    draft: RevokeDraft
    _shown: Shown | None = None
    _opened = 0.0

    def compose_task(self) -> ComposeResult:
        """Facts, effect, what is due afterwards, buttons."""
        shown = self._shown
        yield Facts([] if shown is None else target_of(shown), id="request")
        yield Prose("" if shown is None else effect_text(shown), classes="consequence")
        yield Prose(
            _("承認の前に、係員ひとりで失効します。役席の承認は本日中に、依頼書は期日までに必要です。"),
            classes="consequence",
        )
        with Horizontal(classes="buttons"):
            yield Press(_("前画面"), id="back")
            yield Press(_("失効を実行"), id="go", primary=True)

    def on_mount(self) -> None:
        """Look at it as it is now."""
        self._opened = time.monotonic()
        self.fetch()

    @counter_action
    async def fetch(self) -> None:
        """What will be revoked."""
        self._shown = await self.perform(
            self.app.services.approving.preview, self.app.actor, self.draft.reception_no, self.draft.request
        )
        await self.speak_again()

    @on(Button.Pressed, "#go")
    @counter_action
    async def action_go(self) -> None:
        """F12, once the screen has been there for a moment."""
        if time.monotonic() - self._opened < SETTLE:
            return
        revoking, actor, number = self.app.services.revoking, self.app.actor, self.draft.reception_no
        try:
            self.draft.revoked = await self.perform(
                revoking.execute_emergency, actor, number, self.draft.request
            )
        except KioskError as failure:
            if failure.aftermath is Aftermath.UNKNOWN:
                self.draft.revoked = await self.perform(revoking.result, actor, number)
            if self.draft.revoked is None:
                raise
        self.answer(Way.ON)

    @on(Button.Pressed, "#back")
    def action_back(self) -> None:
        """F3: another certificate, another reason."""
        self.answer(Way.BACK)

"""S600: a second person looks at what a colleague asks for, and decides."""

import time
from abc import abstractmethod
from collections.abc import Awaitable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.types import CSSPathType
from textual.widgets import Button

from kiosk.errors import (
    AlreadyDecided,
    ApprovalClosed,
    ApprovalExpired,
    ApprovalStale,
    BadInput,
    CaseNotOpen,
    KioskError,
)
from kiosk.rules.credentials import ShapeProblem
from kiosk.rules.texts import LONGEST_LINE
from kiosk.services.approved.views import ApprovalView
from kiosk.translations.catalog import N_, _
from screens.approving.words import STYLES, SUBJECTS, effect_text, facts_of
from screens.base import KioskDialog, counter_action
from screens.dialogs.confirm import SETTLE
from screens.issuing.rows import Facts, row
from screens.widgets.field import Field
from screens.widgets.message_area import MessageArea
from screens.widgets.press import Press
from screens.widgets.prose import Prose

OVER = (ApprovalClosed, ApprovalStale, ApprovalExpired, AlreadyDecided, CaseNotOpen)
"""After these nobody decides on this request any more."""

Decision = ApprovalView | KioskError | None
"""What the dialog answers: the request as decided, why it can no longer be decided, or None for 中止."""


class Deciding(KioskDialog[Decision]):
    """What both ways to decide share. The focus rests on 中止, and Enter alone never decides anything."""

    SCREEN_ID = "S600"
    SCREEN_NAME = N_("役席承認")
    CSS_PATH: ClassVar[CSSPathType | None] = STYLES
    AUTO_FOCUS: ClassVar[str] = "#cancel"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", N_("中止")),
        Binding("f12", "approve", N_("承認")),
        Binding("left,up", "app.focus_previous", show=False),
        Binding("right,down", "app.focus_next", show=False),
        Binding("pageup", "turn(-1)", show=False),
        Binding("pagedown", "turn(1)", show=False),
    ]

    def __init__(self, approval: ApprovalView) -> None:
        super().__init__()
        self._approval = approval
        self._opened = 0.0

    def screen_name(self) -> str:
        """With its number, because a dialog has no header, and what is asked for, which may not be the transaction."""
        return f"{self.SCREEN_ID} {super().screen_name()}  {_(SUBJECTS[self._approval.shown.subject])}"

    def compose_task(self) -> ComposeResult:
        """Who, whom, what, why, which paper; the effect, which no small window scrolls away; then the decision."""
        with VerticalScroll(id="asked", can_focus=False):
            yield Facts(facts_of(self._approval.shown))
        yield Prose(effect_text(self._approval.shown), id="approval-effect", classes="consequence")
        yield Prose(self.prompt(), id="approval-prompt", classes="quiet")
        yield from self.compose_identity()
        yield row(
            _("差戻しの理由"),
            Field(
                id="reason",
                limit=LONGEST_LINE,
                help=_("差し戻すときに係員へ伝える理由です。承認では使いません。"),
            ),
        )
        with Horizontal(classes="buttons"):
            yield Press(_("中止"), id="cancel")
            yield Press(_("差戻し"), id="reject")
            yield Press(_("承認"), id="approve", primary=True)
        yield MessageArea(self.current_message)

    def compose_identity(self) -> ComposeResult:
        """Fields in which the supervisor says who they are."""
        yield from ()

    def on_mount(self) -> None:
        """From now on the decision may be awaited."""
        self._opened = time.monotonic()

    @abstractmethod
    def prompt(self) -> str:
        """What the supervisor does here."""

    @abstractmethod
    async def approved(self) -> ApprovalView | None:
        """Approve it; None when the dialog stays and has said why."""

    @abstractmethod
    async def rejected(self, reason: str) -> ApprovalView | None:
        """Send it back."""

    def action_turn(self, pages: int) -> None:
        """A long request in a small window."""
        asked = self.query_one("#asked")
        asked.scroll_relative(y=pages * max(1, asked.size.height - 1), animate=False)

    # --- deciding ----------------------------------------------------------------------------------------------------

    @on(Button.Pressed, "#cancel")
    def action_cancel(self) -> None:
        """Esc: nothing is decided."""
        self.forget_secrets()
        self.dismiss(None)

    @on(Button.Pressed, "#approve")
    @counter_action
    async def action_approve(self) -> None:
        """F12, once the dialog has been there for a moment."""
        if time.monotonic() - self._opened >= SETTLE:
            await self._decide(self.approved())

    @on(Button.Pressed, "#reject")
    @counter_action
    async def action_reject(self) -> None:
        """Back to the clerk, never without a reason."""
        reason = self.query_one("#reason", Field).value.strip()
        if not reason:
            raise BadInput(field="reason", problem=ShapeProblem.EMPTY)
        await self._decide(self.rejected(reason))

    async def _decide(self, decision: Awaitable[ApprovalView | None]) -> None:
        answer: Decision
        try:
            answer = await decision
        except OVER as why:
            answer = why
        if answer is not None:
            self.forget_secrets()
            self.dismiss(answer)

"""S411: revocations by phone whose approval or paper is not in, each with its one next action."""

from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.types import CSSPathType
from textual.widgets import Button

from kiosk.errors import KioskError
from kiosk.rules.approvals import ApprovalState
from kiosk.services.approved.views import ApprovalView, ConfirmEmergency, FollowUp
from kiosk.translations.catalog import N_, _
from screens.approving.ask import rejected
from screens.approving.here import ApproveHere
from screens.base import counter_action
from screens.dates import clock_text
from screens.messages import CounterMessage, check, done
from screens.problems import explain
from screens.revoking.follow_up_words import due_text, next_text, open_text, who
from screens.revoking.paper import Paper
from screens.waiting_lines import WaitingLines
from screens.widgets.press import Press
from screens.widgets.virtual_table import Column, Layout, Tone


class FollowUps(WaitingLines[FollowUp]):
    """Overdue ones first. F12 does the next thing: the approval, then the paper."""

    SCREEN_ID = "S411"
    SCREEN_NAME = N_("緊急失効の後続")
    CSS_PATH: ClassVar[CSSPathType | None] = ["../styles/desk.tcss", "../styles/approving.tcss"]
    FIRST = "#follow-ups"
    ABOUT = "#about-follow-up"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f11", "paper", N_("依頼書の受領")),
        Binding("f12", "go", N_("次の処理")),
    ]

    def compose_task(self) -> ComposeResult:
        """The list, what is open, buttons."""
        yield from self.compose_lines(
            _("上下の矢印キーで選び、F12で次の処理をします。依頼書が先に届いたときはF11です。")
        )
        with Horizontal(classes="buttons"):
            yield Press(_("次の処理"), id="go", primary=True)
            yield Press(_("依頼書の受領"), id="paper")
            yield Press(_("前画面"), id="back")

    def layout_of_lines(self) -> Layout[FollowUp]:
        """Overdue ones first."""
        return _layout()

    def when_empty(self) -> str:
        """What would stand here."""
        return _(
            "承認や依頼書を待っている緊急失効はありません。電話で失効した取引が、そろうまでここに並びます。"
        )

    def explain_line(self, line: FollowUp) -> str:
        """What is open of the line under the cursor, and whose it is: a long name has no room in the list."""
        return f"{who(line)}\n{open_text(line)}"

    async def fetch(self) -> tuple[FollowUp, ...]:
        """What is not complete."""
        return await self.perform(self.app.services.revoking.follow_ups, self.app.actor)

    # --- doing -------------------------------------------------------------------------------------------------------

    @on(Button.Pressed, "#go")
    @counter_action
    async def action_go(self) -> None:
        """F12: the approval while it is missing, then the paper."""
        line = self.line
        if line is None:
            self.tell(_nothing_here)
        elif line.approval_due is not None:
            await self._approve(line)
        else:
            await self._take_paper(line)

    @on(Button.Pressed, "#paper")
    @counter_action
    async def action_paper(self) -> None:
        """F11: the paper may come before the approval."""
        line = self.line
        if line is None or line.paper_due is None:
            self.tell(_nothing_here)
        else:
            await self._take_paper(line)

    async def _approve(self, line: FollowUp) -> None:
        approving, actor = self.app.services.approving, self.app.actor
        view = await self.perform(approving.of_case, actor, line.reception_no)
        if view is None or view.state is not ApprovalState.ASKED:
            view = await self.perform(approving.ask, actor, line.reception_no, ConfirmEmergency())
        decision = await self.app.push_screen_wait(ApproveHere(view))
        await self.read()
        if isinstance(decision, KioskError):
            self.tell(partial(explain, decision))
        elif isinstance(decision, ApprovalView) and decision.state is ApprovalState.REJECTED:
            self.tell(partial(rejected, decision.reject_reason))
        elif decision is not None:
            self.tell(partial(_approved, line.reception_no))

    async def _take_paper(self, line: FollowUp) -> None:
        if await self.app.push_screen_wait(Paper(line)) is not None:
            await self.read()
            self.tell(partial(_paper_is_in, line.reception_no))


def _layout() -> Layout[FollowUp]:
    return Layout(
        columns=(
            Column(_("受付番号"), 20),
            Column(_("ユーザー"), 13, grows=True),
            Column(_("失効日時"), 24, spare=True),
            Column(_("次の処理"), 13),
            Column(_("期限"), 11),
        ),
        cells=lambda line: (
            line.reception_no,
            who(line),
            clock_text(line.revoked_at),
            next_text(line),
            due_text(line),
        ),
        key=lambda line: line.reception_no,
        tone=lambda line: Tone.ALERT if line.overdue else Tone.PLAIN,
    )


def _nothing_here() -> CounterMessage:
    return check("WR06", _("処理する取引がありません。"), _("F5で一覧を読み直してください。"))


def _approved(number: str) -> CounterMessage:
    return done("IR02", _("受付{number}の緊急失効が承認されました。").format(number=number))


def _paper_is_in(number: str) -> CounterMessage:
    return done("IR03", _("受付{number}の依頼書の受領を記録しました。").format(number=number))

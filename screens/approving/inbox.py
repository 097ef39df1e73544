"""S600 as a screen: what clerks of the branch have sent to their supervisors, to be decided from another terminal."""

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
from kiosk.rules.texts import displayable
from kiosk.services.approved.views import ApprovalView
from kiosk.translations.catalog import N_, _
from screens.approving.dialog import Deciding
from screens.approving.words import SUBJECTS, effect_text, reason_text
from screens.base import counter_action
from screens.dates import clock_text, time_text
from screens.messages import CounterMessage, check, done
from screens.problems import explain
from screens.waiting_lines import WaitingLines
from screens.widgets.press import Press
from screens.widgets.virtual_table import Column, Layout, Tone


class Inbox(WaitingLines[ApprovalView]):
    """Oldest first, each line with who asked and until when; F12 opens it in full."""

    SCREEN_ID = "S600"
    SCREEN_NAME = N_("役席承認")
    CSS_PATH: ClassVar[CSSPathType | None] = ["../styles/desk.tcss", "../styles/approving.tcss"]
    FIRST = "#inbox"
    ABOUT = "#about-request"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("f12", "go", N_("内容を見て決める"))]

    def compose_task(self) -> ComposeResult:
        """The list, what the line would do, buttons."""
        yield from self.compose_lines(
            _("上下の矢印キーで選び、F12で内容を見て、承認または差戻しを決めます。")
        )
        with Horizontal(classes="buttons"):
            yield Press(_("内容を見て決める"), id="go", primary=True)
            yield Press(_("前画面"), id="back")

    def layout_of_lines(self) -> Layout[ApprovalView]:
        """Oldest first."""
        return _layout(self.app.actor.staff_id)

    def when_empty(self) -> str:
        """What would stand here."""
        return _("承認を待っている依頼はありません。係員が「承認箱へ送る」を選ぶと、ここに並びます。")

    def explain_line(self, line: ApprovalView) -> str:
        """What the line under the cursor would do."""
        return "\n".join(filter(None, (reason_text(line.shown), effect_text(line.shown))))

    async def fetch(self) -> tuple[ApprovalView, ...]:
        """What waits for a supervisor."""
        return await self.perform(self.app.services.approving.inbox, self.app.actor)

    # --- deciding ----------------------------------------------------------------------------------------------------

    @on(Button.Pressed, "#go")
    @counter_action
    async def action_go(self) -> None:
        """F12: the request in full, and the decision."""
        line = self.line
        if line is None:
            self.tell(_nothing_here)
            return
        decision = await self.app.push_screen_wait(Decide(line))
        await self.read()
        if isinstance(decision, KioskError):
            self.tell(partial(explain, decision))
        elif decision is not None:
            self.tell(partial(_decided, decision))


class Decide(Deciding):
    """As the supervisor who is signed on; everything else is as in the dialog at the clerk's terminal."""

    def prompt(self) -> str:
        """What the supervisor does here."""
        return _("内容を確認のうえ「承認」(F12)を押してください。差し戻すときは理由を入力してください。")

    async def approved(self) -> ApprovalView:
        """With the sign-on of this session."""
        view = self._approval
        return await self.perform(
            self.app.services.approving.approve, self.app.actor, view.approval_pk, view.digest
        )

    async def rejected(self, reason: str) -> ApprovalView:
        """The same."""
        view = self._approval
        return await self.perform(
            self.app.services.approving.reject, self.app.actor, view.approval_pk, view.digest, reason
        )


def _layout(own_id: str) -> Layout[ApprovalView]:
    return Layout(
        columns=(
            Column(_("取引"), 14),
            Column(_("ユーザー"), 24, grows=True),
            Column(_("依頼者"), 16),
            Column(_("依頼日時"), 24, spare=True),
            Column(_("期限"), 9),
        ),
        cells=lambda line: (
            _(SUBJECTS[line.shown.subject]),
            displayable(f"{line.shown.user_id} {line.shown.user_name}"),
            _("{name}(ご本人)").format(name=displayable(line.shown.maker_name))
            if line.shown.maker_id == own_id
            else displayable(line.shown.maker_name),
            clock_text(line.asked_at),
            "-" if line.expires_at is None else time_text(line.expires_at),
        ),
        key=lambda line: line.approval_pk,
        tone=lambda line: Tone.QUIET if line.shown.maker_id == own_id else Tone.PLAIN,
    )


def _nothing_here() -> CounterMessage:
    return check("WP15", _("決める依頼がありません。"), _("F5で一覧を読み直してください。"))


def _decided(decision: ApprovalView) -> CounterMessage:
    number = decision.shown.reception_no
    if decision.state is ApprovalState.REJECTED:
        return done("IP02", _("受付{number}の依頼を差し戻しました。").format(number=number))
    return done(
        "IP01",
        _("受付{number}の依頼を承認しました。").format(number=number),
        _("実行は、依頼した係員の端末で行います。"),
    )

"""What is to be approved, once more in full; asking for it, waiting for it, and doing it."""

from abc import abstractmethod
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.types import CSSPathType
from textual.widgets import Button

from kiosk.errors import Aftermath, KioskError
from kiosk.rules.approvals import LIVE_STATES, ApprovalState
from kiosk.rules.shown import Shown
from kiosk.services.approved.views import ApprovalView, Request
from kiosk.translations.catalog import N_, _
from screens import keys
from screens.approving.here import ApproveHere
from screens.approving.words import STYLES, effect_text, target_of
from screens.base import counter_action
from screens.dates import time_text
from screens.dialogs.confirm import Confirm, Question
from screens.issuing.draft import IssueDraft
from screens.issuing.rows import Facts
from screens.issuing.step import IssueStep, Way
from screens.messages import CounterMessage, check
from screens.problems import explain
from screens.widgets.press import Press
from screens.widgets.prose import Prose


class AskApproval(IssueStep):
    """F12 does the one next thing: ask, have it approved here, or execute. The focus rests on 前画面.

    Left with `Way.ON` when it is executed, with `Way.BACK` when what was asked is to be changed.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = STYLES
    SHOWS_CARD = False
    AUTO_FOCUS: ClassVar[str] = "#back"
    EXECUTES: ClassVar[str] = N_("実行")
    """What F12 does once it is approved."""
    BINDINGS: ClassVar[list[BindingType]] = [
        keys.BACK,
        keys.REFRESH,
        Binding("f11", "send", N_("承認箱へ送る")),
    ]

    def __init__(self, draft: IssueDraft, request: Request) -> None:
        super().__init__(draft)
        self._request = request
        self._shown: Shown | None = None
        self._approval: ApprovalView | None = None
        self._sent = False
        """It waits in the inbox, so closing the dialog here does not take it back."""

    @abstractmethod
    async def execute(self) -> None:
        """Do what was approved, and keep what came of it in the draft."""

    async def find_result(self) -> bool:
        """Whether it was executed, when the answer to `execute` got lost."""
        return False

    # --- looks -------------------------------------------------------------------------------------------------------

    def compose_task(self) -> ComposeResult:
        """Facts, effect, how far the request is, buttons."""
        shown = self._shown
        with VerticalScroll(id="asked", can_focus=False):
            yield Facts([] if shown is None else target_of(shown), id="request")
        yield Prose("" if shown is None else effect_text(shown), id="effect", classes="consequence")
        yield Prose(self._state_text(), id="approval-state")
        with Horizontal(classes="buttons"):
            yield Press(_("前画面"), id="back")
            yield Press(_("承認箱へ送る"), id="send")
            yield Press(self._next(), id="go", primary=True)

    @property
    def _state(self) -> ApprovalState | None:
        return None if self._approval is None else self._approval.state

    def _next(self) -> str:
        return _(self.EXECUTES) if self._state is ApprovalState.APPROVED else _("役席の承認へ")

    def _state_text(self) -> str:
        if self._shown is None:
            return ""
        view = self._approval
        until = "" if view is None or view.expires_at is None else time_text(view.expires_at)
        if view is not None and view.state is ApprovalState.ASKED:
            return _("承認待ちです。{until}まで有効です。(F5 結果の確認、F12 この端末で承認)").format(
                until=until
            )
        if view is not None and view.state is ApprovalState.APPROVED:
            return _("承認されました。{until}までに実行してください。(承認者 {name}、F12 実行)").format(
                name=view.decided_by_name, until=until
            )
        return _("役席の承認が必要です。(F12 この端末で承認、F11 承認箱へ送る)")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What was sent is not sent again."""
        if action == "send" and self._state in LIVE_STATES:
            return None
        return super().check_action(action, parameters)

    async def _show(self) -> None:
        await self.speak_again()
        if self._state in LIVE_STATES:
            self.query_one("#go").focus()

    # --- reading -----------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Look at it as it is now, and whether something was asked already."""
        self.fetch()

    @counter_action
    async def fetch(self) -> None:
        """A request that lives is shown as it was asked."""
        view = await self.perform(
            self.app.services.approving.of_case, self.app.actor, self.draft.reception_no
        )
        if view is not None and view.state in LIVE_STATES and view.request == self._request:
            self._approval, self._sent, self._shown = view, True, view.shown
        else:
            self._shown = await self.perform(
                self.app.services.approving.preview, self.app.actor, self.draft.reception_no, self._request
            )
        await self._show()
        if self._opening is not None:
            self.tell(self._opening)

    @counter_action
    async def action_refresh(self) -> None:
        """F5: whether somebody has decided meanwhile."""
        await self._look_again()
        self.tell(self._decided)

    async def _look_again(self) -> None:
        if self._approval is not None:
            self._approval = await self.perform(
                self.app.services.approving.of_case, self.app.actor, self.draft.reception_no
            )
        await self._show()

    def _decided(self) -> CounterMessage:
        view = self._approval
        match None if view is None else view.state:
            case ApprovalState.APPROVED:
                return check("WP10", _("承認されました。"), _("F12を押すと実行します。"))
            case ApprovalState.ASKED:
                return check("WP11", _("まだ承認されていません。"), _("しばらくしてからF5を押してください。"))
            case ApprovalState.REJECTED if view is not None:
                return rejected(view.reject_reason)
        return check("WP12", _("承認の依頼はありません。"), _("F12で承認を依頼してください。"))

    # --- asking ------------------------------------------------------------------------------------------------------

    @on(Button.Pressed, "#send")
    @counter_action
    async def action_send(self) -> None:
        """F11: to the inbox of the supervisors; nothing moves here until F5."""
        if self._state in LIVE_STATES:
            return
        await self._put_before_them()
        self._sent = True
        await self._show()
        self.tell(_sent)

    async def _put_before_them(self) -> ApprovalView:
        self._approval = await self.perform(
            self.app.services.approving.ask, self.app.actor, self.draft.reception_no, self._request
        )
        self._shown = self._approval.shown
        return self._approval

    @on(Button.Pressed, "#go")
    @counter_action
    async def action_go(self) -> None:
        """F12: the one next thing."""
        if self._state is ApprovalState.APPROVED:
            await self._do_it()
            return
        asked = self._approval if self._state is ApprovalState.ASKED else None
        asked = asked or await self._put_before_them()
        self._show_working(False)
        decision = await self.app.push_screen_wait(ApproveHere(asked))
        if not isinstance(decision, ApprovalView):
            await self._not_decided(decision)
            return
        self._approval = decision
        if decision.state is ApprovalState.APPROVED:
            await self._do_it()
        else:
            await self._look_again()
            self.tell(partial(rejected, decision.reject_reason))

    async def _not_decided(self, why: KioskError | None) -> None:
        if why is None:
            self.tell(_withdrawn if await self._take_back() else self._decided)
        else:
            await self._look_again()
            self.tell(partial(explain, why))

    async def _take_back(self) -> bool:
        """Withdraw what lives; False when it was decided or withdrawn meanwhile, at whatever terminal."""
        await self._look_again()
        if self._state not in LIVE_STATES:
            return False
        await self.perform(self.app.services.approving.withdraw, self.app.actor, self.draft.reception_no)
        await self._look_again()
        return True

    async def _do_it(self) -> None:
        try:
            await self.execute()
        except KioskError as failure:
            if failure.aftermath is not Aftermath.UNKNOWN or not await self.find_result():
                await self._look_again()
                raise
        self.answer(Way.ON)

    # --- ways out ----------------------------------------------------------------------------------------------------

    @on(Button.Pressed, "#back")
    @counter_action
    async def action_back(self) -> None:
        """F3: change what was asked; what still waits is taken back, and what was sent back says why."""
        if self._state in LIVE_STATES and not await self._take_back():
            self.parting = self._decided if self._state is ApprovalState.REJECTED else None
        self.answer(Way.BACK)

    @counter_action
    async def action_leave(self) -> None:
        """Esc: a request that lives goes on waiting; otherwise the reception is broken off."""
        if self._state not in LIVE_STATES:
            await self.break_off()
        elif await self.app.push_screen_wait(Confirm(_leaving_it_waiting)):
            self.answer(Way.OUT)


def rejected(reason: str) -> CounterMessage:
    """WP03."""
    return check(
        "WP03",
        _("差し戻されました。理由:{reason}").format(reason=reason),
        _("内容を訂正し、もう一度承認を依頼してください。"),
    )


def _sent() -> CounterMessage:
    return check("WP13", _("承認箱へ送りました。"), _("役席者が決めたら、F5で確かめてください。"))


def _withdrawn() -> CounterMessage:
    return check("WP14", _("承認の依頼を取り下げました。"), _("処理は行われていません。"))


def _leaving_it_waiting() -> Question:
    return Question(
        title=_("承認の依頼を残したまま、画面を離れます。"),
        consequence=_("受付は「801 未完了取引」に残り、そこから続けられます。離れますか。"),
    )

"""S410, step 1: a call that was called back. What is revoked by phone needs the sealed form afterwards (WR04)."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Horizontal
from textual.widgets import Button

from kiosk.rules.revocation import paper_due
from kiosk.rules.texts import LONGEST_LINE
from kiosk.services.approved.views import CallBackCheck, PhoneCall
from kiosk.services.views import VisitorKind
from kiosk.translations.catalog import N_, _
from screens.base import counter_action
from screens.dates import short_day_text
from screens.issuing.draft import IssueDraft, fresh_operation_id
from screens.issuing.rows import row
from screens.issuing.step import IssueStep, Way
from screens.revoking.words import PHONE_STEPS
from screens.typed_times import read_time
from screens.widgets.choices import Check, Choices
from screens.widgets.field import Field
from screens.widgets.press import Press
from screens.widgets.prose import Prose

CALLERS = {VisitorKind.SELF: N_("本人"), VisitorKind.PROXY: N_("代理人")}
CALL_BACK_CHECKS = {
    CallBackCheck.NUMBER_FROM_THE_REGISTER: N_("届出の電話番号へ折り返した"),
    CallBackCheck.CALLER_CONFIRMED: N_("折返しで依頼者を確認した"),
}


class PhoneCallForm(IssueStep):
    """Who called, whom the bank called back, when, and what was confirmed."""

    SCREEN_ID = "S410"
    SCREEN_NAME = N_("緊急失効 電話受付")
    STEPS = PHONE_STEPS
    STEP = 1
    SHOWS_CARD = False
    AUTO_FOCUS: ClassVar[str] = "#caller_name"

    def __init__(self, draft: IssueDraft) -> None:
        super().__init__(draft)
        self._operation_id = fresh_operation_id()

    def compose_task(self) -> ComposeResult:
        """What is due, the call, the call-back, two marks."""
        yield Prose(
            _(
                "WR04 電話受付による緊急失効です。折返し電話で本人を確認し、依頼書は{day}までに徴求してください。"
            ).format(day=short_day_text(paper_due(self.app.clock.now()))),
            classes="consequence prompt",
        )
        yield row(
            _("電話の相手"),
            Field(id="caller_name", limit=LONGEST_LINE, help=_("電話をかけてきた方の氏名(60文字まで)")),
        )
        yield row(_("相手の区分"), Choices(map(_, CALLERS.values()), chosen=0, id="caller_kind"))
        yield row(
            _("折返しの時刻"),
            Field(
                id="called_back_at",
                limit=5,
                help=_("折返し電話をした時刻(例 10:15)。たったいまなら空欄のままにします。"),
            ),
        )
        yield row(
            _("折返し先"),
            Field(
                id="called_back_to",
                limit=LONGEST_LINE,
                help=_("話した相手と、届出の電話番号の下4桁(例 総務部 佐藤様 0012)。60文字まで。"),
            ),
        )
        with Container(id="checks"):
            for item, label in CALL_BACK_CHECKS.items():
                yield Check(_(label), id=item)
        with Horizontal(classes="buttons"):
            yield Press(_("次へ"), id="go", primary=True)
            yield Press(_("取引中断"), id="leave")

    def _filled_in(self) -> PhoneCall:
        kinds = tuple(CALLERS)
        return PhoneCall(
            caller_name=self.query_one("#caller_name", Field).value.strip(),
            caller_kind=kinds[max(0, self.query_one("#caller_kind", Choices).pressed_index)],
            called_back_at=read_time(
                self.query_one("#called_back_at", Field).value, self.app.clock.now(), "called_back_at"
            ),
            called_back_to=self.query_one("#called_back_to", Field).value.strip(),
            confirmed=frozenset(item for item in CallBackCheck if self.query_one(f"#{item}", Check).value),
            operation_id=self._operation_id,
        )

    @on(Button.Pressed, "#go")
    @counter_action
    async def action_go(self) -> None:
        """F12: take a reception number."""
        self.draft.case = await self.perform(
            self.app.services.revoking.open_by_phone, self.app.actor, self._filled_in()
        )
        self.app.reception_no = self.draft.reception_no
        self.answer(Way.ON)

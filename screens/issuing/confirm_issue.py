"""S306, step 6: what will be issued. Issuing cannot be undone, so nothing but F12 or the button does it."""

import time
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Button, Static

from kiosk.rules.texts import displayable
from kiosk.rules.validity import VALIDITY_DAYS
from kiosk.services.views import IssuePreview
from kiosk.translations.catalog import N_, _
from screens import keys
from screens.base import counter_action
from screens.dates import day_text
from screens.dialogs.confirm import SETTLE, Confirm, Question
from screens.issuing.leftover import look_into
from screens.issuing.rows import Facts
from screens.issuing.step import IssueStep, Way
from screens.issuing.sticks import StickList
from screens.issuing.words import KINDS
from screens.messages import CounterMessage, check
from screens.widgets.press import Press
from screens.widgets.prose import Prose
from screens.widgets.text import plain


class ConfirmIssue(IssueStep):
    """The data, the stick, 発行. The focus rests on キャンセル, which asks again before it does anything."""

    SCREEN_ID = "S306"
    SCREEN_NAME = N_("電子証明書発行")
    STEP = 6
    SHOWS_CARD = False
    AUTO_FOCUS: ClassVar[str] = "#cancel"
    BINDINGS: ClassVar[list[BindingType]] = [
        keys.REFRESH,
        Binding("f12", "go", N_("発行")),
        Binding("f3", "cancel", N_("キャンセル")),
    ]

    _preview: IssuePreview | None = None
    _opened = 0.0

    def compose_task(self) -> ComposeResult:
        """Sentence, data, sticks, buttons."""
        yield Prose(
            _(
                "次の内容で電子証明書を発行します。発行すると取り消せません。内容を確認し「発行」を押してください。"
            ),
            classes="prompt",
        )
        yield Facts(self._facts(), id="preview")
        yield Static(plain(_("書き込む媒体")), classes="panel-title")
        yield StickList(self.draft.stick)
        with Horizontal(classes="buttons"):
            yield Press(_("キャンセル"), id="cancel")
            yield Press(_("発行"), id="go", primary=True)

    def on_mount(self) -> None:
        """Fetch what will be issued."""
        self._opened = time.monotonic()
        self.fetch()

    def action_refresh(self) -> None:
        """F5: fetch it again, when the registry could not be reached before."""
        self.fetch()

    @counter_action
    async def fetch(self) -> None:
        """The dates are those of an issue at this moment (E-08)."""
        self._preview = await self.perform(
            self.app.services.issuing.preview, self.app.actor, self.draft.reception_no
        )
        self.query_one("#preview", Facts).say(self._facts())
        if self._opening is not None:
            self.tell(self._opening)

    def _facts(self) -> list[tuple[str, str]]:
        if self._preview is None:
            return []
        return preview_facts(self._preview, self.draft.at_hand.pc_alias)

    @on(Button.Pressed, "#go")
    @counter_action
    async def action_go(self) -> None:
        """F12: the last look at the stick; then the point of no return."""
        if time.monotonic() - self._opened < SETTLE:
            return
        if self._preview is None:
            self.tell(_not_seen)
            return
        self.draft.issue_date = self._preview.issue_date
        stick = await self.query_one(StickList).meant()
        await look_into(self, stick)
        self.draft.stick = stick
        self.answer(Way.ON)

    @on(Button.Pressed, "#cancel")
    @counter_action
    async def action_cancel(self) -> None:
        """[キャンセル]: nothing is issued, the code is spent, the choice of the transaction comes back (R-71)."""
        if await self.app.push_screen_wait(Confirm(_cancelling)):
            await self.perform(
                self.app.services.authenticating.cancel_to_menu, self.app.actor, self.draft.reception_no
            )
            self.answer(Way.BACK)


def preview_facts(preview: IssuePreview, pc_alias: str) -> list[tuple[str, str]]:
    """What step 6 shows (DOMAIN 5.5)."""
    return [
        (_("団体名"), displayable(preview.organization_name)),
        (_("氏名"), displayable(preview.name)),
        (_("ユーザーID"), displayable(preview.user_id)),
        (_("発行区分"), _(KINDS[preview.kind])),
        (
            _("有効期限"),
            _("{day}(発行日を含めて{days}日間)").format(
                day=day_text(preview.last_valid_date), days=VALIDITY_DAYS
            ),
        ),
        (_("媒体番号"), preview.medium_no or "-"),
        (_("使用パソコン"), displayable(pc_alias) or "-"),
    ]


def _cancelling() -> Question:
    return Question(
        title=_("発行を中断し、取引選択へ戻ります。"),
        consequence=_(
            "電子証明書は発行されません。認証コードは無効になり、ユーザー認証からやり直しになります。よろしいですか。"
        ),
    )


def _not_seen() -> CounterMessage:
    return check(
        "EM17", _("発行する内容を確認できません。"), _("「F5 再表示」を押して、内容を確認してください。")
    )

"""S500, step 3: how the block came, and what caused it."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.types import CSSPathType
from textual.widgets import Button, Static

from kiosk.errors import BadInput
from kiosk.rules.texts import LONGEST_LINE
from kiosk.rules.unblocking import UnblockCause
from kiosk.services.approved.views import UnblockPage
from kiosk.translations.catalog import N_, _
from screens import keys
from screens.approving.words import CAUSES, STYLES
from screens.base import counter_action
from screens.dates import clock_text
from screens.field_problems import NOT_CHOSEN
from screens.issuing.rows import row
from screens.issuing.step import IssueStep, Way
from screens.unblocking.draft import UnblockDraft
from screens.unblocking.words import STEPS, TimelineRow, repeats_text, timeline_of
from screens.widgets.choices import Choices
from screens.widgets.field import Field
from screens.widgets.press import Press
from screens.widgets.prose import Prose
from screens.widgets.text import plain
from screens.widgets.virtual_table import Column, Layout, VirtualTable

FORM_CAUSES = tuple(UnblockCause)


class ChooseCause(IssueStep):
    """The series of wrong passwords on one side of the decision, the cause on the other. No cause is preset."""

    SCREEN_ID = "S500"
    SCREEN_NAME = N_("閉塞解除")
    STEPS = STEPS
    STEP = 3
    CSS_PATH: ClassVar[CSSPathType | None] = STYLES
    NOTES = (
        N_(
            "解除してもパスワードは変わりません。お客様がパスワードをお忘れの場合は、解除しても再び閉塞となります。"
        ),
        N_("心当たりのない入力のときは、第三者の入力を疑い、役席に報告してください。"),
    )
    AUTO_FOCUS: ClassVar[str] = "#cause"
    BINDINGS: ClassVar[list[BindingType]] = [keys.BACK]

    draft: UnblockDraft
    _page: UnblockPage | None = None

    def compose_task(self) -> ComposeResult:
        """Timeline, earlier unblockings, cause, note."""
        yield Static(plain(_("閉塞までの経過(新しい順)")), classes="panel-title")
        yield VirtualTable(
            _layout(),
            () if self._page is None else timeline_of(self._page.cycles),
            empty=_("誤りの記録はありません。移行前からの閉塞です。"),
            help=_("誤りとロックの記録です。誤り6回で1回のロック、3回目のロックで閉塞となります。"),
            id="cycles",
        )
        yield Prose("" if self._page is None else repeats_text(self._page.recent_unblocks), id="repeats")
        yield row(
            _("閉塞の原因"),
            Choices(
                (_(CAUSES[cause]) for cause in FORM_CAUSES),
                id="cause",
                help=_("お客様に確かめた原因を選択します。"),
            ),
        )
        yield row(
            _("原因の補足"),
            Field(
                self.draft.note,
                id="note",
                limit=LONGEST_LINE,
                help=_("承認者に伝えること(60文字まで)。省略できます。"),
            ),
        )
        yield Prose(
            _(
                "パスワードをお忘れの場合、解除だけではご利用いただけません。再設定の手続きをご案内してください。"
            ),
            id="forgotten",
            classes="quiet",
        )
        with Horizontal(classes="buttons"):
            yield Press(_("次へ"), id="go", primary=True)
            yield Press(_("前画面"), id="back")
            yield Press(_("取引中断"), id="leave")

    def on_mount(self) -> None:
        """How it came to the block."""
        self.fetch()

    @counter_action
    async def fetch(self) -> None:
        """Read the history; the journal hears of the look."""
        self._page = await self.perform(
            self.app.services.unblocking.page, self.app.actor, self.draft.reception_no
        )
        await self.speak_again()

    def after_recompose(self) -> None:
        """What was chosen before the clerk came back from the next screen."""
        choices = self.query_one("#cause", Choices)
        if self.draft.cause is not None and choices.pressed_index < 0:
            choices.press(FORM_CAUSES.index(self.draft.cause))

    @on(Button.Pressed, "#go")
    @counter_action
    async def action_go(self) -> None:
        """F12: look at it once more with the registry's eyes; nothing is stored or asked yet."""
        place = self.query_one("#cause", Choices).pressed_index
        if place < 0:
            raise BadInput(field="cause", problem=NOT_CHOSEN)
        self.draft.cause = FORM_CAUSES[place]
        self.draft.note = self.query_one("#note", Field).value.strip()
        await self.perform(
            self.app.services.approving.preview, self.app.actor, self.draft.reception_no, self.draft.request
        )
        self.answer(Way.ON)

    @on(Button.Pressed, "#back")
    def action_back(self) -> None:
        """F3: another user may be chosen."""
        self.answer(Way.BACK)


def _layout() -> Layout[TimelineRow]:
    return Layout(
        columns=(Column(_("回"), 6), Column(_("日時"), 24), Column(_("できごと"), 24, grows=True)),
        cells=lambda line: (
            _("{count}回目").format(count=line.cycle),
            clock_text(line.at),
            line.what,
        ),
        key=lambda line: (line.at, line.cycle, line.what),
    )

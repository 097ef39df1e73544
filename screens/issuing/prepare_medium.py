"""S303-2, still step 3: the numbered medium, the PC it is for, and the stick in the port."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import Button, Static

from kiosk.errors import BadInput
from kiosk.rules.credentials import ShapeProblem
from kiosk.translations.catalog import N_, _
from screens import keys
from screens.base import counter_action
from screens.issuing.leftover import look_into
from screens.issuing.rows import row
from screens.issuing.step import IssueStep, Way
from screens.issuing.sticks import StickList
from screens.widgets.field import Field
from screens.widgets.press import Press
from screens.widgets.prose import Prose
from screens.widgets.text import plain


class PrepareMedium(IssueStep):
    """The stick is looked at before the customer types anything (E-88)."""

    SCREEN_ID = "S303-2"
    SCREEN_NAME = N_("媒体の準備")
    STEP = 3
    NOTES = (
        N_("媒体に貼られた番号と、入力した番号を見比べてください。"),
        N_("どのパソコンで使うかを、お客様に確かめてください。"),
    )
    AUTO_FOCUS: ClassVar[str] = "Field"
    BINDINGS: ClassVar[list[BindingType]] = [keys.BACK]

    def compose_task(self) -> ComposeResult:
        """Number, alias, sticks, buttons."""
        case = self.draft.at_hand
        yield Prose(
            _("媒体番号を入力し、空のUSB媒体を差し込んでください。1本の媒体に1件だけ書き込みます。"),
            classes="prompt",
        )
        if self.app.services.settings.media.numbered:
            yield row(
                _("媒体番号"),
                Field(
                    case.medium_no or "",
                    id="medium_no",
                    half_width=True,
                    limit=20,
                    help=_("媒体に貼られた番号(例 M0001)。この店の在庫にあるものに限ります。"),
                ),
            )
        yield row(
            _("使用パソコン"),
            Field(
                case.pc_alias,
                id="pc_alias",
                limit=40,
                help=_("電子証明書を使うパソコンの呼び名(例 総務部のノート)。20文字まで、省略できます。"),
            ),
        )
        yield Static(plain(_("差し込まれている媒体")), classes="panel-title")
        yield StickList(self.draft.stick)
        with Horizontal(classes="buttons"):
            yield Press(_("次へ"), id="go", primary=True)
            yield Press(_("前画面"), id="back")
            yield Press(_("取引中断"), id="leave")

    @on(Button.Pressed, "#go")
    @counter_action
    async def action_go(self) -> None:
        """F12: book the medium, look at the stick, and on to the customer."""
        numbers = [field.value.strip() for field in self.query("#medium_no").results(Field)]
        if "" in numbers:
            raise BadInput(field="medium_no", problem=ShapeProblem.EMPTY)
        alias = self.query_one("#pc_alias", Field).value
        services, actor, number = self.app.services, self.app.actor, self.draft.reception_no
        self.draft.case = await self.perform(
            services.casework.set_medium, actor, number, numbers[0] if numbers else "", alias
        )
        stick = await self.query_one(StickList).meant()
        await look_into(self, stick)
        self.draft.stick = stick
        self.answer(Way.ON)

    @on(Button.Pressed, "#back")
    def action_back(self) -> None:
        """F3: back to the transaction."""
        self.answer(Way.BACK)

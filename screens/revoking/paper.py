"""The sealed form of a revocation by phone has come in: its number, and that form and seal were checked."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.types import CSSPathType
from textual.widgets import Button

from kiosk.services.approved.views import FollowUp
from kiosk.services.views import ReceptionCheck
from kiosk.translations.catalog import N_, _
from screens.approving.words import STYLES
from screens.base import KioskDialog, counter_action
from screens.issuing.reception import CHECKS
from screens.issuing.rows import Facts, row
from screens.revoking.follow_up_words import open_text, who
from screens.widgets.choices import Check
from screens.widgets.field import Field
from screens.widgets.message_area import MessageArea
from screens.widgets.press import Press
from screens.widgets.prose import Prose

PAPER_CHECKS = (ReceptionCheck.FORM, ReceptionCheck.SEAL)


class Paper(KioskDialog[FollowUp | None]):
    """Answers with what is still open, or None when it was left as it was."""

    SCREEN_NAME = N_("依頼書の受領")
    CSS_PATH: ClassVar[CSSPathType | None] = STYLES
    AUTO_FOCUS: ClassVar[str] = "#form_no"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", show=False),
        Binding("f12", "go", show=False),
    ]

    def __init__(self, line: FollowUp) -> None:
        super().__init__()
        self._line = line

    def compose_task(self) -> ComposeResult:
        """Which revocation, the number of the form, two marks."""
        line = self._line
        yield Facts(
            [
                (_("受付番号"), line.reception_no),
                (_("ユーザー"), who(line)),
                (_("シリアル番号"), line.serial),
            ]
        )
        yield Prose(open_text(line), classes="consequence")
        yield row(
            _("依頼書番号"), Field(id="form_no", limit=40, help=_("依頼書の右上に記載された番号(20文字まで)"))
        )
        for item in PAPER_CHECKS:
            yield Check(_(CHECKS[item]), id=item)
        with Horizontal(classes="buttons"):
            yield Press(_("受領を記録"), id="go", primary=True)
            yield Press(_("中止"), id="cancel")
        yield MessageArea(self.current_message)

    @on(Button.Pressed, "#go")
    @counter_action
    async def action_go(self) -> None:
        """F12."""
        checks = frozenset(item for item in PAPER_CHECKS if self.query_one(f"#{item}", Check).value)
        self.dismiss(
            await self.perform(
                self.app.services.revoking.paper_received,
                self.app.actor,
                self._line.reception_no,
                self.query_one("#form_no", Field).value.strip(),
                checks,
            )
        )

    @on(Button.Pressed, "#cancel")
    def action_cancel(self) -> None:
        """Esc."""
        self.dismiss(None)

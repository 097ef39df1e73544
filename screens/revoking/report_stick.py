"""S401: what a customer tells about a medium that was handed over. The report itself needs nobody's approval (R-85)."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.types import CSSPathType
from textual.widgets import Button, Static

from kiosk.errors import BadInput, NothingSelected
from kiosk.rules.credentials import ShapeProblem
from kiosk.translations.catalog import N_, _
from screens import keys
from screens.approving.words import STYLES
from screens.base import counter_action
from screens.issuing.rows import row
from screens.issuing.step import IssueStep, Way
from screens.revoking.certificates import Certificates
from screens.revoking.draft import RevokeDraft
from screens.revoking.stick_words import STICK_REPORTS
from screens.widgets.choices import Choices
from screens.widgets.press import Press
from screens.widgets.prose import Prose
from screens.widgets.text import plain

STEPS: tuple[str, ...] = (N_("受付"), N_("対象選択"), N_("媒体の届出"), N_("役席承認"), N_("失効結果"))


class ReportStick(IssueStep):
    """Which certificate was on it, and what happened to it."""

    SCREEN_ID = "S401"
    SCREEN_NAME = N_("媒体の届出")
    STEPS = STEPS
    STEP = 3
    CSS_PATH: ClassVar[CSSPathType | None] = STYLES
    NOTES = (
        N_("届出は必ず記録できます。続けて、失効と再発行をご案内します。"),
        N_("媒体が手元にあるときは、お預かりして破棄の手続きをしてください。"),
    )
    AUTO_FOCUS: ClassVar[str] = "#certificates"
    BINDINGS: ClassVar[list[BindingType]] = [keys.BACK]

    draft: RevokeDraft

    def compose_task(self) -> ComposeResult:
        """Certificates, kind of report, buttons."""
        yield Static(plain(_("届出の電子証明書を選択してください。")), classes="panel-title")
        certificates = Certificates(self.draft, id="certificates")
        yield certificates
        yield Prose(certificates.about, id="about-certificate", classes="quiet")
        yield row(
            _("届出の内容"),
            Choices(
                (_(label) for label in STICK_REPORTS.values()),
                id="reason",
                help=_("お客様の申し出を選択します。"),
            ),
        )
        with Horizontal(classes="buttons"):
            yield Press(_("届出を記録"), id="go", primary=True)
            yield Press(_("前画面"), id="back")
            yield Press(_("取引中断"), id="leave")

    def on_certificates_chosen(self, event: Certificates.Chosen) -> None:
        """On to what happened to it."""
        event.stop()
        self.query_one("#reason").focus()

    def on_certificates_pointed(self, event: Certificates.Pointed) -> None:
        """Days and PC of the line under the cursor."""
        event.stop()
        self.query_one("#about-certificate", Prose).say(event.about)

    @on(Button.Pressed, "#go")
    @counter_action
    async def action_go(self) -> None:
        """F12: take it down; what follows is told by the registry."""
        if self.draft.serial is None:
            raise NothingSelected
        place = self.query_one("#reason", Choices).pressed_index
        if place < 0:
            raise BadInput(field="reason", problem=ShapeProblem.EMPTY)
        self.draft.reported = await self.perform(
            self.app.services.revoking.report_stick,
            self.app.actor,
            self.draft.reception_no,
            self.draft.serial,
            tuple(STICK_REPORTS)[place],
        )
        self.answer(Way.ON)

    @on(Button.Pressed, "#back")
    def action_back(self) -> None:
        """F3: another user may be chosen."""
        self.answer(Way.BACK)

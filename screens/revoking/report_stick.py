"""S401: what a customer tells about a medium that was handed over. The report itself needs nobody's approval (R-85)."""

from textual import on
from textual.app import ComposeResult
from textual.widgets import Button

from kiosk.errors import BadInput, NothingSelected
from kiosk.translations.catalog import N_, _
from screens.base import counter_action
from screens.field_problems import NOT_CHOSEN
from screens.issuing.rows import row
from screens.issuing.step import Way
from screens.revoking.certificate_step import CertificateStep
from screens.revoking.stick_words import STICK_REPORTS
from screens.widgets.choices import Choices

STEPS: tuple[str, ...] = (N_("受付"), N_("対象選択"), N_("媒体の届出"), N_("役席承認"), N_("失効結果"))


class ReportStick(CertificateStep):
    """Which certificate was on it, and what happened to it."""

    SCREEN_ID = "S401"
    SCREEN_NAME = N_("媒体の届出")
    STEPS = STEPS
    NOTES = (
        N_("届出は必ず記録できます。続けて、失効と再発行をご案内します。"),
        N_("媒体が手元にあるときは、お預かりして破棄の手続きをしてください。"),
    )

    def compose_task(self) -> ComposeResult:
        """Certificates, kind of report, buttons."""
        yield from self.compose_certificates(_("届出の電子証明書を選択してください。"))
        yield row(
            _("届出の内容"),
            Choices(
                (_(label) for label in STICK_REPORTS.values()),
                id="reason",
                help=_("お客様の申し出を選択します。"),
            ),
        )
        yield from self.compose_ways(_("届出を記録"))

    @on(Button.Pressed, "#go")
    @counter_action
    async def action_go(self) -> None:
        """F12: take it down; what follows is told by the registry."""
        if self.draft.serial is None:
            raise NothingSelected
        place = self.reasons.pressed_index
        if place < 0:
            raise BadInput(field="reason", problem=NOT_CHOSEN)
        self.draft.reported = await self.perform(
            self.app.services.revoking.report_stick,
            self.app.actor,
            self.draft.reception_no,
            self.draft.serial,
            tuple(STICK_REPORTS)[place],
        )
        self.answer(Way.ON)

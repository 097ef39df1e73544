"""What the two screens share on which a certificate is chosen and something is said about it."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.types import CSSPathType
from textual.widgets import Button, Static

from kiosk.translations.catalog import _
from screens import keys
from screens.approving.words import STYLES
from screens.issuing.step import IssueStep, Way
from screens.revoking.certificates import Certificates
from screens.revoking.draft import RevokeDraft
from screens.widgets.choices import Choices
from screens.widgets.press import Press
from screens.widgets.prose import Prose
from screens.widgets.text import plain


class CertificateStep(IssueStep):
    """Step 3: the certificates of the user, then the choices `#reason`. Nothing is chosen beforehand (R-24, E-76)."""

    STEP = 3
    CSS_PATH: ClassVar[CSSPathType | None] = STYLES
    AUTO_FOCUS: ClassVar[str] = "#certificates"
    BINDINGS: ClassVar[list[BindingType]] = [keys.BACK]

    draft: RevokeDraft

    def compose_certificates(self, title: str) -> ComposeResult:
        """The list under a title, and the line under its cursor in words."""
        yield Static(plain(title), classes="panel-title")
        certificates = Certificates(self.draft, id="certificates")
        yield certificates
        yield Prose(certificates.about, id="about-certificate", classes="quiet")

    def compose_ways(self, go: str) -> ComposeResult:
        """On, back, and out."""
        with Horizontal(classes="buttons"):
            yield Press(go, id="go", primary=True)
            yield Press(_("前画面"), id="back")
            yield Press(_("取引中断"), id="leave")

    @property
    def reasons(self) -> Choices:
        """What is said about the certificate."""
        return self.query_one("#reason", Choices)

    def on_certificates_chosen(self, event: Certificates.Chosen) -> None:
        """On to what is said about it."""
        event.stop()
        self.filled("certificates")
        self.reasons.focus()

    def on_certificates_pointed(self, event: Certificates.Pointed) -> None:
        """Days and PC of the line under the cursor (E-76)."""
        event.stop()
        self.query_one("#about-certificate", Prose).say(event.about)

    @on(Button.Pressed, "#back")
    def action_back(self) -> None:
        """F3: another user may be chosen."""
        self.answer(Way.BACK)

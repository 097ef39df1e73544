"""S400, step 3: which certificate, and why. Nothing is chosen before the clerk chooses it (R-24, E-76)."""

from textual import on
from textual.app import ComposeResult
from textual.widgets import Button, RadioSet

from kiosk.errors import BadInput, NothingSelected
from kiosk.rules.operations import Transaction
from kiosk.rules.revocation import REASONS_ON_THE_FORM, RevocationReason
from kiosk.rules.texts import LONGEST_LINE
from kiosk.services.views import VisitorKind
from kiosk.translations.catalog import N_, _
from screens.base import counter_action
from screens.field_problems import NOT_CHOSEN
from screens.issuing.rows import row
from screens.issuing.step import Way
from screens.revoking.certificate_step import CertificateStep
from screens.revoking.draft import REISSUE_USUAL
from screens.revoking.words import STEPS
from screens.widgets.choices import Check, Choices
from screens.widgets.field import Field
from screens.widgets.prose import Prose
from screens.wording.customer import REVOCATIONS


class ChooseCertificate(CertificateStep):
    """The certificates of the user, the reasons of the form, a word of the clerk's own."""

    SCREEN_ID = "S400"
    SCREEN_NAME = N_("失効")
    STEPS = STEPS
    NOTES = (
        N_("シリアル番号と使用パソコンを、依頼書と照合してください。"),
        N_("失効すると元に戻せません。"),
    )

    def compose_task(self) -> ComposeResult:
        """Certificates, reason, note, what follows."""
        yield from self.compose_certificates(_("失効する電子証明書を選択してください。"))
        yield row(
            _("失効理由"),
            Choices(
                (_(REVOCATIONS[reason]) for reason in REASONS_ON_THE_FORM),
                id="reason",
                help=_("依頼書に記載された理由を選択します。"),
            ),
        )
        yield row(
            _("理由の補足"),
            Field(
                self.draft.note,
                id="note",
                limit=LONGEST_LINE,
                help=_("承認者に伝えること(60文字まで)。省略できます。"),
            ),
        )
        if self.draft.by is Transaction.REVOKE:
            yield Check(
                _("続けて、この受付で再発行する(ご本人の来店が必要)"),
                value=self.draft.then_reissue,
                id="then_reissue",
                help=_("パソコン変更などで、失効のあとすぐに新しい電子証明書をお渡しするときに付けます。"),
            )
        yield Prose("", id="warning")
        yield from self.compose_ways(_("次へ"))

    def on_mount(self) -> None:
        """What was chosen before the clerk came back from the next screen."""
        if self.draft.reason is not None:
            self.reasons.press(REASONS_ON_THE_FORM.index(self.draft.reason))
        self._warn()

    def after_recompose(self) -> None:
        """The same in the other language."""
        self._warn()

    @property
    def _reason(self) -> RevocationReason | None:
        place = self.reasons.pressed_index
        return None if place < 0 else REASONS_ON_THE_FORM[place]

    @on(RadioSet.Changed, "#reason")
    def reason_chosen(self) -> None:
        """A change of PC goes on to a re-issue, unless the clerk takes the mark away."""
        for mark in self.query("#then_reissue").results(Check):
            in_person = self.draft.at_hand.visitor_kind is VisitorKind.SELF
            mark.value = self._reason in REISSUE_USUAL and in_person
        self._warn()

    @on(Check.Changed, "#then_reissue")
    def _warn(self) -> None:
        """E-75: said before anything is revoked."""
        marked = any(mark.value for mark in self.query("#then_reissue").results(Check))
        text = ""
        if marked:
            text = _("再発行まで利用できません。パスワードをお忘れでないか、お尋ねください。")
        self.query_one("#warning", Prose).say(text)

    @on(Button.Pressed, "#go")
    @counter_action
    async def action_go(self) -> None:
        """F12: look at it once more with the registry's eyes; nothing is stored or asked yet."""
        self.draft.note = self.query_one("#note", Field).value.strip()
        self.draft.then_reissue = any(mark.value for mark in self.query("#then_reissue").results(Check))
        self.draft.reason = self._reason
        if self.draft.serial is None:
            raise NothingSelected
        if self.draft.reason is None:
            raise BadInput(field="reason", problem=NOT_CHOSEN)
        await self.perform(
            self.app.services.approving.preview, self.app.actor, self.draft.reception_no, self.draft.request
        )
        self.answer(Way.ON)

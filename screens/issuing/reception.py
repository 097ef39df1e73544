"""S301, step 1: paper and person are looked at, and the reception gets its number."""

from collections.abc import Mapping
from typing import ClassVar, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Horizontal
from textual.widgets import Button, RadioSet

from kiosk.errors import TransactionNotPossible
from kiosk.rules.next_actions import Reason
from kiosk.rules.texts import LONGEST_LINE
from kiosk.services.views import WITHOUT_NUMBER, Channel, DocumentType, ReceptionCheck, VisitorKind
from kiosk.translations.catalog import N_, _
from screens.base import counter_action
from screens.issuing.draft import IssueDraft, ReceptionDraft, checks_for, fresh_operation_id
from screens.issuing.rows import row
from screens.issuing.step import IssueStep, Way
from screens.widgets.choices import Check, Choices
from screens.widgets.field import Field
from screens.widgets.press import Press
from screens.widgets.prose import Prose

CHANNELS = {Channel.COUNTER: N_("窓口"), Channel.PHONE: N_("電話")}
VISITORS = {VisitorKind.SELF: N_("本人"), VisitorKind.PROXY: N_("代理人")}
DOCUMENTS = {
    DocumentType.DRIVING_LICENCE: N_("運転免許証"),
    DocumentType.DRIVING_HISTORY: N_("運転経歴証明書"),
    DocumentType.INDIVIDUAL_NUMBER_CARD: N_("個人番号カード"),
    DocumentType.RESIDENCE_CARD: N_("在留カード"),
    DocumentType.SPECIAL_PERMANENT_RESIDENT: N_("特別永住者証明書"),
    DocumentType.PASSPORT: N_("旅券"),
}
CHECKS = {
    ReceptionCheck.FORM: N_("依頼書の記載"),
    ReceptionCheck.SEAL: N_("届出印の照合"),
    ReceptionCheck.IDENTITY: N_("来店者の本人確認"),
    ReceptionCheck.AUTHORITY: N_("代理権の確認(委任状・電話・登記)"),
}

K = TypeVar("K")


class Reception(IssueStep):
    """Form, visitor, identity document, checklist."""

    SCREEN_ID = "S301"
    SCREEN_NAME = N_("受付")
    STEP = 1
    SHOWS_CARD = False
    AUTO_FOCUS: ClassVar[str] = "#form_no"
    IN_PERSON: ClassVar[bool] = True
    """What is asked for needs somebody at the counter; said here, before anybody is looked for."""

    def __init__(self, draft: IssueDraft) -> None:
        super().__init__(draft)
        self._operation_id = fresh_operation_id()

    def compose_task(self) -> ComposeResult:
        """One line for each thing to fill in, then the checklist."""
        yield row(
            _("依頼書番号"), Field(id="form_no", limit=40, help=_("依頼書の右上に記載された番号(20文字まで)"))
        )
        yield row(_("受付方法"), Choices(map(_, CHANNELS.values()), chosen=0, id="channel"))
        yield row(_("来店者"), Choices(map(_, VISITORS.values()), chosen=0, id="visitor_kind"))
        yield row(
            _("来店者氏名"),
            Field(id="visitor_name", limit=LONGEST_LINE, help=_("本人確認書類に記載された氏名(60文字まで)")),
        )
        yield row(
            _("本人確認書類"),
            Choices(
                map(_, DOCUMENTS.values()), id="document_type", help=_("原本を確かめ、種類を選択します。")
            ),
        )
        with Container(id="last4"):
            yield row(
                _("書類番号の下4桁"),
                Field(
                    id="document_last4",
                    limit=16,
                    half_width=True,
                    help=_("記号番号の最後の4文字だけを入力します。個人番号(マイナンバー)は控えません。"),
                ),
            )
        yield Prose(_("次の確認を終えたら、スペースキーで印を付けてください。"), classes="quiet")
        with Container(id="checks"):
            for check, label in CHECKS.items():
                yield Check(_(label), id=check)
        with Horizontal(classes="buttons"):
            yield Press(_("次へ"), id="go", primary=True)
            yield Press(_("取引中断"), id="leave")

    def on_mount(self) -> None:
        """The authority of a proxy is asked for when there is one, the end of a number where one is kept."""
        self._fold()

    def after_recompose(self) -> None:
        """The same in the other language."""
        self._fold()

    @on(RadioSet.Changed, "#visitor_kind")
    @on(RadioSet.Changed, "#document_type")
    def _fold(self) -> None:
        self.query_one("#last4").display = self._document() not in WITHOUT_NUMBER
        self.query_one(f"#{ReceptionCheck.AUTHORITY}").display = ReceptionCheck.AUTHORITY in checks_for(
            self._visitor()
        )

    def _visitor(self) -> VisitorKind:
        return _chosen(self.query_one("#visitor_kind", Choices), VISITORS) or VisitorKind.SELF

    def _document(self) -> DocumentType | None:
        return _chosen(self.query_one("#document_type", Choices), DOCUMENTS)

    def _filled_in(self) -> ReceptionDraft:
        return ReceptionDraft(
            form_no=self.query_one("#form_no", Field).value,
            channel=_chosen(self.query_one("#channel", Choices), CHANNELS) or Channel.COUNTER,
            visitor_kind=self._visitor(),
            visitor_name=self.query_one("#visitor_name", Field).value,
            document_type=self._document(),
            document_last4=self.query_one("#document_last4", Field).value,
            checks=frozenset(check for check in ReceptionCheck if self.query_one(f"#{check}", Check).value),
            begun_as=self.draft.begun_as,
        )

    @on(Button.Pressed, "#go")
    @counter_action
    async def action_go(self) -> None:
        """F12: take a reception number."""
        form = self._filled_in().form(self._operation_id)
        if self.IN_PERSON and form.channel is Channel.PHONE:
            raise TransactionNotPossible(reason=Reason.NOT_BY_PHONE)
        self.draft.case = await self.perform(self.app.services.casework.open, self.app.actor, form)
        self.app.reception_no = self.draft.reception_no
        self.answer(Way.ON)


def _chosen(choices: Choices, table: Mapping[K, str]) -> K | None:
    return list(table)[choices.pressed_index] if choices.pressed_index >= 0 else None

"""S309, step 9: the medium, the receipt and the guide go to the customer; what the customer does at home is told."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical, VerticalScroll
from textual.widgets import Button, Static

from kiosk.rules.texts import displayable
from kiosk.services.views import HandOverCheck
from kiosk.translations.catalog import N_, _
from screens.base import counter_action
from screens.dates import moment_text
from screens.dialogs.confirm import Confirm, Question
from screens.hardening import Enduring
from screens.issuing.guide import guide_text
from screens.issuing.result import not_handed_over
from screens.issuing.rows import Facts
from screens.issuing.step import IssueStep, Way
from screens.issuing.words import simulated_text
from screens.messages import CounterMessage, done
from screens.widgets.choices import Check
from screens.widgets.press import Press
from screens.widgets.prose import Prose
from screens.widgets.text import plain

CHECKS = {
    HandOverCheck.MEDIUM: N_("媒体番号を照合した"),
    HandOverCheck.RECEIPT: N_("受領書に署名をいただいた"),
    HandOverCheck.GUIDE: N_("取込手順書をお渡しした"),
}


SERIAL_CELLS = 38
"""Of a serial number of 18 bytes, and the gap to the guide."""


class Guide(Enduring, VerticalScroll, can_focus=True, inherit_bindings=False):
    """The import steps; arrow keys and the wheel move through them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll_up", show=False),
        Binding("down", "scroll_down", show=False),
        Binding("pageup", "page_up", show=False),
        Binding("pagedown", "page_down", show=False),
    ]

    @property
    def help_text(self) -> str:
        """For F1."""
        return _("お客様に説明する手順です。上下の矢印キーとPageUp、PageDownで続きを表示します。")


class HandOver(IssueStep):
    """Left only when the checklist is done, or into the list of unfinished receptions."""

    SCREEN_ID = "S309"
    SCREEN_NAME = N_("交付")
    STEP = 9
    SHOWS_CARD = False
    AUTO_FOCUS: ClassVar[str] = f"#{HandOverCheck.MEDIUM}"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f3", "back", show=False),
        Binding("f12", "go", N_("交付を完了")),
    ]

    def compose_task(self) -> ComposeResult:
        """Receipt and checklist on the left, the guide on the right."""
        with Horizontal(id="hand-over"):
            with Vertical(id="receipt-side"):
                yield Static(plain(_("受領書")), classes="panel-title")
                yield Facts(self._facts())
                if self.draft.receipt is None:
                    with Container(id="hand-over-checks"):
                        for item, label in CHECKS.items():
                            yield Check(_(label), id=item)
                with Horizontal(classes="buttons"):
                    label = _("交付を完了") if self.draft.receipt is None else _("終了")
                    yield Press(label, id="go", primary=True)
            with Vertical(id="guide-side"):
                yield Static(plain(_("お客様に説明する取込みの手順")), classes="panel-title")
                with Guide(id="guide-steps"):
                    yield Prose(guide_text())

    def _facts(self) -> list[tuple[str, str]]:
        draft, card, receipt, delivered = (
            self.draft,
            self.draft.card,
            self.draft.receipt,
            self.draft.delivered,
        )
        written = receipt or delivered
        facts = [
            (_("受付番号"), draft.reception_no),
            (_("団体名"), displayable(card.organization_name if card else "")),
            (_("ユーザーID"), displayable(card.user_id if card else "")),
            (_("氏名"), displayable(card.name if card else "")),
            (_("媒体番号"), displayable(draft.at_hand.medium_no or "-")),
        ]
        named = written or draft.waiting
        if named is not None:
            facts += [
                (_("シリアル番号"), named.serial or "-"),
                (_("ファイル名"), displayable(named.file_name) or "-"),
            ]
        if written.simulated if written is not None else self._sticks_are_simulated:
            facts.append((_("媒体"), simulated_text()))
        if delivered is not None and delivered.not_ejected is not None:
            facts.append((_("媒体の取外し"), _("ランプが消えてから取り外してください")))
        if receipt is not None:
            facts += [
                (_("受領日時"), moment_text(receipt.handed_over_at)),
                (_("交付者"), displayable(receipt.operator)),
            ]
        if receipt is not None and receipt.revoked_serial and receipt.revoked_at is not None:
            facts += [
                (_("失効した旧証明書"), receipt.revoked_serial),
                (_("失効日時"), moment_text(receipt.revoked_at)),
            ]
        return facts

    @property
    def _sticks_are_simulated(self) -> bool:
        return self.app.services.settings.media.adapter == "directory"

    def _fit(self) -> None:
        """In a narrow window the receipt takes what a serial number in one line needs, and the guide the rest."""
        super()._fit()
        for side in self.query("#receipt-side"):
            narrow = self.has_class("-narrow")
            side.styles.width = self.query_one(Facts).label_cells + SERIAL_CELLS if narrow else "1fr"

    def after_recompose(self) -> None:
        """Labels are longer or shorter in the other language."""
        self._fit()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Once the medium is handed over there is nothing to go back to and nothing to break off."""
        if self.draft.receipt is not None and action in {"back", "leave"}:
            return False
        return super().check_action(action, parameters)

    @on(Button.Pressed, "#go")
    @counter_action
    async def action_go(self) -> None:
        """F12: the reception is closed; once more, and the journey ends."""
        if self.draft.receipt is not None:
            self.answer(Way.OUT)
            return
        checks = frozenset(item for item in HandOverCheck if self.query_one(f"#{item}", Check).value)
        self.draft.receipt = await self.perform(
            self.app.services.handing_over.hand_over, self.app.actor, self.draft.reception_no, checks
        )
        await self.speak_again()
        self.tell(_handed_over)
        self.query_one("#go").focus()

    def action_back(self) -> None:
        """F3: there is no way back from here (R-81)."""
        self.tell(not_handed_over)

    @counter_action
    async def action_leave(self) -> None:
        """Esc: leave it in the list of unfinished receptions, after a question."""
        self.tell(not_handed_over)
        if await self.app.push_screen_wait(Confirm(_leaving_it)):
            self.answer(Way.OUT)


def _handed_over() -> CounterMessage:
    return done("IM11", _("交付を完了しました。"), _("「終了」を押すと業務メニューへ戻ります。"))


def _leaving_it() -> Question:
    return Question(
        title=_("まだ交付の確認が終わっていません。"),
        consequence=_(
            "このまま画面を離れると、「801 未完了取引」に残ります。媒体は施錠して保管してください。離れますか。"
        ),
    )

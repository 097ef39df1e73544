"""S303, step 3: what is to be done. The program has decided the kind of issue (E-73); the clerk sees why."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import Button, OptionList
from textual.widgets.option_list import Option

from kiosk.rules.next_actions import NextAction
from kiosk.translations.catalog import N_, _
from screens import keys
from screens.base import counter_action
from screens.issuing.draft import ISSUE_TRANSACTIONS
from screens.issuing.step import IssueStep, Way
from screens.messages import CounterMessage, check
from screens.reasons import explain_reason
from screens.sayings import saying
from screens.widgets.lines import CalmLines
from screens.widgets.press import Press
from screens.widgets.prose import Prose
from screens.widgets.text import pad, plain
from screens.words import TRANSACTIONS, word

NAME_CELLS = 25


class ChooseTransaction(IssueStep):
    """Every transaction for this customer, possible or not, with the reason and what to tell the customer."""

    SCREEN_ID = "S303"
    SCREEN_NAME = N_("取引選択")
    STEP = 3
    NOTES = (
        N_("発行の区分は、電子証明書の状態から決まります。係員は選びません。"),
        N_("できない取引は、理由をお客様に説明してください。"),
    )
    AUTO_FOCUS: ClassVar[str] = "#transactions"
    BINDINGS: ClassVar[list[BindingType]] = [keys.BACK]

    def compose_task(self) -> ComposeResult:
        """The list, the reason, the sentence for the customer, the buttons."""
        yield CalmLines(*(Option(plain(_line(action))) for action in self.draft.actions), id="transactions")
        yield Prose(self._why(self._place()), id="why")
        yield Prose(self._said(self._place()), id="said")
        with Horizontal(classes="buttons"):
            yield Press(_("次へ"), id="go", primary=True)
            yield Press(_("前画面"), id="back")
            yield Press(_("取引中断"), id="leave")

    def on_mount(self) -> None:
        """The cursor stands on what is possible."""
        self.query_one(CalmLines).highlighted = self._place()

    def _place(self) -> int:
        transactions = [action.transaction for action in self.draft.actions]
        proposed = self.draft.proposed
        return transactions.index(proposed) if proposed in transactions else 0

    def _why(self, place: int) -> str:
        action = self.draft.actions[place]
        if action.reason is not None:
            return explain_reason(action.reason, opens=action.opens, until=action.until).body
        if action.transaction not in ISSUE_TRANSACTIONS:
            return _("この取引は、業務メニューから始めてください。")
        return _("「次へ」を押して、媒体の準備へ進んでください。")

    def _said(self, place: int) -> str:
        card = self.draft.card
        if card is None:
            return ""
        return _("お客様へ: 「{sentence}」").format(sentence=saying(self.draft.actions[place], card))

    @on(OptionList.OptionHighlighted, "#transactions")
    def explained(self, event: OptionList.OptionHighlighted) -> None:
        """Reason and sentence follow the cursor."""
        self.query_one("#why", Prose).say(self._why(event.option_index))
        self.query_one("#said", Prose).say(self._said(event.option_index))

    @on(OptionList.OptionSelected, "#transactions")
    @on(Button.Pressed, "#go")
    @counter_action
    async def action_go(self) -> None:
        """F12, or Enter on the line: take this transaction."""
        action = self.draft.actions[self.query_one(CalmLines).highlighted or 0]
        if action.allowed and action.transaction not in ISSUE_TRANSACTIONS:
            self.tell(_from_the_menu)
            return
        self.draft.case = await self.perform(
            self.app.services.casework.choose_transaction,
            self.app.actor,
            self.draft.reception_no,
            action.transaction,
        )
        self.answer(Way.ON)

    @on(Button.Pressed, "#back")
    def action_back(self) -> None:
        """F3: another user may be chosen."""
        self.answer(Way.BACK)


def _line(action: NextAction) -> str:
    name = pad(f"{action.transaction.value} {word(TRANSACTIONS, action.transaction)}", NAME_CELLS)
    if action.reason is None:
        return name + _("できます")
    return name + _("できません: {reason}").format(reason=explain_reason(action.reason).happened)


def _from_the_menu() -> CounterMessage:
    return check(
        "EC12",
        _("この受付では、電子証明書の発行だけを行えます。"),
        _("ほかの取引は業務メニューから始めてください。"),
    )

"""S210: everything about one customer, and what can be done for them now."""

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Button, Static

from kiosk.rules.next_actions import NextAction, Reason
from kiosk.rules.operations import Transaction
from kiosk.services.views import CertificateView, TimelineEntry, UserCard
from kiosk.translations.catalog import N_, _
from screens import keys
from screens.base import counter_action
from screens.dates import CLOCK_CELLS, clock_text
from screens.desk import DeskScreen
from screens.dialogs.facts import Facts
from screens.menu_openings import begin_journey
from screens.messages import CounterMessage, check
from screens.reasons import explain_reason
from screens.widgets.customer_card import certificate_text
from screens.widgets.press import Press
from screens.widgets.prose import Prose
from screens.widgets.text import plain
from screens.widgets.virtual_table import Column, Layout, Tone, VirtualTable
from screens.wording.customer import (
    action_state,
    action_text,
    certificate_details,
    delivery_text,
    facts_text,
    is_live,
    why_no_certificate,
)
from screens.wording.events import EVENTS, LOCK_HISTORY
from screens.words import TRANSACTIONS, word

ANOTHER_ISSUE_INSTEAD = frozenset({Reason.FIRST_ISSUE_INSTEAD, Reason.RENEW_INSTEAD, Reason.REISSUE_INSTEAD})


class Customer(DeskScreen):
    """「いまできること」 first, then certificates and the past; the card itself stands beside them."""

    SCREEN_ID = "S210"
    SCREEN_NAME = N_("ユーザーカード")
    SHOWS_CARD = True
    FIRST = "#actions"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f4", "others", N_("その他(過去分)")),
        keys.REFRESH,
        Binding("f8", "letters", N_("送信メール")),
        Binding("f11", "report", N_("媒体の届出")),
        Binding("f12", "go", N_("取引開始")),
    ]

    def __init__(self, card: UserCard) -> None:
        """`card` was just read, and the look is in the journal."""
        super().__init__()
        self._card: UserCard = card
        self._all = False
        self._stale = False

    # --- looks -------------------------------------------------------------------------------------------------------

    def compose_task(self) -> ComposeResult:
        """What can be done, certificates, the past, buttons."""
        card = self._card
        yield Static(plain(_("いまできること")), classes="panel-title")
        yield VirtualTable(
            _actions_layout(),
            card.next_actions,
            help=_("上下の矢印キーで選ぶと、理由とお客様への言葉が下に出ます。F12で取引を始めます。"),
            id="actions",
        )
        yield Prose(self._about_action(), id="about-action")
        with Horizontal(classes="buttons"):
            yield Press(_("取引開始"), id="go", primary=True)
            yield Press(_("その他(過去分)"), id="others")
            yield Press(_("媒体の届出"), id="report")
        yield Static(plain(self._certificates_title()), classes="panel-title", id="certificates-title")
        yield VirtualTable(
            _certificates_layout(),
            self._shown_certificates(),
            empty=why_no_certificate(card),
            help=_("有効な電子証明書です。F4で過去の電子証明書も表示します。"),
            id="certificates",
        )
        yield Prose(self._about_certificate(), id="about-certificate", classes="quiet")
        yield Prose(facts_text(card), id="facts", classes="quiet")
        yield Static(plain(_("経過(新しい順)")), classes="panel-title")
        yield VirtualTable(
            _timeline_layout(),
            card.timeline,
            empty=_("まだ記録はありません。受付や発行を行うと、ここに並びます。"),
            help=_("このユーザーについての記録です。Enterを押すと全体が出ます。"),
            id="timeline",
        )

    def on_mount(self) -> None:
        """The cursor rests on what is possible, or on what the customer most likely came for."""
        self._actions.move_to(_likeliest(self._card.next_actions))
        self.call_after_refresh(self.after_recompose)

    @property
    def _actions(self) -> VirtualTable[NextAction]:
        return self.query_one("#actions", VirtualTable)

    @property
    def _certificates(self) -> VirtualTable[CertificateView]:
        return self.query_one("#certificates", VirtualTable)

    def _certificates_title(self) -> str:
        return _("電子証明書(すべて)") if self._all else _("電子証明書(有効なもの)")

    def _shown_certificates(self) -> tuple[CertificateView, ...]:
        everything = self._card.certificates
        return everything if self._all else tuple(one for one in everything if is_live(one))

    def _about_action(self) -> str:
        action = self._actions.row if self.is_mounted and self.query("#actions") else None
        return action_text(action or self._card.next_actions[0], self._card)

    def _about_certificate(self) -> str:
        shown = self._certificates.row if self.is_mounted and self.query("#certificates") else None
        return "" if shown is None else certificate_details(shown)

    @on(VirtualTable.Moved, "#actions")
    def another_action(self, event: VirtualTable.Moved) -> None:
        """Reason and words of the line under the cursor."""
        event.stop()
        self.query_one("#about-action", Prose).say(self._about_action())

    @on(VirtualTable.Moved, "#certificates")
    def another_certificate(self, event: VirtualTable.Moved) -> None:
        """Details of the certificate under the cursor."""
        event.stop()
        self.query_one("#about-certificate", Prose).say(self._about_certificate())

    @on(VirtualTable.Chosen, "#timeline")
    def entry_chosen(self, event: VirtualTable.Chosen) -> None:
        """Enter shows a line of the past in full: numbers and times that a narrow column cuts."""
        event.stop()
        entry: TimelineEntry | None = event.table.row
        if entry is not None:
            self.app.push_screen(Facts(partial(_entry_facts, entry)))

    def after_recompose(self) -> None:
        """What depends on the cursors."""
        self.query_one("#about-action", Prose).say(self._about_action())
        self.query_one("#about-certificate", Prose).say(self._about_certificate())

    # --- reading again -----------------------------------------------------------------------------------------------

    def on_screen_resume(self) -> None:
        """A journey that began here has changed what stands here."""
        if self._stale:
            self.run_worker(self._read_again(), group="reading", exclusive=True, exit_on_error=False)

    @counter_action
    async def action_refresh(self) -> None:
        """F5: the card as it is now; the cursors stay where they are."""
        await self._read_again()

    async def _read_again(self) -> None:
        self._card = await self.perform(self.app.services.customers.card, self.app.actor, self._card.user_pk)
        self._stale = False
        self._actions.show(self._card.next_actions)
        self._fill_certificates()
        self.query_one("#timeline", VirtualTable).show(self._card.timeline)
        self.query_one("#facts", Prose).say(facts_text(self._card))
        self.show_card(self._card)

    def _fill_certificates(self) -> None:
        self.query_one("#certificates-title", Static).update(plain(self._certificates_title()))
        self._certificates.show(self._shown_certificates(), empty=why_no_certificate(self._card))

    def action_letters(self) -> None:
        """F8: what was mailed to this user, and what became of it."""
        from screens.letters import UserLetters  # noqa: PLC0415  # loaded when it is opened

        self.app.push_screen(UserLetters(self._card))

    # --- doing -------------------------------------------------------------------------------------------------------

    @on(Button.Pressed, "#others")
    def action_others(self) -> None:
        """F4: past certificates too, or the live ones only (R-23)."""
        self._all = not self._all
        self._fill_certificates()

    @on(VirtualTable.Chosen, "#actions")
    def action_chosen(self, event: VirtualTable.Chosen) -> None:
        """Enter on a line is F12."""
        event.stop()
        self.action_go()

    @on(Button.Pressed, "#go")
    @counter_action
    async def action_go(self) -> None:
        """F12: begin the transaction under the cursor, or say why not."""
        action = self._actions.row
        if action is None:
            return
        if action.reason is not None:
            reason = action
            self.tell(lambda: explain_reason(str(reason.reason), opens=reason.opens, until=reason.until))
        else:
            self._stale = True
            begin_journey(self.app, action.transaction, self._card.user_pk)

    @on(Button.Pressed, "#report")
    def action_report(self) -> None:
        """F11: a medium was lost, never opened or is damaged (R-85)."""
        if not self._card.certificates:
            self.tell(_nothing_to_report)
            return
        from screens.revoking.stick_journey import start_stick_report  # noqa: PLC0415  # loaded when it is needed

        self._stale = True
        start_stick_report(self.app, self._card.user_pk)


def _nothing_to_report() -> CounterMessage:
    return check("WM21", _("このユーザーには、届出の対象となる電子証明書がありません。"))


def _likeliest(actions: Sequence[NextAction]) -> int:
    """The line of what can be started here; otherwise of the issue that only a state of the user stands against."""
    places = {action.transaction: place for place, action in enumerate(actions)}
    issues = [
        actions[places[wanted]]
        for wanted in (Transaction.RENEW, Transaction.REISSUE, Transaction.FIRST_ISSUE)
    ]
    for action in sorted(issues, key=lambda action: not action.allowed):
        if action.reason not in ANOTHER_ISSUE_INSTEAD:
            return places[action.transaction]
    return 0


def _actions_layout() -> Layout[NextAction]:
    return Layout(
        columns=(Column(_("取引"), 25), Column(_("可否"), 4), Column(_("理由"), 20, grows=True)),
        cells=lambda action: (
            f"{action.transaction}  {word(TRANSACTIONS, action.transaction)}",
            *action_state(action),
        ),
        key=lambda action: action.transaction,
        tone=lambda action: Tone.PLAIN if action.allowed else Tone.QUIET,
    )


def _certificates_layout() -> Layout[CertificateView]:
    return Layout(
        columns=(Column(_("状態"), 40, grows=True), Column(_("交付"), 14)),
        cells=lambda one: (certificate_text(one), delivery_text(one)),
        key=lambda one: one.serial,
        tone=lambda one: Tone.PLAIN if is_live(one) else Tone.QUIET,
    )


def _entry_facts(entry: TimelineEntry) -> tuple[tuple[str, str], ...]:
    return (
        (_("日時"), clock_text(entry.at)),
        (_("できごと"), word({**EVENTS, **LOCK_HISTORY}, entry.tag)),
        (_("番号"), entry.detail or "-"),
    )


def _timeline_layout() -> Layout[TimelineEntry]:
    return Layout(
        columns=(
            Column(_("日時"), CLOCK_CELLS),
            Column(_("できごと"), 20, grows=True),
            Column(_("番号"), 21),
        ),
        cells=lambda entry: (
            clock_text(entry.at),
            word({**EVENTS, **LOCK_HISTORY}, entry.tag),
            entry.detail,
        ),
        key=lambda entry: (entry.at, entry.tag, entry.detail),
    )

"""S221: one reception, from the form to the receipt, and what the journal tells of it."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Static

from kiosk.services.overview.inquiring import CaseDetail, CaseEvent
from kiosk.translations.catalog import N_, _
from screens import keys
from screens.base import counter_action
from screens.dates import clock_text
from screens.desk import DeskScreen
from screens.dialogs.facts import Facts
from screens.widgets.press import Press
from screens.widgets.text import plain
from screens.widgets.virtual_table import Column, Layout, Tone, VirtualTable
from screens.wording.cases import facts_of
from screens.wording.journal import OUTCOMES, event_text
from screens.words import word


class CaseRecord(DeskScreen):
    """Looks and changes nothing; the full journal is on 903 for those who may read it."""

    SCREEN_ID = "S221"
    SCREEN_NAME = N_("取引の詳細")
    FIRST = "#timeline"
    BINDINGS: ClassVar[list[BindingType]] = [keys.REFRESH, Binding("f12", "whole", N_("全文"))]

    def __init__(self, detail: CaseDetail) -> None:
        """`detail` was just read, and the look is in the journal."""
        super().__init__()
        self._detail = detail

    def compose_task(self) -> ComposeResult:
        """Facts, then the timeline."""
        detail = self._detail
        yield Static(
            plain(_("受付番号 {number}").format(number=detail.row.reception_no)), classes="panel-title"
        )
        yield VirtualTable(
            _facts_layout(),
            tuple(facts_of(detail)),
            help=_("受付から交付までの内容です。F12で、長い内容も全文を表示します。"),
            id="case-facts",
        )
        yield Static(plain(_("経過(古い順)")), classes="panel-title")
        yield VirtualTable(
            _timeline_layout(),
            detail.timeline,
            empty=_("操作記録はありません。"),
            help=_("この取引についての操作記録です。上下の矢印キーで続きを表示します。"),
            id="timeline",
        )
        with Horizontal(classes="buttons"):
            yield Press(_("全文"), id="whole")
            yield Press(_("前画面"), id="back")

    @counter_action
    async def action_refresh(self) -> None:
        """F5: as it is now."""
        self._detail = await self.perform(
            self.app.services.inquiries.detail, self.app.actor, self._detail.row.reception_no
        )
        self.query_one("#case-facts", VirtualTable).show(tuple(facts_of(self._detail)))
        self.query_one("#timeline", VirtualTable).show(self._detail.timeline)

    @on(Press.Pressed, "#whole")
    def action_whole(self) -> None:
        """F12: names and values in a window that wraps them."""
        self.app.push_screen(Facts(lambda: facts_of(self._detail)))


def _facts_layout() -> Layout[tuple[str, str]]:
    return Layout(
        columns=(Column(_("項目"), 22), Column(_("内容"), 40, grows=True)),
        cells=lambda fact: fact,
        key=lambda fact: fact,
    )


def _timeline_layout() -> Layout[CaseEvent]:
    return Layout(
        columns=(
            Column(_("日時"), 24),
            Column(_("できごと"), 18, grows=True),
            Column(_("結果"), 9),
            Column(_("係員"), 8),
            Column(_("承認者"), 8, spare=True),
            Column(_("端末"), 8, spare=True),
        ),
        cells=lambda event: (
            clock_text(event.at),
            event_text(event.tag),
            " ".join(filter(None, (word(OUTCOMES, event.outcome), event.code))),
            event.staff_id,
            event.approver,
            event.terminal,
        ),
        key=lambda event: (event.at, event.tag, event.outcome),
        tone=lambda event: Tone.PLAIN if event.outcome == "done" else Tone.ALERT,
    )

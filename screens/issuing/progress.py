"""S307, step 7: the certificate comes into being and goes onto the stick. No key works and no button exists (R-72)."""

import time
from functools import partial
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from kiosk.errors import IssueUnknown, KioskError, OutcomeUnknown
from kiosk.services.views import IssueStage
from kiosk.translations.catalog import N_, _
from screens.base import counter_action
from screens.issuing.draft import IssueDraft
from screens.issuing.step import IssueStep, Way
from screens.issuing.words import STAGES
from screens.widgets.prose import Prose
from screens.widgets.text import pad, plain


class Progress(IssueStep, inherit_bindings=False):
    """Signs when nothing is signed yet, then writes; the stages are shown with the seconds they take."""

    SCREEN_ID = "S307"
    SCREEN_NAME = N_("電子証明書発行中")
    STEP = 7
    LOCKS = False
    SHOWS_CARD = False
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, draft: IssueDraft, operation_id: str) -> None:
        super().__init__(draft)
        self._operation_id = operation_id
        self._stage: IssueStage | None = None if draft.ready is None else IssueStage.P12
        self._began = self._stage_began = time.monotonic()
        self.failure: KioskError | None = None
        """Why nothing was issued, or why it is not on the stick."""

    def compose_task(self) -> ComposeResult:
        """Sentence, stages, seconds."""
        yield Prose(
            _(
                "電子証明書を発行しています。そのままお待ちください。\n"
                "数十秒かかる場合があります。媒体を抜かないでください。"
            ),
            classes="calm",
        )
        yield Static(plain(self._lines()), id="stages")
        yield Static(plain(self._elapsed()), id="elapsed")

    def on_mount(self) -> None:
        """Begin at once."""
        self.set_interval(0.5, self._count)
        self.go_on()

    @counter_action
    async def go_on(self) -> None:
        """Issue and write. A stick that fails keeps the certificate in memory for another one (E-84)."""
        services, actor, draft = self.app.services, self.app.actor, self.draft
        progress = partial(self.app.call_from_thread, self.reach)
        try:
            if draft.issue_date is None or draft.stick is None:
                raise AssertionError("step 6 ended without having shown a day, or without a stick")
            if draft.ready is None:
                draft.ready = await self.perform(
                    services.issuing.sign,
                    actor,
                    draft.reception_no,
                    self._operation_id,
                    progress,
                    shown=draft.issue_date,
                )
            draft.delivered = await self.perform(
                services.delivering.deliver, actor, draft.ready, draft.stick, progress
            )
        except KioskError as failure:
            self.failure = failure
        except Exception as error:  # noqa: BLE001  # no key works here: whatever happens, somebody must get on
            self.app.report(error)
            self.failure = IssueUnknown() if draft.ready is None else OutcomeUnknown()
        self.answer(Way.ON)

    def reach(self, stage: IssueStage) -> None:
        """The work has come this far."""
        if stage is not self._stage:
            self._stage, self._stage_began = stage, time.monotonic()
        self._show_stages()

    def _show_stages(self) -> None:
        for lines in self.query("#stages").results(Static):
            lines.update(plain(self._lines()))

    def _count(self) -> None:
        self._show_stages()
        for line in self.query("#elapsed").results(Static):
            line.update(plain(self._elapsed()))

    def _elapsed(self) -> str:
        return _("(経過 {seconds}秒)").format(seconds=int(time.monotonic() - self._began))

    def _lines(self) -> str:
        order = list(STAGES)
        reached = -1 if self._stage is None else order.index(self._stage)
        names = [_(name) for name in STAGES.values()]
        width = max(map(cell_len, names)) + 4
        seconds = int(time.monotonic() - self._stage_began)
        running = _("実行中 {seconds}秒").format(seconds=seconds) if seconds else _("実行中")
        states = (_("済"), running, _("まだ"))
        return "\n".join(
            pad(name, width) + states[(place >= reached) + (place > reached)]
            for place, name in enumerate(names)
        )

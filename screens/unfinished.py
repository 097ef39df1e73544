"""S700: what was begun and not finished, each line with its one next action."""

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Button

from kiosk.rules.cases import CaseState
from kiosk.rules.deliveries import DeliveryState
from kiosk.rules.roles import Permission, may
from kiosk.services.views import NextStep, Undelivered
from kiosk.translations.catalog import N_, _
from screens.base import counter_action
from screens.dates import CLOCK_CELLS, clock_text
from screens.dialogs.confirm import Confirm
from screens.menu_openings import resume_journey
from screens.messages import CounterMessage, check, done
from screens.waiting_lines import WaitingLines
from screens.widgets.press import Press
from screens.widgets.prose import Prose
from screens.widgets.virtual_table import Column, Layout, Tone
from screens.wording.unfinished import (
    NEXT_STEPS,
    about,
    ended_without_reissue,
    facts_of,
    follow_ups_text,
    giving_up,
    nothing_to_hand_over,
    settling,
    state_text,
    voiding,
    who,
    without_reissue,
)
from screens.words import word

if TYPE_CHECKING:
    from kiosk.services.counter.settling import Settled


class Unfinished(WaitingLines[Undelivered]):
    """Undelivered certificates first, then receptions that were broken off."""

    SCREEN_ID = "S700"
    SCREEN_NAME = N_("未完了取引")
    FIRST = "#unfinished"
    ABOUT = "#about-line"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f4", "report", N_("媒体を渡せない")),
        Binding("f11", "void", N_("受付の取消")),
        Binding("f12", "go", N_("次の処理")),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._follow_ups = 0
        """Revocations by phone that wait for approval or paper; they have a list of their own."""
        self._away = False
        """A journey that began here is on top."""

    # --- looks -------------------------------------------------------------------------------------------------------

    def compose_task(self) -> ComposeResult:
        """The list, what the line means, buttons."""
        yield from self.compose_lines(
            _("上下の矢印キーで選ぶと、意味と次にすることが下に出ます。F12で処理を始めます。")
        )
        yield Prose(follow_ups_text(self._follow_ups), id="about-follow-ups", classes="-check")
        with Horizontal(classes="buttons"):
            yield Press(_("次の処理"), id="go", primary=True)
            yield Press(self._ending(), id="void", classes="-changes")
            yield Press(_("媒体を渡せない"), id="report")
            yield Press(_("前画面"), id="back")

    def layout_of_lines(self) -> Layout[Undelivered]:
        """Undelivered ones first."""
        return _layout()

    def when_empty(self) -> str:
        """What would stand here."""
        return _(
            "未完了の取引はありません。途中で中断した受付や、お客様へ渡していない媒体があると、ここに並びます。"
        )

    def explain_line(self, line: Undelivered) -> str:
        """What the line under the cursor means."""
        return about(line, self.app.actor.terminal.terminal_no)

    def _ending(self) -> str:
        """What F11 does to the line under the cursor."""
        line = self.line
        if line is not None and line.next_step is NextStep.REISSUE:
            return _("再発行せずに終了")
        return _("受付の取消")

    def _explain(self) -> None:
        super()._explain()
        self.query_one("#void", Press).say(self._ending())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """F4 and F11 are dimmed where there is nothing to report or to cancel."""
        step = None if self.line is None else self.line.next_step
        if action == "void" and step not in {NextStep.RESUME_OR_VOID, NextStep.REISSUE}:
            return None
        if action == "report" and step is not NextStep.HAND_OVER:
            return None
        return super().check_action(action, parameters)

    # --- reading -----------------------------------------------------------------------------------------------------

    def on_screen_resume(self) -> None:
        """A journey that began here has changed the list."""
        if self._away:
            self._away = False
            self.read_behind()

    async def fetch(self) -> tuple[Undelivered, ...]:
        """What was begun and not finished."""
        return await self.perform(self.app.services.handing_over.unfinished, self.app.actor)

    async def read(self) -> None:
        """The list, and how many revocations by phone wait in theirs."""
        await super().read()
        if may(self.app.actor.role, Permission.REVOKE):
            self._follow_ups = len(await self.perform(self.app.services.revoking.follow_ups, self.app.actor))
            self.query_one("#about-follow-ups", Prose).say(follow_ups_text(self._follow_ups))

    # --- doing -------------------------------------------------------------------------------------------------------

    @on(Button.Pressed, "#go")
    @counter_action
    async def action_go(self) -> None:
        """F12: the one next action of the line."""
        line = self.line
        if line is None:
            self.tell(_nothing_here)
            return
        match line.next_step:
            case NextStep.GIVE_UP:
                await self._give_up(line)
            case NextStep.RESTART:
                await self._settle(line)
            case NextStep.REVOKE_WITH_APPROVAL:
                self._revoke_with_approval(line, line.delivery)
            case _:
                if line.parked is not None:
                    await self.perform(self.app.services.parking.take_up, self.app.actor, line.reception_no)
                self._resume(line)

    def _resume(self, line: Undelivered) -> None:
        if line.case_state is CaseState.DELIVERED and line.next_step is not NextStep.HAND_OVER:
            self._revoke_with_approval(line, line.delivery)
            return
        self._away = True
        resume_journey(self.app, line.transaction or line.begun_as, line.reception_no)

    def _revoke_with_approval(self, line: Undelivered, outcome: DeliveryState | None) -> None:
        from screens.revoking.give_up import give_up_with_approval  # noqa: PLC0415  # loaded when it is needed

        self._away = True
        give_up_with_approval(self.app, line.reception_no, outcome or DeliveryState.VOIDED)

    @on(Button.Pressed, "#report")
    @counter_action
    async def action_report(self) -> None:
        """F4: a medium that cannot be handed over after all."""
        from screens.revoking.choose_outcome import ChooseOutcome  # noqa: PLC0415  # loaded when it is needed

        line = self.line
        if line is None or line.next_step is not NextStep.HAND_OVER:
            self.tell(nothing_to_hand_over)
            return
        outcome = await self.app.push_screen_wait(ChooseOutcome(list(facts_of(line))))
        if outcome is not None:
            self._revoke_with_approval(line, outcome)

    async def _settle(self, line: Undelivered) -> None:
        """The program of its own terminal settles it; a supervisor does it for one that does not come back (E-85)."""
        own = line.terminal_no == self.app.actor.terminal.terminal_no
        if own or not may(self.app.actor.role, Permission.APPROVE):
            self.tell(partial(_restart, line.terminal_no))
            return
        if not await self.app.push_screen_wait(Confirm(partial(settling, line))):
            return
        settled = await self.perform(self.app.services.settling.settle, self.app.actor, line.reception_no)
        await self.read()
        self.tell(partial(_settled, settled))

    async def _give_up(self, line: Undelivered) -> None:
        if not await self.app.push_screen_wait(Confirm(partial(giving_up, line))):
            return
        await self.perform(self.app.services.handing_over.give_up, self.app.actor, line.reception_no)
        await self.read()
        self.tell(partial(_given_up, line))

    @on(Button.Pressed, "#void")
    def void_pressed(self) -> None:
        """The button for the mouse."""
        self.action_void()

    @counter_action
    async def action_void(self) -> None:
        """F11: cancel a reception in which nothing was issued, or end a change of PC after its first act."""
        line = self.line
        if line is not None and line.next_step is NextStep.REISSUE:
            await self._finish_without_reissue(line)
            return
        if line is None or line.next_step is not NextStep.RESUME_OR_VOID:
            self.tell(_cannot_be_voided)
            return
        if not await self.app.push_screen_wait(Confirm(partial(voiding, line))):
            return
        await self.perform(
            self.app.services.casework.void,
            self.app.actor,
            line.reception_no,
            _("未完了取引の一覧から取消"),
        )
        await self.read()
        self.tell(partial(_voided, line))

    async def _finish_without_reissue(self, line: Undelivered) -> None:
        if not await self.app.push_screen_wait(Confirm(partial(without_reissue, line.reception_no))):
            return
        await self.perform(
            self.app.services.revoking.finish_without_reissue, self.app.actor, line.reception_no
        )
        await self.read()
        self.tell(partial(ended_without_reissue, line))


def _layout() -> Layout[Undelivered]:
    return Layout(
        columns=(
            Column(_("受付番号"), 20),
            Column(_("ユーザー"), 14, grows=True),
            Column(_("状態"), 16, spare=True),
            Column(_("受付日時"), CLOCK_CELLS, spare=True),
            Column(_("次にすること"), 18),
        ),
        cells=lambda line: (
            line.reception_no,
            who(line),
            state_text(line),
            clock_text(line.since),
            word(NEXT_STEPS, line.next_step),
        ),
        key=lambda line: line.reception_no,
        tone=lambda line: Tone.PLAIN if line.serial is None else Tone.ALERT,
    )


def _nothing_here() -> CounterMessage:
    return check("WM16", _("処理する取引がありません。"), _("F5で一覧を読み直してください。"))


def _restart(terminal_no: str) -> CounterMessage:
    return check(
        "WM17",
        _("この取引は、扱っていた端末{terminal}が処理します。").format(terminal=terminal_no),
        _("端末{terminal}のプログラムを起動し直してください。").format(terminal=terminal_no),
    )


def _settled(settled: "Settled") -> CounterMessage:
    return done(
        "IM15",
        _("端末{terminal}の取引を終了しました。(取消{voided}件、失効{revoked}件)").format(
            terminal=settled.terminal_no, voided=len(settled.voided), revoked=len(settled.revoked)
        ),
        _("お客様には、もう一度受付からご案内してください。"),
    )


def _cannot_be_voided() -> CounterMessage:
    return check(
        "WM18",
        _("取り消せるのは、まだ何も発行していない受付だけです。"),
        _("発行済の取引は「次の処理」で終了してください。"),
    )


def _given_up(line: Undelivered) -> CounterMessage:
    return done(
        "IM13",
        _("受付{number}の電子証明書を失効し、取引を終了しました。").format(number=line.reception_no),
        _("お客様へのお渡しには「103 再発行」の受付を行ってください。"),
    )


def _voided(line: Undelivered) -> CounterMessage:
    return done("IM14", _("受付{number}を取り消しました。").format(number=line.reception_no))

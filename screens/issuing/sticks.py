"""Which stick: what is plugged in now, kept up to date while the screen stands."""

from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from kiosk.errors import StickRemoved
from kiosk.translations.catalog import N_, _
from screens.app import KioskApp
from screens.hardening import Enduring
from screens.issuing.words import simulated_text
from screens.widgets.lines import ChoiceLines
from screens.widgets.text import plain

if TYPE_CHECKING:
    from kiosk.services.delivering import Stick, StickRef

REFUSALS = {
    "not_empty": N_("ファイルが残っています"),
    "write_protected": N_("書込禁止です"),
    "no_medium": N_("媒体が入っていません"),
    "in_use": N_("書込み中です"),
    "blocked_by_policy": N_("読み取る権限がありません"),
}
MEGABYTE = 1_000_000
GIGABYTE = 1_000 * MEGABYTE


class StickList(Enduring, Vertical):
    """The sticks in the ports; the marked one is meant.

    A single usable stick is marked by itself. Of several none is, because the wrong one would carry somebody else's
    medium number; and a stick that goes away is never replaced by another one.
    """

    class Chosen(Message):
        """The mark moved."""

        def __init__(self, ref: "StickRef | None") -> None:
            super().__init__()
            self.ref = ref

    def __init__(self, chosen: "StickRef | None" = None, *, alone: bool = True) -> None:
        """`chosen` is marked as long as it is there; `alone` marks a single usable stick by itself."""
        super().__init__(id="sticks")
        self._chosen = chosen
        self._alone = alone
        self._listed: tuple[Stick, ...] = ()
        self._looked = False

    def compose(self) -> ComposeResult:
        """List and note."""
        yield ChoiceLines(id="stick-list")
        yield Static(plain(""), id="stick-note", classes="quiet")

    def on_mount(self) -> None:
        """Look, and go on looking."""
        self._show(())
        self.run_worker(self._watch(), group="sticks", exit_on_error=False)

    async def _watch(self) -> None:
        app = self.app
        if isinstance(app, KioskApp):
            async for sticks in app.services.delivering.watch_sticks():
                self._looked = True
                self._show(sticks)

    @property
    def chosen(self) -> "StickRef":
        """The stick that is meant. Raises `StickRemoved` when none is, or the one that was meant is gone."""
        place = self.query_one(ChoiceLines).highlighted
        if place is None or place >= len(self._listed):
            raise StickRemoved
        return self._listed[place].ref

    def _show(self, sticks: "tuple[Stick, ...]") -> None:
        listed = self.query_one(ChoiceLines)
        with listed.prevent(OptionList.OptionHighlighted):
            self._listed = sticks
            listed.clear_options()
            listed.add_options([Option(plain(line_of(stick))) for stick in sticks])
            listed.highlighted = self._place()
        listed.display = bool(sticks)
        note = ""
        if self._looked and not sticks:
            note = _("USB媒体が見つかりません。差し込んでください。")
        elif sticks and listed.highlighted is None:
            note = _("書き込む媒体を、上下の矢印キーかクリックで選んでください。")
        self._note(note)
        if listed.highlighted is not None:
            self._remember(listed.highlighted)

    def _place(self) -> int | None:
        refs = [stick.ref for stick in self._listed]
        if self._chosen is not None:
            return refs.index(self._chosen) if self._chosen in refs else None
        usable = [place for place, stick in enumerate(self._listed) if stick.refusal is None]
        return usable[0] if self._alone and len(usable) == 1 else None

    @on(OptionList.OptionHighlighted, "#stick-list")
    def marked(self, event: OptionList.OptionHighlighted) -> None:
        """Arrow keys or a click move the mark."""
        event.stop()
        self._note("")
        self._remember(event.option_index)

    @on(OptionList.OptionSelected, "#stick-list")
    def taken(self, event: OptionList.OptionSelected) -> None:
        """Enter on the line goes on to the next field."""
        event.stop()
        self.screen.focus_next()

    def _remember(self, place: int) -> None:
        if place < len(self._listed):
            self._chosen = self._listed[place].ref
            self.post_message(self.Chosen(self._chosen))

    def _note(self, note: str) -> None:
        line = self.query_one("#stick-note", Static)
        line.update(plain(note))
        line.display = bool(note)


def line_of(stick: "Stick") -> str:
    """Label, maker, size, and why it cannot be used; the texts of a stick are already safe to show."""
    size = stick.size // GIGABYTE
    parts = [
        stick.label or "-",
        f"{stick.vendor} {stick.model}".strip(),
        f"{size:,} GB" if size else f"{stick.size // MEGABYTE} MB",
        simulated_text() if stick.simulated else "",
    ]
    if stick.refusal is not None:
        why = REFUSALS.get(stick.refusal)
        reason = _(why) if why else _("この媒体には書き込めません")
        parts.append(_("使用できません: {reason}").format(reason=reason))
    return "  ".join(filter(None, parts))

"""Which stick: what is plugged in now, kept up to date while the screen stands."""

import asyncio
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from kiosk.errors import BadInput, KioskError, MediaUnavailable, StickRemoved
from kiosk.translations.catalog import _
from screens.app import KioskApp
from screens.explaining import explain
from screens.field_problems import NOT_CHOSEN
from screens.hardening import Enduring
from screens.issuing.words import simulated_text
from screens.messages import CONTACT
from screens.widgets.lines import ChoiceOrClosed
from screens.widgets.text import plain
from screens.wording.sticks import REASONS, WHAT_TO_DO

if TYPE_CHECKING:
    from kiosk.services.counter.delivering import Stick, StickRef

MEGABYTE = 1_000_000
GIGABYTE = 1_000 * MEGABYTE


class StickList(Enduring, Vertical):
    """The sticks in the ports; the marked one is meant.

    A single usable stick is marked by itself. Of several none is, because the wrong one would carry somebody else's
    medium number; and a stick that goes away is never replaced by another one. One that cannot be used stands there
    with the reason and what to do, and cannot be marked.
    """

    class Chosen(Message):
        """The mark moved."""

        def __init__(self, ref: "StickRef | None") -> None:
            super().__init__()
            self.ref = ref

    def __init__(
        self, chosen: "StickRef | None" = None, *, alone: bool = True, with_files: bool = False
    ) -> None:
        """`chosen` is marked as long as it is there; `alone` marks a single usable stick by itself.

        `with_files` lets a stick be marked that holds files: the one that is looked for may be ours.
        """
        super().__init__(id="sticks")
        self._with_files = with_files
        self._chosen = chosen
        self._alone = alone
        self._listed: tuple[Stick, ...] = ()
        self._looked = False

    def compose(self) -> ComposeResult:
        """List and note."""
        yield ChoiceOrClosed(id="stick-list")
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
        """The stick that is meant.

        Raises `StickRemoved` when none is there, or the one that was meant is gone; why it cannot be used any more when
        it is still there; where none was ever meant because none that is plugged in can be used, why the first of them
        cannot; `BadInput` where the choice is still open.
        """
        ref = self._marked
        if ref is None:
            raise self._why_none() or StickRemoved()
        return ref

    async def meant(self) -> "StickRef":
        """`chosen`, for the moment it is used; raises `MediaUnavailable`, too, where the terminal knows of no port."""
        if not self._listed and isinstance(self.app, KioskApp):
            await asyncio.to_thread(self.app.services.delivering.sticks)
        return self.chosen

    @property
    def _marked(self) -> "StickRef | None":
        place = self.query_one(ChoiceOrClosed).highlighted
        return self._listed[place].ref if place is not None and place < len(self._listed) else None

    def _why_none(self) -> KioskError | None:
        app = self.app
        if not self._listed or not isinstance(app, KioskApp):
            return None
        if self._chosen is not None:
            meant = next((stick for stick in self._listed if stick.ref == self._chosen), None)
            return None if meant is None else app.services.delivering.refusal_of(meant)
        if self._usable:
            return BadInput(field="stick-list", problem=NOT_CHOSEN)
        return app.services.delivering.refusal_of(self._listed[0])

    @property
    def _usable(self) -> list[int]:
        return [place for place, stick in enumerate(self._listed) if self._may_be_marked(stick)]

    def _may_be_marked(self, stick: "Stick") -> bool:
        if stick.refusal == "not_empty":
            return self._with_files or bool(stick.leftover)
        return stick.refusal is None

    def _show(self, sticks: "tuple[Stick, ...]") -> None:
        listed = self.query_one(ChoiceOrClosed)
        with listed.prevent(OptionList.OptionHighlighted):
            self._chosen = self._marked or self._chosen  # the mark may have moved a moment ago
            self._listed = sticks
            listed.clear_options()
            contact = self.app.contact if isinstance(self.app, KioskApp) else ""
            listed.add_options(
                [
                    Option(plain(lines_of(stick, contact)), disabled=not self._may_be_marked(stick))
                    for stick in sticks
                ]
            )
            listed.highlighted = self._place()
        listed.display = bool(sticks)
        note = ""
        if self._looked and not sticks:
            note = _("USB媒体が見つかりません。差し込んでください。")
        elif sticks and not self._usable:
            note = _("使用できる媒体がありません。")
        elif sticks and listed.highlighted is None:
            note = _("書き込む媒体を、上下の矢印キーかクリックで選んでください。")
        self._note(note)
        if self._marked is not None:
            self._remember(self._marked)
        if self._looked and not sticks:
            self.run_worker(self._ask_why_none(), group="none", exclusive=True, exit_on_error=False)

    async def _ask_why_none(self) -> None:
        """No stick is one thing; a terminal that cannot know of any is another, and no stick's fault."""
        app = self.app
        if isinstance(app, KioskApp):
            try:
                await asyncio.to_thread(app.services.delivering.sticks)
            except MediaUnavailable as unavailable:
                if not self._listed:
                    self._note(explain(unavailable).naming(app.contact).body)

    def _place(self) -> int | None:
        usable = self._usable
        if self._chosen is not None:
            return next((place for place in usable if self._listed[place].ref == self._chosen), None)
        return usable[0] if self._alone and len(usable) == 1 else None

    @on(OptionList.OptionHighlighted, "#stick-list")
    def marked(self, event: OptionList.OptionHighlighted) -> None:
        """Arrow keys or a click move the mark."""
        event.stop()
        self._note("")
        ref = self._marked  # the list may be another one since: what counts is where the mark is now
        if ref is not None:
            self._remember(ref)

    @on(OptionList.OptionSelected, "#stick-list")
    def taken(self, event: OptionList.OptionSelected) -> None:
        """Enter on the line goes on to the next field."""
        event.stop()
        self.screen.focus_next()

    def _remember(self, ref: "StickRef") -> None:
        self._chosen = ref
        self.post_message(self.Chosen(ref))

    def _note(self, note: str) -> None:
        line = self.query_one("#stick-note", Static)
        line.update(plain(note))
        line.display = bool(note)


def lines_of(stick: "Stick", contact: str) -> str:
    """Label, maker, size; below it why it cannot be used, and what to do. Texts of a stick are already safe to show."""
    size = stick.size // GIGABYTE
    parts = [
        stick.label or "-",
        f"{stick.vendor} {stick.model}".strip(),
        stick.serial_tail,
        f"{size:,} GB" if size else f"{stick.size // MEGABYTE} MB" if stick.size else "",
        simulated_text() if stick.simulated else "",
    ]
    if stick.leftover and stick.refusal in {None, "not_empty"}:
        to_do = _("書きかけのファイルが残っているかもしれません。進むと確かめます。")
        return "  ".join(filter(None, parts)) + f"\n{to_do}"
    if stick.refusal is None:
        return "  ".join(filter(None, parts))
    reason = _("使用できません: {reason}").format(reason=_(REASONS[stick.refusal]))
    to_do = _(WHAT_TO_DO[stick.refusal]).replace(CONTACT, contact)
    return "  ".join([*filter(None, parts), reason]) + f"\n{to_do}"

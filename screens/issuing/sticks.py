"""Which stick: what is plugged in now, kept up to date while the screen stands."""

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from kiosk.errors import StickRemoved
from kiosk.translations.catalog import N_, _
from screens.app import KioskApp
from screens.hardening import Enduring
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


class StickList(Enduring, Vertical):
    """The sticks in the ports; the marked one is meant. A stick that goes away is never replaced by another one."""

    def __init__(self, chosen: "StickRef | None" = None, *, id: str = "sticks") -> None:  # noqa: A002  # Textual's word
        super().__init__(id=id)
        self._sticks: tuple[Stick, ...] = ()
        self._chosen = chosen
        self._looked = False

    def compose(self) -> ComposeResult:
        """List and note."""
        yield OptionList(id="stick-list")
        yield Static(plain(""), id="stick-note", classes="quiet")

    def on_mount(self) -> None:
        """Look, and go on looking."""
        self._show()
        self.run_worker(self._watch(), group="sticks", exit_on_error=False)

    async def _watch(self) -> None:
        app = self.app
        if not isinstance(app, KioskApp):
            return
        async for sticks in app.services.delivering.watch_sticks():
            self._sticks, self._looked = sticks, True
            self._show()

    @property
    def chosen(self) -> "StickRef":
        """The stick that is meant. Raises `StickRemoved` when there is none, or the one that was meant is gone."""
        place = self.query_one("#stick-list", OptionList).highlighted
        if place is None or place >= len(self._sticks):
            raise StickRemoved
        return self._sticks[place].ref

    def _show(self) -> None:
        listed = self.query_one("#stick-list", OptionList)
        if listed.highlighted is not None and listed.highlighted < len(self._shown):
            self._chosen = self._shown[listed.highlighted].ref
        self._shown = self._sticks
        listed.clear_options()
        listed.add_options([Option(plain(_line(stick))) for stick in self._sticks])
        listed.highlighted = self._place()
        listed.display = bool(self._sticks)
        note = "" if self._sticks or not self._looked else _("USB媒体が見つかりません。差し込んでください。")
        self.query_one("#stick-note", Static).update(plain(note))
        self.query_one("#stick-note").display = bool(note)

    def _place(self) -> int | None:
        refs = [stick.ref for stick in self._sticks]
        if self._chosen in refs:
            return refs.index(self._chosen)
        usable = [place for place, stick in enumerate(self._sticks) if stick.refusal is None]
        return usable[0] if len(usable) == 1 and self._chosen is None else None

    _shown: "tuple[Stick, ...]" = ()


def _line(stick: "Stick") -> str:
    parts = [stick.label or "-"]
    if stick.vendor or stick.model:
        parts.append(f"{stick.vendor} {stick.model}".strip())
    parts.append(_("{size}MB").format(size=f"{stick.size // MEGABYTE:,}"))
    if stick.simulated:
        parts.append(_("SIMULATED(模擬媒体)"))
    if stick.refusal is not None:
        why = REFUSALS.get(stick.refusal)
        parts.append(
            _("使用できません: {reason}").format(reason=_(why) if why else _("この媒体には書き込めません"))
        )
    return "  ".join(parts)

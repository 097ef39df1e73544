"""What the lists of waiting things share: read behind the screen, the line under the cursor explained, F12 for it."""

from abc import abstractmethod
from typing import ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.worker import Worker

from kiosk.translations.catalog import _
from screens import keys
from screens.desk import DeskScreen
from screens.widgets.prose import Prose
from screens.widgets.virtual_table import Layout, VirtualTable

Line = TypeVar("Line")


class WaitingLines(DeskScreen, Generic[Line]):
    """One list that somebody goes through line by line; `FIRST` selects it, `ABOUT` what explains a line."""

    ABOUT: ClassVar[str]
    BINDINGS: ClassVar[list[BindingType]] = [keys.REFRESH]

    def __init__(self) -> None:
        super().__init__()
        self._lines: tuple[Line, ...] | None = None
        """None before the first answer."""

    # --- what each list says for itself ------------------------------------------------------------------------------

    @abstractmethod
    def layout_of_lines(self) -> Layout[Line]:
        """Columns and cells."""

    @abstractmethod
    def when_empty(self) -> str:
        """What would stand here."""

    @abstractmethod
    def explain_line(self, line: Line) -> str:
        """What a line means, below the list."""

    @abstractmethod
    async def fetch(self) -> tuple[Line, ...]:
        """The lines as they are now."""

    @abstractmethod
    def action_go(self) -> Worker[None]:
        """F12: the next thing for the line under the cursor."""

    # --- looks -------------------------------------------------------------------------------------------------------

    def compose_lines(self, help_text: str) -> ComposeResult:
        """The list and the explanation; F1 on the list says `help_text`."""
        yield VirtualTable(
            self.layout_of_lines(),
            self._lines or (),
            empty=self._why_empty(),
            help=help_text,
            id=self.FIRST.removeprefix("#"),
        )
        yield Prose(self._about(), id=self.ABOUT.removeprefix("#"))

    def _why_empty(self) -> str:
        return _("読み込んでいます。") if self._lines is None else self.when_empty()

    def _about(self) -> str:
        line = self.line
        return "" if line is None else self.explain_line(line)

    @property
    def _table(self) -> VirtualTable[Line]:
        return self.query_one(self.FIRST, VirtualTable)

    @property
    def line(self) -> Line | None:
        """What the cursor stands on."""
        return self._table.row if self.is_mounted and self.query(self.FIRST) else None

    @on(VirtualTable.Moved)
    def another_line(self, event: VirtualTable.Moved) -> None:
        """Explain the line under the cursor, and show which keys it allows."""
        event.stop()
        self._explain()
        self.refresh_bindings()

    def after_recompose(self) -> None:
        """What depends on the cursor."""
        self._explain()

    def _explain(self) -> None:
        self.query_one(self.ABOUT, Prose).say(self._about())

    # --- reading -----------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Read the list."""
        self.read_behind()

    def action_refresh(self) -> None:
        """F5: read the list again; the cursor stays with its line."""
        self.be_quiet()
        self.read_behind()

    def read_behind(self) -> None:
        """Read the list while the screen can be used; of two readings the later one counts."""
        self.run_worker(self.read(), group="reading", exclusive=True, exit_on_error=False)

    async def read(self) -> None:
        """Read and show the list."""
        self._lines = await self.fetch()
        self._table.show(self._lines, empty=self._why_empty())
        self._explain()

    @on(VirtualTable.Chosen)
    def line_chosen(self, event: VirtualTable.Chosen) -> None:
        """Enter on a line is F12."""
        event.stop()
        self.action_go()

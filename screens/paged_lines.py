"""What the long lists share: they are read page by page, and some are searched by what stands in fields above them."""

from abc import abstractmethod
from collections.abc import Iterable
from datetime import date
from typing import ClassVar, Generic, TypeVar

from textual import on
from textual.widgets import Input
from textual.worker import Worker

from kiosk.errors import BadInput
from kiosk.rules.credentials import check_user_id
from kiosk.rules.validity import jst_date
from kiosk.translations.catalog import _
from screens.desk import DeskScreen
from screens.field_problems import WANTED_USER_ID
from screens.typed_days import read_day
from screens.widgets.field import Field
from screens.widgets.virtual_table import VirtualTable

Line = TypeVar("Line")
Place = TypeVar("Place")
"""What names the last line of a page, so that the next one begins behind it."""


class PagedLines(DeskScreen, Generic[Line, Place]):
    """One list, longer than anybody reads; `TABLE` selects it."""

    TABLE: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[Line, ...] | None = None
        """None before the first answer."""
        self._next: Place | None = None
        """Behind which line there are more."""

    @abstractmethod
    async def fetch(self, behind: Place | None) -> tuple[tuple[Line, ...], Place | None]:
        """The first page, or the one behind a place; and the place behind which there are more."""

    @abstractmethod
    def when_empty(self) -> str:
        """Said where no line stands."""

    def _why_empty(self) -> str:
        return _("読み込んでいます。") if self._rows is None else self.when_empty()

    @property
    def _table(self) -> VirtualTable[Line]:
        return self.query_one(self.TABLE, VirtualTable)

    async def read(self) -> None:
        """The first page anew; the cursor stays with its line."""
        self._rows, self._next = await self.fetch(None)
        self._table.show(self._rows, empty=self._why_empty(), more=self._next is not None)

    def read_behind(self) -> None:
        """Read while the screen can be used; of two readings the later one counts."""
        self.run_worker(self.read(), group="reading", exclusive=True, exit_on_error=False)

    @on(VirtualTable.Wanting)
    def near_the_end(self, event: VirtualTable.Wanting) -> None:
        """Fetch the next page before the cursor gets there."""
        event.stop()
        self.run_worker(self._read_on(), group="reading", exclusive=True, exit_on_error=False)

    async def _read_on(self) -> None:
        more, self._next = await self.fetch(self._next)
        self._rows = (*(self._rows or ()), *more)
        self._table.show(self._rows, more=self._next is not None)


class SearchedLines(PagedLines[Line, Place]):
    """The same with fields above: Enter in any of them is F12."""

    @abstractmethod
    def action_go(self) -> Worker[None]:
        """F12: look for what the fields say."""

    @on(Input.Submitted)
    def enter_searches(self, event: Input.Submitted) -> None:
        """Enter in any field is F12."""
        event.stop()
        event.prevent_default()
        self.action_go()

    def typed(self, names: Iterable[str]) -> dict[str, str]:
        """What stands in these fields. Raises `BadInput` for a user ID that nobody can have."""
        texts = {name: self.query_one(f"#{name}", Field).value.strip() for name in names}
        wanted = texts.get("user_id", "")
        problem = check_user_id(wanted) if wanted else None
        if problem is not None:
            raise BadInput(field=WANTED_USER_ID, problem=problem)
        return texts

    def typed_day(self) -> date | None:
        """The day in `#day`; None when it is empty. Raises `BadInput`."""
        return read_day(self.query_one("#day", Field).value, jst_date(self.app.clock.now()))

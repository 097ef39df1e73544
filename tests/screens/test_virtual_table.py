"""Long lists: only what is seen is drawn, the cursor stays with its row, nothing is read as markup."""

import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, overload

import pytest
from rich.cells import cell_len
from textual.app import ComposeResult

from kiosk.translations.catalog import Language, _, use
from screens.base import KioskScreen
from screens.widgets.virtual_table import Column, Layout, Tone, VirtualTable
from tests.support.drivers.counter import SMALL_WINDOW, at_the_counter
from tests.support.shell import a_kiosk


class Numbers(Sequence[int]):
    """As many rows as wanted, made when they are looked at."""

    def __init__(self, count: int) -> None:
        self.length = count
        self.seen: set[int] = set()

    def __len__(self) -> int:
        return self.length

    @overload
    def __getitem__(self, at: int) -> int: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[int]: ...
    def __getitem__(self, at: int | slice) -> int | Sequence[int]:
        if isinstance(at, slice):
            return range(self.length)[at]
        self.seen.add(at)
        return at


class Listed(KioskScreen[None]):
    """One table and what it told."""

    CSS_PATH = "../../screens/styles/desk.tcss"
    SCREEN_ID = "S998"
    SCREEN_NAME = "一覧"
    AUTO_FOCUS = "#table"
    TEXTS: ClassVar[dict[int, str]] = {}

    def __init__(
        self, rows: Sequence[int] = (), *, texts: dict[int, str] | None = None, more: bool = False
    ) -> None:
        super().__init__()
        self.rows, self.texts, self.more = rows, texts or {}, more
        self.chosen: list[int] = []
        self.wanted = 0

    def compose_task(self) -> ComposeResult:
        layout: Layout[int] = Layout(
            columns=(
                Column("番号", 9),
                Column("氏名", 12, grows=True),
                Column("備考", 8, spare=True),
            ),
            cells=lambda row: (f"{row:,}", self.texts.get(row, f"氏名{row}"), "備考"),
            key=lambda row: row,
            tone=lambda row: Tone.ALERT if row == 3 else Tone.PLAIN,
        )
        yield VirtualTable(
            layout,
            self.rows,
            empty="何もありません。追加してください。",
            click_chooses=True,
            more=self.more,
            id="table",
        )

    @property
    def table(self) -> VirtualTable[int]:
        return self.query_one("#table", VirtualTable)

    def on_virtual_table_chosen(self, event: VirtualTable.Chosen) -> None:
        self.chosen.append(event.table.row or 0)

    def on_virtual_table_wanting(self, event: VirtualTable.Wanting) -> None:
        self.wanted += 1


async def test_a_million_rows_open_as_ten_do_and_only_what_is_seen_is_made() -> None:
    rows = Numbers(1_000_000)
    screen = Listed(rows)
    async with at_the_counter(a_kiosk(lambda: screen)) as person:
        await person.sees("氏名0")
        began = time.process_time()
        await person.presses("end")
        await person.sees("氏名999999")
        await person.presses("pageup", "home", "pagedown")
        assert time.process_time() - began < 2
        assert len(rows.seen) < 400


async def test_keys_and_mouse_move_and_choose() -> None:
    screen = Listed(range(100))
    async with at_the_counter(a_kiosk(lambda: screen)) as person:
        await person.presses("down", "down", "up", "enter")
        assert screen.chosen == [1]
        await person.clicks("氏名5")
        assert screen.chosen == [1, 5]
        await person.presses("pagedown", "enter")
        assert screen.chosen[-1] > 20
        await person.presses("end", "down", "enter")
        assert screen.chosen[-1] == 99
        await person.presses("home", "up", "enter")
        assert screen.chosen[-1] == 0


async def test_the_row_under_the_cursor_is_marked_and_not_only_coloured() -> None:
    async with at_the_counter(a_kiosk(lambda: Listed(range(5)))) as person:
        await person.presses("down")
        assert [line.strip().split()[0] for line in person.glass if "氏名1" in line] == [">1"]
        person.app.screen.set_focus(None)
        await person.sees("|1")


async def test_the_cursor_stays_in_sight_when_the_window_shrinks() -> None:
    screen = Listed(range(100))
    async with at_the_counter(a_kiosk(lambda: screen)) as person:
        await person.presses(*["down"] * 20)
        await person.resizes(*SMALL_WINDOW)
        await person.sees("氏名20")


async def test_rows_read_again_leave_the_cursor_on_its_row() -> None:
    screen = Listed([1, 2, 3, 4])
    async with at_the_counter(a_kiosk(lambda: screen)) as person:
        await person.presses("down", "down")
        assert screen.table.row == 3
        screen.table.show([9, 8, 1, 2, 3, 4])
        assert screen.table.row == 3
        screen.table.show([1, 2, 4])
        assert screen.table.row == 4
        screen.table.show([1])
        assert screen.table.row == 1
        screen.table.show([])
        await person.sees("何もありません。追加してください。")
        await person.presses("enter", "down", "end", "pageup")
        assert screen.chosen == []


async def test_the_other_language_leaves_the_cursor_where_it_is() -> None:
    screen = Listed(range(50))
    async with at_the_counter(a_kiosk(lambda: screen)) as person:
        await person.presses(*["down"] * 7)
        await person.presses("ctrl+l")
        await person.sees("氏名7")
        assert screen.table.row == 7


async def test_more_rows_are_asked_for_once_and_in_time() -> None:
    screen = Listed(list(range(100)), more=True)
    async with at_the_counter(a_kiosk(lambda: screen)) as person:
        await person.presses("pagedown")
        assert screen.wanted == 0
        await person.presses("end", "up", "down")
        assert screen.wanted == 1
        screen.table.show(list(range(200)), more=True)
        await person.presses("end")
        assert screen.wanted == 2


@pytest.mark.rule("I-19")
async def test_hostile_and_wide_texts_keep_their_column() -> None:
    texts = {
        0: "[@click=app.quit]押[/]",
        1: "\x1b]52;c;QQ==\x07\u202e反対",
        2: "髙﨑𠮷田ｶﾞﾗﾊﾞｰ" * 20,
        3: "葛\U000e0100城",
    }
    screen = Listed(range(4), texts=texts)
    async with at_the_counter(a_kiosk(lambda: screen)) as person:
        await person.sees("[@click=app.quit]押[/]")
        await person.clicks("押[/]")
        lines = [line for line in person.glass if line.rstrip().endswith("備考")]
        assert len(lines) == 5
        assert len({cell_len(line[: line.index("備考")]) for line in lines}) == 1
        assert not any(character in "".join(lines) for character in "\x1b\u202e")


async def test_a_narrow_window_leaves_spare_columns_out() -> None:
    screen = Listed(range(4))
    async with at_the_counter(a_kiosk(lambda: screen), SMALL_WINDOW) as person:
        await person.sees("氏名3")
        assert not person.shows("備考")


def test_the_title_of_every_column_fits_in_both_languages() -> None:
    cut = []
    for source in sorted((Path(__file__).resolve().parents[2] / "screens").rglob("*.py")):
        for title, cells in re.findall(
            r'Column\(_\("([^"]+)"\), (\d+)\b(?!, grows)', source.read_text(encoding="utf-8")
        ):
            for language in Language:
                use(language)
                if cell_len(_(title)) > int(cells):
                    cut.append(f"{source.name}: {_(title)} in {cells} cells")
    use(Language.JAPANESE)
    assert not cut

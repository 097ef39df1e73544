"""Text on its way to the screen: measured in cells, broken as Japanese typesetting does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from screens.widgets.text import NOT_AT_END, NOT_AT_START, cut, pad, wrap


@pytest.mark.parametrize(
    ("text", "cells", "lines"),
    [
        ("ロックしました。", 14, ["ロックしまし", "た。"]),
        ("押してください「次へ」", 16, ["押してください", "「次へ」"]),
        ("更新はWindowsで行います。", 12, ["更新は", "Windowsで行", "います。"]),
        ("一行目\n二行目", 40, ["一行目", "二行目"]),
        ("a b c", 3, ["a b", "c"]),
        ("", 10, [""]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("更新できます(期限 2026年3月22日)", 30, ["更新できます(期限", "2026年3月22日)"]),
        ("発行日 2025年3月22日", 18, ["発行日", "2025年3月22日"]),
        ("解除は10時15分です。", 12, ["解除は", "10時15分で", "す。"]),
        ("2026年3月22日", 8, ["2026年3", "月22日"]),
        ("9 )999", 4, ["9", ")999"]),
        ("ああ)999", 4, ["ああ", ")999"]),
    ],
)
def test_lines_break_where_japanese_may_break(text: str, cells: int, lines: list[str]) -> None:
    assert wrap(text, cells) == lines


JAPANESE = st.text(alphabet="あいうカナ漢字、。「」()ー  aZ9ｶﾞ𠮷", max_size=60)


@given(JAPANESE, st.integers(4, 30))
def test_wrapping_loses_nothing_but_blanks_and_fits(text: str, cells: int) -> None:
    lines = wrap(text, cells)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert max(map(cell_len, lines)) <= cells


@given(st.text(alphabet="あいうカナ漢字、。「」aZ9", min_size=1, max_size=60), st.integers(12, 30))
def test_no_line_begins_with_a_full_stop_or_ends_with_an_opening_bracket(text: str, cells: int) -> None:
    calm = "".join(
        character
        for character, before in zip(text, " " + text, strict=False)
        if not ({character, before} <= NOT_AT_START | NOT_AT_END)
    )
    for first, second in zip(wrap(calm, cells), wrap(calm, cells)[1:], strict=False):
        assert first[-1] not in NOT_AT_END
        assert second[0] not in NOT_AT_START


@given(st.text(max_size=40), st.integers(1, 30))
def test_cutting_never_halves_a_character(text: str, cells: int) -> None:
    assert cell_len(cut(text, cells)) <= cells


@pytest.mark.parametrize(
    ("text", "cells", "expected"),
    [
        ("労働組合", 5, "労働~"),
        ("労働組合", 8, "労働組合"),
        ("abc", 5, "abc"),
        ("労働", 1, "~"),
        ("労", 0, ""),
    ],
)
def test_what_was_cut_shows_that_it_was(text: str, cells: int, expected: str) -> None:
    assert cut(text, cells) == expected


def test_padding_fills_cells_not_characters() -> None:
    assert pad("労金", 6) == "労金  "
    assert cell_len(pad("労働組合連合会", 9)) == 9

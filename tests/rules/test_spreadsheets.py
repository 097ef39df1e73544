"""No cell of a saved list is ever computed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.rules.spreadsheets import FORMULA_STARTS, begins_formula, safe_cell


def test_a_formula_begins_with_one_of_few_characters_as_wide_as_an_input_method_makes_them() -> None:
    assert frozenset("=+-@＝＋－＠\t\r\n") == FORMULA_STARTS


@pytest.mark.parametrize("start", sorted(FORMULA_STARTS))
def test_whatever_a_formula_begins_with_is_kept_from_beginning_one(start: str) -> None:
    assert safe_cell(f"{start}HYPERLINK(A1)").startswith("'")


@pytest.mark.parametrize("blank", [" ", "\u3000", " \u3000 "])
@pytest.mark.parametrize("start", sorted(FORMULA_STARTS))
def test_blanks_in_front_hide_no_formula(blank: str, start: str) -> None:
    assert begins_formula(blank + start)
    assert safe_cell(f"{blank}{start}HYPERLINK(A1)").startswith("'")


def test_a_character_that_is_never_shown_hides_no_formula() -> None:
    """What is left when it is dropped begins one: at once, or behind a blank."""
    assert safe_cell("\u200b=HYPERLINK(A1)") == "'=HYPERLINK(A1)"
    assert safe_cell("\u200b =HYPERLINK(A1)") == "' =HYPERLINK(A1)"


@pytest.mark.parametrize("text", ["訓練 太郎", "tanaka01", "2026-03-02", "10", "", "a=b", "o'clock", "X=1"])
def test_an_ordinary_text_stays_as_it_is(text: str) -> None:
    assert safe_cell(text) == text


@given(st.text())
def test_no_text_at_all_begins_a_formula(text: str) -> None:
    assert safe_cell(text).lstrip(" \u3000")[:1] not in FORMULA_STARTS


@given(st.text())
def test_a_cell_holds_nothing_that_breaks_a_line(text: str) -> None:
    assert not set(safe_cell(text)) & set("\r\n\t\x00\x1b")

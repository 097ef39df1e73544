"""Texts that a spreadsheet program must show and never compute.

Excel and its like take a cell that begins with one of a few characters for a formula, and a formula can send what
stands in the other cells to a stranger. Names come from outside, so every cell passes through here.
"""

from kiosk.rules.texts import displayable

FORMULA_STARTS = frozenset("=+-@\t\r\n＝＋－＠")  # a Japanese input method leaves these full-width
"""What a formula begins with, typed with or without a Japanese input method."""


def begins_formula(text: str) -> bool:
    """Whether a spreadsheet program would compute the text. Blanks in front do not hide it: some programs drop them."""
    return text.lstrip(" \u3000")[:1] in FORMULA_STARTS


def safe_cell(text: str) -> str:
    """`text` without control characters, and with an apostrophe in front of what would be taken for a formula."""
    shown = displayable(text)
    return f"'{shown}" if begins_formula(text) or begins_formula(shown) else shown

"""Texts that a spreadsheet program must show and never compute.

Excel and its like take a cell that begins with one of a few characters for a formula, and a formula can send what
stands in the other cells to a stranger. Names come from outside, so every cell passes through here.
"""

from kiosk.rules.texts import displayable

FORMULA_STARTS = "=+-@\t\r\n＝＋－＠"  # a Japanese input method leaves these full-width
"""What a formula begins with, typed with or without a Japanese input method."""


def safe_cell(text: str) -> str:
    """`text` without control characters, and with an apostrophe in front of what would be taken for a formula.

    Blanks in front do not hide one: some programs drop them.
    """
    shown = displayable(text)
    dangerous = text.lstrip(" \u3000")[:1], shown.lstrip(" \u3000")[:1]
    return f"'{shown}" if any(first and first in FORMULA_STARTS for first in dangerous) else shown

"""Ten digits on the glass, for the code."""

from typing import ClassVar

from screens.widgets.keyboard_layouts import KeyAction, KeyCap
from screens.widgets.soft_keyboard import SoftKeyboard


class DigitPad(SoftKeyboard):
    """`7 8 9 / 4 5 6 / 1 2 3 / 0` with the erasing keys, mixed or not, as the software keyboard is."""

    KEY_ROWS: ClassVar[int] = 4
    KEY_COLUMNS: ClassVar[int] = 6

    def laid_out(self) -> tuple[KeyCap, ...]:
        """Three by three, and a row below."""
        digits = self._arrangement.digits
        keys = [
            KeyCap(2 - place // 3, place % 3 * 2, 2, character) for place, character in enumerate(digits[:9])
        ]
        last = (
            KeyCap(3, 0, 2, action=KeyAction.ERASE),
            KeyCap(3, 2, 2, digits[9]),
            KeyCap(3, 4, 2, action=KeyAction.CLEAR),
        )
        return (*sorted(keys, key=lambda key: (key.row, key.column)), *last)

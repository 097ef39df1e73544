"""The software keyboard as data: which key stands where. No widget here."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import SystemRandom

from kiosk.translations.catalog import N_

DIGITS = "1234567890"
LETTER_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
SYMBOL_PAGES = ("!\"#$%&'()*+,-./:;<=>?@", "[\\]^_`{|}~")
"""All 32 ASCII symbols (E-41), in the order of the code table, on two pages."""

LETTER_COLUMNS = 10
SYMBOL_COLUMNS = 6
COLUMNS = LETTER_COLUMNS + SYMBOL_COLUMNS
ROWS = 5


class KeyAction(StrEnum):
    """Keys that type nothing."""

    SHIFT = "shift"
    SYMBOLS = "symbols"
    ERASE = "erase"
    CLEAR = "clear"


ACTION_LABELS = {
    KeyAction.SHIFT: N_("大/小"),
    KeyAction.SYMBOLS: N_("記号"),
    KeyAction.ERASE: N_("1字消去"),
    KeyAction.CLEAR: N_("全消去"),
}


@dataclass(frozen=True)
class KeyCap:
    """One key: what it types or does, and which places of the grid it covers."""

    row: int
    column: int
    span: int
    character: str = ""
    action: KeyAction | None = None


@dataclass(frozen=True)
class Arrangement:
    """Which character stands in which place; drawn once each time the keyboard opens."""

    digits: str = DIGITS
    letters: str = "".join(LETTER_ROWS)
    symbols: str = "".join(SYMBOL_PAGES)


def arranged(shuffle: bool) -> Arrangement:
    """The usual order, or every kind of character mixed among its own places by the system's random source."""
    if not shuffle:
        return Arrangement()
    random = SystemRandom()
    usual = Arrangement()
    mixed = ["".join(random.sample(text, len(text))) for text in (usual.digits, usual.letters, usual.symbols)]
    return Arrangement(*mixed)


def caps(arrangement: Arrangement, *, upper: bool, symbol_page: int) -> tuple[KeyCap, ...]:
    """Every key of the keyboard as it stands now, row by row from the top left."""
    letters = arrangement.letters.upper() if upper else arrangement.letters
    rows: list[Sequence[str]] = [arrangement.digits]
    for row in LETTER_ROWS:
        rows.append(letters[: len(row)])
        letters = letters[len(row) :]
    first = len(SYMBOL_PAGES[0])
    symbols = arrangement.symbols[first:] if symbol_page else arrangement.symbols[:first]
    return (*_characters(rows, symbols), *_actions())


def _characters(rows: Sequence[Sequence[str]], symbols: str) -> Iterator[KeyCap]:
    for number, row in enumerate(rows):
        for column, character in enumerate(row):
            yield KeyCap(number, column, 1, character)
        for column, character in enumerate(symbols[number * SYMBOL_COLUMNS : (number + 1) * SYMBOL_COLUMNS]):
            yield KeyCap(number, LETTER_COLUMNS + column, 1, character)


def _actions() -> Iterator[KeyCap]:
    for column, action in ((0, KeyAction.SHIFT), (3, KeyAction.ERASE), (6, KeyAction.CLEAR)):
        yield KeyCap(ROWS - 1, column, 3, action=action)
    yield KeyCap(ROWS - 1, LETTER_COLUMNS, 3, action=KeyAction.SYMBOLS)

"""From a key press or a click to the picture that shows it, in a terminal, the kiosk and a bare program in turn."""

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from benchmarks import bare, glass
from benchmarks.lines import Line, compared
from benchmarks.starting import kiosk_demo
from benchmarks.terminal import Picture, Program, click
from screens.widgets.keyboard_layouts import ACTION_LABELS, KeyAction

PROMISED_OF_KEYS: Final = 1.5
PROMISED_OF_SOFT_KEYS: Final = 0.3
WARM_UP: Final = 5
LETTERS: Final = "qwertyuiop"
CLEAR_LINE: Final = b"\x15"
TAB: Final = "\t"


def keys(presses: int) -> list[Line]:
    """Letters into the field of the sign-on screen, against a program with one `Input`."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="madoguchi-bench-"))
        kiosk = stack.enter_context(Program(kiosk_demo(Path(folder))))
        one_input = stack.enter_context(Program(bare.command("field")))
        kiosk.sees("F12")
        one_input.sees("ready")
        seconds, reference = _in_turn(_typing(kiosk), _typing(one_input), presses)
    return [compared("key press to paint in a field", seconds, reference, PROMISED_OF_KEYS)]


def soft_keys(presses: int) -> list[Line]:
    """Clicks on the software keyboard of step 4, against one `Button` for every key."""
    with Program(glass.command()) as kiosk, Program(bare.command("buttons")) as buttons:
        for program in (kiosk, buttons):
            program.sees(ACTION_LABELS[KeyAction.CLEAR])
        kiosk.types(TAB)
        seconds, reference = _in_turn(_clicking(kiosk), _clicking(buttons), presses)
    return [compared("soft-key click to paint", seconds, reference, PROMISED_OF_SOFT_KEYS)]


Press = Callable[[int], float]
"""Presses the key of a number; seconds until it showed."""


def _in_turn(one: Press, other: Press, presses: int) -> tuple[list[float], list[float]]:
    pairs = [(one(number), other(number)) for number in range(presses + WARM_UP)][WARM_UP:]
    return [first for first, _ in pairs], [second for _, second in pairs]


def _typing(program: Program) -> Press:
    def press(number: int) -> float:
        place = number % len(LETTERS)
        if place == 0 and number:
            program.answer(CLEAR_LINE, lambda picture: LETTERS not in picture.text)
        typed = LETTERS[: place + 1]
        return program.answer(LETTERS[place].encode(), lambda picture: typed in picture.text)

    return press


def _clicking(program: Program) -> Press:
    places = {letter: _middle(program.picture, f"  {letter}  ") for letter in LETTERS}
    clear = _middle(program.picture, ACTION_LABELS[KeyAction.CLEAR])
    without = program.picture.text.count("*")

    def press(number: int) -> float:
        place = number % len(LETTERS)
        if place == 0 and number:
            program.answer(click(*clear), lambda picture: picture.text.count("*") == without)
        return program.answer(
            click(*places[LETTERS[place]]), lambda picture: picture.text.count("*") == without + place + 1
        )

    return press


def _middle(picture: Picture, text: str) -> tuple[int, int]:
    column, row = picture.place_of(text)
    return column + len(text) // 2, row

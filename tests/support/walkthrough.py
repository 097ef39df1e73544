"""docs/WALKTHROUGH.md as data, so that a test presses exactly what a reader would press."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.support.glass import KEYS, Glass

FILE: Final = Path(__file__).resolve().parents[2] / "docs" / "WALKTHROUGH.md"
CODE: Final = "the six digits"
"""Stands for what the reader has read in the letter."""
SETTLED: Final = "after one second"
"""The screen lets a second go by before it answers."""
SETTLES: Final = 1.1
"""Seconds; more than `screens.issuing.turning.SETTLE`, which an emulated processor would load every screen for."""
RENEWAL: Final = "A renewal, key by key"

_HEADS: Final = ("| Press", "| Click", "| ---")
_TOKEN = re.compile(rf"`([^`]+)`|({CODE})|({SETTLED})")
_GESTURE = re.compile(rf"(click|type) `([^`]+)`|({SETTLED})")
_LOOKS_LIKE_A_KEY = re.compile(r"F\d+|(Ctrl|Shift|Alt)\+.+")


@dataclass(frozen=True)
class Row:
    """One line of a table: what to press and then what to see."""

    step: str
    """The heading above it."""
    presses: tuple[str, ...]
    """Keys by name, texts as they are typed, `CODE` and `SETTLED`."""
    sees: tuple[str, ...]


@dataclass(frozen=True)
class Gestures:
    """One line of a table for the mouse: what to click and to type, and then what to see."""

    does: tuple[tuple[str, str], ...]
    """`click` or `type` with its text; `SETTLED` with none."""
    sees: tuple[str, ...]


def part(text: str, title: str) -> str:
    """What stands below `# title`, up to the next such heading. Raises KeyError when there is none."""
    found = dict(re.findall(r"^# (.+)\n([\s\S]*?)(?=^# |\Z)", text, re.MULTILINE))
    return str(found[title])


def rows(text: str) -> tuple[Row, ...]:
    """Every table row of the document or of a part of it. Raises ValueError for a key that no keyboard here has."""
    found, step = [], ""
    for line in text.splitlines():
        if line.startswith("## "):
            step = line.removeprefix("## ")
        elif line.startswith("|") and not line.startswith(_HEADS):
            left, right = line.strip("|").split("|")
            presses, sees = _tokens(left), _tokens(right)
            unknown = [one for one in presses if one not in KEYS and _LOOKS_LIKE_A_KEY.fullmatch(one)]
            if unknown or not sees:
                raise ValueError(f"{step}: {line}")
            found.append(Row(step, presses, sees))
    return tuple(found)


def follow_the_walkthrough(
    glass: Glass, title: str = RENEWAL, before_looking: Callable[[Row], None] = lambda _: None
) -> None:
    """Press what stands on the left, wait for what stands on the right."""
    code = ""
    for row in rows(part(FILE.read_text(encoding="utf-8"), title)):
        for press in row.presses:
            if press == SETTLED:
                glass.waits(SETTLES)
            else:
                glass.does(code if press == CODE else press)
        before_looking(row)
        glass.sees(*row.sees)
        code = "".join(re.findall(r"認証コード:(\d{6})", glass.text)) or code


def gestures(text: str) -> tuple[Gestures, ...]:
    """Every table row of a part for the mouse."""
    found = []
    for line in text.splitlines():
        if line.startswith("|") and not line.startswith(_HEADS):
            left, right = line.strip("|").split("|")
            does = tuple((kind or settled, what) for kind, what, settled in _GESTURE.findall(left))
            found.append(Gestures(does, _tokens(right)))
    return tuple(found)


def _tokens(cell: str) -> tuple[str, ...]:
    return tuple("".join(groups) for groups in _TOKEN.findall(cell))

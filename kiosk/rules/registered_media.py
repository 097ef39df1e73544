"""The bank's list of media that may be used (管理媒体): how its file reads, how it is signed, what is on it today.

A serial number can be forged and is often missing or shared on cheap sticks, so this is an inventory and no proof: a
line without a serial number is refused, because it would admit every stick of that make.
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from io import StringIO
from typing import Final

from kiosk.rules.spreadsheets import begins_formula
from kiosk.rules.texts import problem_in

COLUMNS: Final = ("vid", "pid", "serial", "owner", "expires")
"""The first line of the file, word for word."""
MOST_LINES: Final = 10_000
LONGEST_SERIAL: Final = 64
LONGEST_OWNER: Final = 40

_ID: Final = re.compile(r"[0-9A-Fa-f]{4}")
_SERIAL: Final = re.compile(r"[!-~]+")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PURPOSE: Final = b"madoguchi registered media 1\n"
"""Begins every signed list, so that no signature can be taken for one over something else."""


class ListProblem(StrEnum):
    """What is wrong with a line, or with the file."""

    HEADER = "header"
    """The first line does not name the columns."""
    CELLS = "cells"
    """More or fewer cells than columns, or a quotation mark that is never closed."""
    NOT_AN_ID = "not_an_id"
    """Not four hexadecimal digits."""
    SERIAL = "serial"
    """Empty, too long, or not plain visible ASCII."""
    OWNER = "owner"
    """Empty, too long, or a text that cannot be shown."""
    FORMULA = "formula"
    """A spreadsheet program would compute it."""
    DAY = "day"
    """No day of the calendar, written 2027-03-31."""
    TWICE = "twice"
    """The same device stands further up."""
    TOO_MANY = "too_many"
    EMPTY = "empty"


@dataclass(eq=False)
class WrongLine(Exception):
    """The first thing that is wrong; `line` counts from 1 as an editor does, `column` is empty for the whole line."""

    line: int
    column: str
    problem: ListProblem


@dataclass(frozen=True, order=True)
class RegisteredMedium:
    """One device of the bank. `vid` and `pid` are four lower-case hexadecimal digits."""

    vid: str
    pid: str
    serial: str
    owner: str
    """Who keeps it: a branch, a person, a cupboard."""
    expires: date | None
    """Last day on which it may be used (Japan); None for no end."""

    @property
    def device(self) -> tuple[str, str, str]:
        """What the kernel knows it by."""
        return (self.vid, self.pid, self.serial)


@dataclass(frozen=True)
class MediaRegister:
    """Everything on a list."""

    media: tuple[RegisteredMedium, ...]

    def admits(self, vid: str, pid: str, serial: str, today: date) -> bool:
        """Whether this very device may be used on that day of Japan. One without a serial number never may."""
        device = (vid.lower(), pid.lower(), serial)
        return bool(serial) and any(
            one.device == device and (one.expires is None or today <= one.expires) for one in self.media
        )

    def signed(self) -> bytes:
        """The bytes that are signed: the same list, in whatever order it was written, is the same bytes."""
        rows = [
            [one.vid, one.pid, one.serial, one.owner, one.expires.isoformat() if one.expires else ""]
            for one in sorted(self.media)
        ]
        return _PURPOSE + json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()


def read_signed(data: bytes) -> MediaRegister:
    """The list behind `MediaRegister.signed`. Raises `ValueError` for anything else."""
    try:
        rows = json.loads(data.removeprefix(_PURPOSE))
        if all(isinstance(cell, str) for row in rows for cell in row):
            register = MediaRegister(tuple(_from_cells(*row) for row in rows))
            if register.signed() == data:
                return register
    except (TypeError, ValueError, RecursionError):  # no table, no texts or days in it, brackets without end
        pass
    raise ValueError("not a list of media")


def _from_cells(vid: str, pid: str, serial: str, owner: str, expires: str) -> RegisteredMedium:
    return RegisteredMedium(vid, pid, serial, owner, date.fromisoformat(expires) if expires else None)


def read_list(text: str) -> MediaRegister:
    """The list in a CSV file. Raises `WrongLine` for the first thing that is wrong; nothing is guessed or skipped."""
    rows = _numbered(csv.reader(StringIO(text, newline=None), strict=True))
    number, header = next(rows, (1, []))
    if tuple(header) != COLUMNS:
        raise WrongLine(number, "", ListProblem.HEADER)
    seen: set[tuple[str, str, str]] = set()
    media: list[RegisteredMedium] = []
    for number, cells in rows:
        if len(media) == MOST_LINES:
            raise WrongLine(number, "", ListProblem.TOO_MANY)
        medium = _medium(number, cells)
        if medium.device in seen:
            raise WrongLine(number, "serial", ListProblem.TWICE)
        seen.add(medium.device)
        media.append(medium)
    if not media:
        raise WrongLine(number, "", ListProblem.EMPTY)
    return MediaRegister(tuple(media))


def _numbered(lines: "Iterable[Sequence[str]]") -> Iterator[tuple[int, Sequence[str]]]:
    """Each row with the line it begins on: a cell in quotation marks may not hold a line break."""
    number = 0
    reader = iter(lines)
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise WrongLine(number, "", ListProblem.CELLS) from None
        if any("\n" in cell for cell in cells):
            raise WrongLine(number, "", ListProblem.CELLS)
        yield number, cells


def _medium(line: int, cells: Sequence[str]) -> RegisteredMedium:
    if len(cells) != len(COLUMNS):
        raise WrongLine(line, "", ListProblem.CELLS)
    given = dict(zip(COLUMNS, cells, strict=True))
    for column, cell in given.items():
        if begins_formula(cell):
            raise WrongLine(line, column, ListProblem.FORMULA)
    for column in ("vid", "pid"):
        if not _ID.fullmatch(given[column]):
            raise WrongLine(line, column, ListProblem.NOT_AN_ID)
    if not _SERIAL.fullmatch(given["serial"]) or len(given["serial"]) > LONGEST_SERIAL:
        raise WrongLine(line, "serial", ListProblem.SERIAL)
    if problem_in(given["owner"], LONGEST_OWNER) is not None:
        raise WrongLine(line, "owner", ListProblem.OWNER)
    return RegisteredMedium(
        given["vid"].lower(),
        given["pid"].lower(),
        given["serial"],
        given["owner"],
        _day(line, given["expires"]),
    )


def _day(line: int, text: str) -> date | None:
    if not text:
        return None
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise WrongLine(line, "expires", ListProblem.DAY)

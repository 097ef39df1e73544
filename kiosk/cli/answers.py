"""How a command answers: lines for people, or one JSON document for programs. Secrets are asked for, never passed."""

import getpass
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum
from typing import TypeAlias

from kiosk.errors import KioskError
from kiosk.rules.texts import displayable
from kiosk.rules.validity import JST
from kiosk.secret import Secret

Plain: TypeAlias = str | int | float | bool | date | datetime | None
"""What an answer may hold; moments are told in Japan time."""


class Exit(IntEnum):
    """Exit codes of `kiosk`."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    FOUND = 3
    """The command worked and found something wrong."""
    BUG = 70


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a command has to say."""

    facts: Mapping[str, Plain] | None = None
    rows: Sequence[Mapping[str, Plain]] | None = None
    exit: Exit = Exit.DONE


def say(answer: Answer, *, as_json: bool) -> None:
    """Print an answer on stdout; stored text never reaches the terminal with control characters (I-19)."""
    if as_json:
        print(
            json.dumps(_document(answer), indent=2)
        )  # ASCII: no stored text reaches a terminal as it is (I-19)
        return
    for name, value in (answer.facts or {}).items():
        print(f"{name}: {_shown(value)}")
    if answer.rows is not None:
        _table(answer.rows)


def say_refused(error: KioskError, sentence: str, *, as_json: bool) -> None:
    """Print a refusal: one line on stderr, or a document with its code on stdout."""
    if as_json:
        print(json.dumps({"error": error.code, "message": sentence, "aftermath": error.aftermath}))
    else:
        print(f"kiosk: {error.code} {displayable(sentence)}", file=sys.stderr)


def ask_secret(prompt: str) -> Secret:
    """Read one line without echo; from standard input when there is no terminal, so that a script can pipe it in."""
    if sys.stdin.isatty():
        return Secret(getpass.getpass(f"{prompt}: "))
    return Secret(sys.stdin.readline().rstrip("\n"))


def _document(answer: Answer) -> object:
    facts = {name: _json(value) for name, value in (answer.facts or {}).items()}
    if answer.rows is None:
        return facts
    rows = [{name: _json(value) for name, value in row.items()} for row in answer.rows]
    return {**facts, "rows": rows} if facts else rows


def _json(value: Plain) -> str | int | float | bool | None:
    if isinstance(value, datetime):
        return value.astimezone(JST).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return value


def _shown(value: Plain) -> str:
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return f"{value.astimezone(JST):%Y-%m-%d %H:%M:%S}"
    return displayable(str(value))


def _table(rows: Iterable[Mapping[str, Plain]]) -> None:
    lines = [{name: _shown(value) for name, value in row.items()} for row in rows]
    if lines:
        print("\t".join(lines[0]))
    for line in lines:
        print("\t".join(line.values()))

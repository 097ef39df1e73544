"""The counter at a real terminal, as a person has it: the glass to look at, keys to press, a mouse to click with."""

import os
import shutil
import subprocess
import sys
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Self

from rich.cells import cell_len

from tests.support.terminals import ROOT, Terminal

LIMIT: Final = 60.0
"""Seconds in which something must appear, however busy the machine is."""
KEYS: Final = {
    "Enter": ("\r", "Enter"),
    "Space": (" ", "Space"),
    "Tab": ("\t", "Tab"),
    "Shift+Tab": ("\x1b[Z", "BTab"),
    "Up": ("\x1b[A", "Up"),
    "Down": ("\x1b[B", "Down"),
    "Right": ("\x1b[C", "Right"),
    "Esc": ("\x1b", "Escape"),
    "F1": ("\x1bOP", "F1"),
    "F3": ("\x1bOR", "F3"),
    "F5": ("\x1b[15~", "F5"),
    "F12": ("\x1b[24~", "F12"),
    "Ctrl+L": ("\x0c", "C-l"),
    "Ctrl+U": ("\x15", "C-u"),
    "Ctrl+T": ("\x14", "C-t"),
}
"""The name on the keyboard: the bytes a terminal sends, and the word tmux has for it."""


class Glass(ABC):
    """What every terminal here can do."""

    patience: float = LIMIT
    glance: float = 0.05
    """Seconds between two looks; looking itself is work for a slow machine."""
    pause: float = 0.0
    """Seconds after each key, so that a slow program has gone to the next field before the next text comes."""

    @property
    @abstractmethod
    def glass(self) -> list[str]:
        """The lines of the screen as they are now."""

    @abstractmethod
    def press(self, key: str) -> None:
        """One key of `KEYS`."""

    @abstractmethod
    def type(self, text: str) -> None:
        """Characters, one after the other."""

    @property
    @abstractmethod
    def alive(self) -> bool:
        """Whether the program still runs."""

    def waits(self, seconds: float) -> Self:
        """For what a screen makes wait on purpose; everything else is waited for with `sees`."""
        time.sleep(seconds)
        return self

    @property
    def text(self) -> str:
        """The screen without blanks and line breaks: wrapped texts are found as well."""
        return "".join("".join(self.glass).split())

    def shows(self, text: str) -> bool:
        """Whether `text` is on the screen, wrapped or not."""
        return "".join(text.split()) in self.text

    def sees(self, *texts: str) -> Self:
        """Wait until every text is on the screen."""
        return self._until(lambda: all(map(self.shows, texts)), f"not seen: {texts}")

    def sees_one_of(self, *texts: str) -> Self:
        """Wait until any of the texts is on the screen."""
        return self._until(lambda: any(map(self.shows, texts)), f"none seen: {texts}")

    def sees_line(self, text: str) -> Self:
        """Wait until `text` stands alone in a line, as in a field with its name above."""
        return self._until(lambda: text in map(str.strip, self.glass), f"no such line: {text}")

    def no_longer_sees(self, text: str) -> Self:
        """Wait until `text` is gone."""
        return self._until(lambda: not self.shows(text), f"still there: {text}")

    def _until(self, condition: Callable[[], bool], complaint: str) -> Self:
        end = time.monotonic() + self.patience
        while not condition():
            if time.monotonic() > end or not self.alive:
                raise AssertionError("\n".join([complaint, *self.glass]))
            self.waits(self.glance)
        return self

    def does(self, *keys_and_texts: str) -> Self:
        """Names of keys are pressed, everything else is typed."""
        for one in keys_and_texts:
            if one in KEYS:
                self.press(one)
            else:
                self.type(one)
            if self.pause:
                self.waits(self.pause)
        return self


class PtyGlass(Glass):
    """A pseudo-terminal of our own; this one has a mouse."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal

    @property
    def glass(self) -> list[str]:
        """Read what there is and look."""
        self.terminal.pump(0.0)
        return self.terminal.glass

    @property
    def alive(self) -> bool:
        """Whether the program still runs."""
        return self.terminal.alive

    def waits(self, seconds: float) -> Self:
        """The same, reading all the while."""
        self.terminal.waits(seconds)
        return self

    def press(self, key: str) -> None:
        """Its bytes. An Esc stands alone on the line, or what follows would be taken for the rest of a sequence."""
        self.terminal.sends(KEYS[key][0])
        if key == "Esc":
            self.waits(0.3)

    def type(self, text: str) -> None:
        """The text itself."""
        self.terminal.sends(text)

    # --- mouse -------------------------------------------------------------------------------------------------------

    def clicks(self, text: str) -> Self:
        """The left button, in the middle of the first place where `text` stands in one line."""
        return self.clicks_at(*self._aims_at(lambda: self._place_of(text), text))

    def _aims_at(self, look: Callable[[], tuple[int, int] | None], what: str) -> tuple[int, int]:
        """Where something stands once it stands still: a person does not click into a screen that is being drawn."""
        seen: list[tuple[int, int] | None] = [None]

        def stands_still() -> bool:
            seen.append(look())
            self.waits(0.15)
            return seen[-1] is not None and seen[-1] == seen[-2]

        self._until(stands_still, f"nowhere to click: {what}")
        place = seen[-1]
        assert place is not None
        return place

    def clicks_field(self, label: str) -> Self:
        """The name of a field; then wait until the terminal's cursor stands beside it, as a person looks for it."""
        column, row = self._aims_at(lambda: self._field(label), label)
        self.clicks_at(column, row)
        return self._until(lambda: self.terminal.cursor[1] == row, f"the cursor is not beside {label}")

    def clicks_button(self, label: str) -> Self:
        """A button, with or without the focus."""
        shapes = (f"[ {label} ]", f"[>{label}<]")
        return self.clicks_at(
            *self._aims_at(lambda: next(filter(None, map(self._place_of, shapes)), None), label)
        )

    def clicks_at(self, column: int, row: int) -> Self:
        """The left button goes down and up in a cell, counted from 0 (SGR mouse reports)."""
        self.terminal.sends(f"\x1b[<0;{column + 1};{row + 1}M\x1b[<0;{column + 1};{row + 1}m")
        return self

    def clicks_keys(self, text: str) -> Self:
        """Type on the keyboard of the glass."""
        for character in text:
            if character.isupper():
                self.clicks("大/小")
            self.clicks_at(*self._key(character))
            if character.isupper():
                self.clicks("大/小")
        return self

    def _field(self, label: str) -> tuple[int, int] | None:
        """Where a line begins with a label, and not with a sentence."""
        for row, line in enumerate(self.glass):
            if f"{line.strip()} ".startswith(f"{label} "):
                return cell_len(line) - cell_len(line.lstrip()), row
        return None

    def _place_of(self, text: str) -> tuple[int, int] | None:
        for row, line in enumerate(self.glass):
            if text in line:
                return cell_len(line[: line.index(text)]) + cell_len(text) // 2, row
        return None

    def _key(self, character: str) -> tuple[int, int]:
        """Where a key stands, whichever case it shows: among keys of one character, or keys that erase."""
        character = character.lower()
        for row, line in enumerate(map(str.lower, self.glass)):
            labels = line.split()
            if character in labels and len(labels) > 2 and all(_is_key(label) for label in labels):
                return cell_len(line[: f"{line} ".index(f" {character} ") + 1]), row
        raise AssertionError("\n".join([f"no key {character}", *self.glass]))


def _is_key(label: str) -> bool:
    return len(label) == 1 or label in {"大/小", "1字消去", "全消去", "記号"}


class TmuxGlass(Glass):
    """A terminal that many people have; it reads keys and draws by its own rules."""

    def __init__(self, command: list[str], size: tuple[int, int]) -> None:
        self._name = f"madoguchi-{uuid.uuid4().hex}"
        columns, lines = map(str, size)
        started = ["new-session", "-d", "-x", columns, "-y", lines, "-c", str(ROOT)]
        self._tmux("-f", "/dev/null", *started, "env", "TERM=tmux-256color", "COLORTERM=truecolor", *command)

    def _tmux(self, *arguments: str) -> str:
        tmux = shutil.which("tmux") or "tmux"
        done = subprocess.run(
            [tmux, "-u", "-L", self._name, *arguments], capture_output=True, check=True, encoding="utf-8"
        )
        return done.stdout

    @property
    def glass(self) -> list[str]:
        """What tmux has drawn."""
        return self._tmux("capture-pane", "-p").splitlines()

    @property
    def alive(self) -> bool:
        """The session ends with the program."""
        tmux = shutil.which("tmux") or "tmux"
        asked = subprocess.run([tmux, "-L", self._name, "has-session"], capture_output=True, check=False)
        return asked.returncode == 0

    def press(self, key: str) -> None:
        """By the name tmux has for it; it keeps a lone Esc apart by itself."""
        self._tmux("send-keys", KEYS[key][1])

    def type(self, text: str) -> None:
        """Letter by letter."""
        self._tmux("send-keys", "-l", "--", text)

    def close(self) -> None:
        """End the session and what runs in it."""
        if self.alive:
            self._tmux("kill-server")


def demo(folder: Path, *more: str) -> list[str]:
    """The command that opens the practice counter in `folder`."""
    return ["-m", "kiosk", "demo", "--data", str(folder), *more]


@contextmanager
def in_a_terminal(folder: Path, size: tuple[int, int], *more: str) -> Iterator[PtyGlass]:
    """The practice counter of `folder` at a terminal of `size` columns and lines, with `more` on its command line."""
    environment = {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "PYTHONPATH": str(ROOT),
    }
    terminal = Terminal([sys.executable, *demo(folder, *more)], size, environment)
    try:
        yield PtyGlass(terminal)
    finally:
        terminal.close()


@contextmanager
def in_tmux(folder: Path, size: tuple[int, int]) -> Iterator[TmuxGlass]:
    """The same in tmux."""
    started = TmuxGlass([sys.executable, *demo(folder)], size)
    try:
        yield started
    finally:
        started.close()

"""A full-screen program in a terminal of our own: what a person would see of it, and when.

Every piece of output is stamped when it is read and drawn afterwards, so that drawing costs the program nothing.
"""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import pyte

COLUMNS: Final = 120
ROWS: Final = 36
QUIET: Final = 0.03
"""Seconds without output after which an answer is over."""
PATIENCE: Final = 60.0
"""Seconds until a program that does not show what was expected is given up."""

# A terminal that can draw a frame at once says so when it is asked.
_SYNCHRONIZED_ASKED: Final = b"\x1b[?2026$p"
_SYNCHRONIZED: Final = b"\x1b[?2026;2$y"
# What pyte would misread as text or as another command: private modes of keyboards, mode questions.
_NOT_FOR_PYTE: Final = re.compile(rb"\x1b\[[<=>][0-?]*[ -/]*[@-~]|\x1b\[\?[0-9;]*\$p|\x1b\[[0-9;]*u")
_CUT_OFF: Final = re.compile(rb"\x1b(\[[0-?]*[ -/]*)?$")


class NeverShown(AssertionError):
    """The program did not show what was waited for; the text is its screen."""


@dataclass(frozen=True, kw_only=True)
class Memory:
    """Of one process, in megabytes of 2**20 bytes."""

    resident: float
    proportional: float
    """Pages that other processes use too are shared out among them."""


class Picture:
    """The screen as the terminal has drawn it so far."""

    def __init__(self) -> None:
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)
        self._held = b""

    def draw(self, output: bytes) -> None:
        """Draw what the program wrote; a sequence that was cut in two waits for its rest."""
        output = self._held + output
        cut = _CUT_OFF.search(output)
        end = len(output) if cut is None else cut.start()
        self._held = output[end:]
        self._stream.feed(_NOT_FOR_PYTE.sub(b"", output[:end]))

    @property
    def lines(self) -> list[str]:
        """The lines of the screen; a wide character is one character of them."""
        return [
            "".join(row[column].data for column in range(COLUMNS))
            for row in (self._screen.buffer[line] for line in range(ROWS))
        ]

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join(line.rstrip() for line in self.lines)

    def place_of(self, text: str) -> tuple[int, int]:
        """Column and row of the first cell that shows `text`, from 0. Raises `NeverShown`."""
        for row, line in enumerate(self.lines):
            if text in line:
                before = line[: line.index(text)]
                cells, column = 0, 0
                while cells < len(before):
                    cells += len(self._screen.buffer[row][column].data)
                    column += 1
                return column, row
        raise NeverShown(f"「{text}」 is not on the screen\n{self.text}")


Sight = Callable[[Picture], bool]
"""Tells whether what is waited for is on the screen."""


class Program:
    """A child process on a pseudo-terminal of 120 columns and 36 rows; as a context manager it is ended at the end."""

    def __init__(self, command: Sequence[str]) -> None:
        self._controlling, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.picture = Picture()
        self._started = time.perf_counter()
        self._process = subprocess.Popen(
            command,
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            env=_environment(),
            start_new_session=True,
        )
        os.close(terminal)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ask it to leave, as a service manager does; after a while end it."""
        self._process.send_signal(signal.SIGTERM)
        deadline = time.perf_counter() + 10
        while self._process.poll() is None and time.perf_counter() < deadline:
            self._read(0.02)
        self._process.kill()
        self._process.wait()
        os.close(self._controlling)

    # --- waiting -----------------------------------------------------------------------------------------------------

    def shown(self, sight: Sight) -> float:
        """Wait until `sight` is on the screen; seconds since the program was started. Raises `NeverShown`."""
        return self._seen(sight, PATIENCE) - self._started

    def sees(self, text: str) -> None:
        """Wait until `text` is on the screen in one line. Raises `NeverShown`."""
        self.shown(lambda picture: text in picture.text)

    def answer(self, keys: bytes, sight: Sight) -> float:
        """Seconds from these keys to `sight`. Raises `NeverShown`."""
        self._rest()
        pressed = time.perf_counter()
        self.send(keys)
        return self._seen(sight, 5.0) - pressed

    def _seen(self, sight: Sight, patience: float) -> float:
        """The moment at which the output was read that brought it; drawn whenever the program pauses."""
        deadline = time.perf_counter() + patience
        while time.perf_counter() < deadline:
            for moment, output in self._until_quiet(deadline):
                self.picture.draw(output)
                if sight(self.picture):
                    self._rest()
                    return moment
            if self._process.poll() is not None:
                break
        raise NeverShown(self.picture.text)

    def _until_quiet(self, deadline: float) -> list[tuple[float, bytes]]:
        pieces = []
        while time.perf_counter() < deadline:
            output = self._read(QUIET)
            if not output:
                break
            pieces.append((time.perf_counter(), output))
        return pieces

    def _rest(self) -> None:
        """Draw what is left of the last answer."""
        for _, output in self._until_quiet(time.perf_counter() + 1.0):
            self.picture.draw(output)

    # --- reading and writing -----------------------------------------------------------------------------------------

    def _read(self, patience: float) -> bytes:
        readable, _, _ = select.select([self._controlling], [], [], patience)
        if not readable:
            return b""
        try:
            output = os.read(self._controlling, 65536)
        except OSError:  # the program is gone
            return b""
        if _SYNCHRONIZED_ASKED in output:
            self.send(_SYNCHRONIZED)
        return output

    def send(self, keys: bytes) -> None:
        """Press these keys, without waiting."""
        with suppress(OSError):
            os.write(self._controlling, keys)

    def types(self, *keys: str) -> None:
        """Type texts one after the other and let the program finish each."""
        for key in keys:
            self._rest()
            self.send(key.encode())

    # --- the process -------------------------------------------------------------------------------------------------

    @property
    def memory(self) -> Memory:
        """Of the process itself, without its children.

        The program lets nobody but the superuser look into its memory: run this as root.
        """
        values = {}
        for line in Path(f"/proc/{self._process.pid}/smaps_rollup").read_text().splitlines():
            name, _, rest = line.partition(":")
            if name in {"Rss", "Pss"}:
                values[name] = int(rest.split()[0]) / 1024
        return Memory(resident=values["Rss"], proportional=values["Pss"])


def click(column: int, row: int) -> bytes:
    """The left button down and up again over a cell, counted from 0."""
    return f"\x1b[<0;{column + 1};{row + 1}M\x1b[<0;{column + 1};{row + 1}m".encode()


def _environment() -> dict[str, str]:
    """A common terminal, and nothing in which a library could see which one this runs in."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
    return {**kept, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "PYTHONUTF8": "1"}

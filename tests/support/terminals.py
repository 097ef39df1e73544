"""A real pseudo-terminal with a program in it: bytes go in as from a keyboard, the screen is read as a person would."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

import pyte

PATIENCE = 60.0
"""Seconds; a starting program on a busy machine needs some."""
ROOT = Path(__file__).resolve().parents[2]
_LONGEST_SEQUENCE = 64

# Private sequences that pyte would draw as text.
_NOT_FOR_PYTE = re.compile(
    rb"\x1b\[[<=>][0-?]*[ -/]*[@-~]|\x1b\[\?[0-9;]*\$p|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
)


class Terminal:
    """One program on one terminal."""

    def __init__(self, command: list[str], size: tuple[int, int], env: dict[str, str]) -> None:
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)
        self._cut_off = b""
        """A sequence whose rest has not arrived yet."""
        self.raw = bytearray()
        """Every byte the program has written."""
        self._master, slave = pty.openpty()
        self.resize(*size, tell=False)
        self.before = termios.tcgetattr(slave)
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=ROOT,
            env=env,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509  # the terminal must control it
        )
        self._slave = slave

    # --- seeing ------------------------------------------------------------------------------------------------------

    def pump(self, seconds: float = 0.05) -> None:
        """Read what there is, waiting at most `seconds` for the first byte.

        A program that writes faster than it can be read is looked at all the same, after a second of reading.
        """
        end = time.monotonic() + seconds + 1.0
        while time.monotonic() < end and select.select([self._master], [], [], seconds)[0]:
            try:
                data = os.read(self._master, 65536)
            except OSError:
                return
            if not data:
                return
            self.raw += data
            self._draw(data)
            seconds = 0.0

    def _draw(self, data: bytes) -> None:
        data = self._cut_off + data
        begin = data.rfind(b"\x1b", -_LONGEST_SEQUENCE)
        whole = begin < 0 or re.match(
            rb"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[^\[\]])", data[begin:]
        )
        data, self._cut_off = (data, b"") if whole else (data[:begin], data[begin:])
        self._stream.feed(_NOT_FOR_PYTE.sub(b"", data))

    @property
    def glass(self) -> list[str]:
        """The lines of the screen; the second cell of a wide character is empty."""
        columns, lines = range(self._screen.columns), range(self._screen.lines)
        return ["".join(self._screen.buffer[y][x].data for x in columns).rstrip() for y in lines]

    @property
    def cursor(self) -> tuple[int, int]:
        """Column and row of the terminal's own cursor, counted from 0: it stands in the field with the focus."""
        return self._screen.cursor.x, self._screen.cursor.y

    def shows(self, text: str) -> bool:
        """Whether `text` is on the screen, wrapped or not."""
        return "".join(text.split()) in "".join("".join(line.split()) for line in self.glass)

    def sees(self, text: str) -> Self:
        """Wait until `text` is on the screen."""
        end = time.monotonic() + PATIENCE
        while True:
            self.pump()
            if self.shows(text):
                return self
            if time.monotonic() > end or not self.alive:
                raise AssertionError(f"「{text}」 did not appear\n" + "\n".join(self.glass))

    def waits(self, seconds: float) -> Self:
        """Let time pass, reading all the while."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.pump(left)
        return self

    # --- doing -------------------------------------------------------------------------------------------------------

    def sends(self, data: bytes | str) -> Self:
        """Bytes on the keyboard line."""
        data = data.encode() if isinstance(data, str) else data
        while data:
            self.pump(0.0)
            if select.select([], [self._master], [], 0.2)[1]:
                data = data[os.write(self._master, data[:1024]) :]
            if not self.alive:
                break
        return self

    def resize(self, columns: int, rows: int, *, tell: bool = True) -> Self:
        """Another window size; the program is told by the operating system."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        if tell:
            self._screen.resize(rows, columns)
            self._screen.reset()
            self.process.send_signal(signal.SIGWINCH)
        return self

    def hangs_up(self) -> Self:
        """The line is cut."""
        os.close(self._master)
        return self

    # --- the process -------------------------------------------------------------------------------------------------

    @property
    def alive(self) -> bool:
        """Whether the program still runs."""
        return self.process.poll() is None

    @property
    def stopped(self) -> bool:
        """Whether the program was put to sleep."""
        state = (
            Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0]
        )
        return state == "T"

    def exit_code(self, within: float = 60.0) -> int:
        """Wait for the end of the program."""
        end = time.monotonic() + within
        while self.alive and time.monotonic() < end:
            try:
                self.pump(0.05)
            except OSError:
                time.sleep(0.05)
        assert not self.alive, "the program did not end"
        return int(self.process.returncode)

    @property
    def restored(self) -> bool:
        """Whether the line behaves as it did before the program."""
        return termios.tcgetattr(self._slave)[:4] == self.before[:4]

    def close(self) -> None:
        """End the program if it still runs."""
        if self.alive:
            self.process.kill()
        self.process.wait()
        for descriptor in (self._slave, self._master):
            with suppress(OSError):
                os.close(descriptor)


@contextmanager
def terminal(*arguments: str, size: tuple[int, int] = (120, 36), **environment: str) -> Iterator[Terminal]:
    """`python arguments...` in a terminal of its own."""
    env = {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "PYTHONPATH": str(ROOT),
        **environment,
    }
    started = Terminal([sys.executable, *arguments], size, env)
    try:
        yield started
    finally:
        started.close()

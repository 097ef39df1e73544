"""The terminal driver of the kiosk: no sequence of bytes on the keyboard line can end, blind or stop the program."""

import codecs
import contextlib
import os
import re
import selectors
import time
from collections.abc import Iterable, Iterator
from typing import Any, TextIO

from textual import events, messages
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.keys import Keys
from textual.message import Message

PASTE_LIMIT = 256
"""Characters of a paste that are passed on; the rest is dropped."""
PASTE_PATIENCE = 2.0
"""Seconds after which a paste that never ends is given up, so that the keyboard is not lost to it."""
TYPED_AT_ONCE = 256
"""Characters of one read that are looked at when no control sequence is among them; no hand types more at once."""
PENDING_LIMIT = 1000
"""Events waiting for the screens; a keyboard line that floods is cut here."""

_PASTE_START = "\x1b[200~"
_PASTE_END = "\x1b[201~"
_READ = 4096
# A whole control sequence; ESC [ M is left out because three bytes of an old mouse report follow it.
_CONTROL_SEQUENCE = re.compile(r"\x1b\[(?!M$)[0-?]*[ -/]*[@-~]")
_REPORT = re.compile(r"\x1b\[(<[-\d;]+[mM]|\?\d+;\d\$y|\d+;\d+R|20[01]~|[IO])")


class KioskParser(XTermParser):
    """Keys and mouse only: unknown control sequences are swallowed instead of being typed into a field."""

    @property
    def mouse_pixels(self) -> bool:
        """Always cells: a forged size report must not move the mouse."""
        return False

    @mouse_pixels.setter
    def mouse_pixels(self, _value: bool) -> None:
        """Asked for by a size report; not granted."""

    def _parse_extended_key(self, sequence: str) -> None:  # type: ignore[override]  # the kitty protocol is never asked for
        """Not parsed: unasked, such a sequence is a forgery."""

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[events.Key]:
        known = list(super()._sequence_to_key_events(sequence, alt))
        if known or not _CONTROL_SEQUENCE.fullmatch(sequence) or _REPORT.fullmatch(sequence):
            return known
        return [events.Key(Keys.Ignore, sequence)]


class PasteGate:
    """Takes pastes out of the stream of characters before the parser sees them.

    A paste is bounded in length and in time, so that neither a huge nor an unfinished one holds the keyboard.
    """

    def __init__(self) -> None:
        self._held = ""
        """The beginning of a marker whose rest has not arrived yet."""
        self._paste: list[str] | None = None
        self._size = 0
        self._began = 0.0

    def pass_on(self, data: str, now: float) -> Iterator[str | events.Paste]:
        """Typed text as it is, and each finished paste as one event; `now` in seconds of any steady clock."""
        if self._paste is not None and now - self._began > PASTE_PATIENCE:
            self._paste = None
        data, self._held = self._held + data, ""
        while data:
            marker = _PASTE_START if self._paste is None else _PASTE_END
            before, found, after = data.partition(marker)
            if not found:
                before, self._held = self._split_off_beginning(before, marker)
            if self._paste is not None:
                self._keep(before)
            elif before:
                yield before
            if found:
                if self._paste is None:
                    self._paste, self._size, self._began = [], 0, now
                else:
                    yield events.Paste("".join(self._paste).replace("\x00", ""))
                    self._paste = None
            data = after

    def release(self) -> str:
        """Nothing more has come: what was held back was no marker after all."""
        if self._paste is not None:
            return ""
        held, self._held = self._held, ""
        return held

    @staticmethod
    def _split_off_beginning(text: str, marker: str) -> tuple[str, str]:
        """An ESC that comes alone is the key, so it is not held back; every other beginning of a marker is."""
        alone = text == "\x1b" and marker == _PASTE_START
        for length in range(len(marker) - 1, 1 if alone else 0, -1):
            if text.endswith(marker[:length]):
                return text[:-length], text[-length:]
        return text, ""

    def _keep(self, text: str) -> None:
        if self._paste is not None and self._size < PASTE_LIMIT:
            self._paste.append(text[: PASTE_LIMIT - self._size])
            self._size += len(text)


class ForgivingFile:
    """The terminal as a file that never fails: a line that was hung up must not block the way out."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str) -> None:
        """Write what can be encoded; nothing happens when the terminal is gone."""
        try:
            self._file.write(text)
        except UnicodeEncodeError:
            encoding = self._file.encoding or "ascii"
            self.write(text.encode(encoding, "replace").decode(encoding))
        except (OSError, ValueError):
            pass

    def flush(self) -> None:
        """Send what was written; nothing happens when the terminal is gone."""
        with contextlib.suppress(OSError, ValueError):
            self._file.flush()

    def fileno(self) -> int:
        """The file descriptor of the terminal."""
        return self._file.fileno()


class KioskDriver(LinuxDriver):
    """Textual's driver for Linux with a keyboard line that cannot be broken."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ):
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._file: Any = ForgivingFile(self._file)
        self._gate = PasteGate()

    def _run_input_thread(self) -> None:
        while not self.exit_event.is_set():
            try:
                self.run_input_thread()
            except (EOFError, OSError):
                # The terminal is gone: nobody can press a key any more.
                self._loop.call_soon_threadsafe(self._app.exit)
                return
            except Exception:  # noqa: BLE001, S112  # whatever a sequence broke, the next key starts with a new parser
                continue

    def run_input_thread(self) -> None:
        """Read, decode and parse until the program leaves.

        Raises EOFError when the terminal was closed.
        """
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        parser = KioskParser()
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(0.1):
                    data = os.read(self.fileno, _READ)
                    if not data:
                        raise EOFError
                    self._take(self._gate.pass_on(decoder.decode(data), time.monotonic()), parser)
                else:
                    self._take([self._gate.release()], parser)
                for event in parser.tick():
                    self.process_message(event)

    def _take(self, parts: Iterable[str | events.Paste], parser: KioskParser) -> None:
        for part in parts:
            if isinstance(part, events.Paste):
                self.process_message(part)
            elif part:
                for event in parser.feed(part if "\x1b" in part else part[:TYPED_AT_ONCE]):
                    self.process_message(event)

    def process_message(self, message: Message) -> None:
        """Pass a key or mouse event on; what claims to be the terminal speaking about its size is dropped."""
        if not isinstance(message, (events.Resize, messages.InBandWindowResize)):
            super().process_message(message)

    def send_message(self, message: Message) -> None:
        """Hand over to the event loop, unless far more is waiting than a person can have pressed."""
        if self._waiting() < PENDING_LIMIT:
            super().send_message(message)

    def _waiting(self) -> int:
        focused = self._app.focused if self._app.screen_stack else None
        return self._app._message_queue.qsize() + (focused._message_queue.qsize() if focused else 0)

    def _query_in_band_window_resize(self) -> None:
        """Not asked for: the size comes from the operating system."""

    def _sigtstp_application(self, *_: object) -> None:
        """A kiosk is not put into the background."""

    def _sigcont_application(self, *_: object) -> None:
        """Whoever stopped the process from outside left a picture of their own: draw again."""
        self._loop.call_soon_threadsafe(self._app.refresh)

"""What keeps the kiosk shut and standing: nothing leaks on a crash, nothing reaches the terminal but plain text.

An unexpected error becomes an `Incident`: a number for the person at the counter, the type and the places in the
code for the log. Neither the text of the exception nor any local variable is kept, because both may hold a secret.
"""

import asyncio
import os
import re
import signal
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from rich.cells import cell_len
from rich.segment import Segment
from textual._styles_cache import StylesCache
from textual.color import Color
from textual.filter import LineFilter
from textual.message import Message
from textual.message_pump import MessagePump
from textual.style import Style as VisualStyle

INTERNAL_ERROR_EXIT = 70
"""EX_SOFTWARE: the exit code after an error the kiosk could not live with."""

# --- plain text only -------------------------------------------------------------------------------------------------

_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # C0, DEL, C1: escape sequences, clipboard, titles
    "\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # zero width, bidirectional, interlinear
    "\ufe00-\ufe0f\U000e0000-\U000e01ef"  # variation selectors and tags: terminals disagree about them
    "\ud800-\udfff]"  # half a surrogate pair cannot be written at all
)


class NoControl(LineFilter):
    """The last line of defence (I-19): whatever a widget draws, no control or direction character leaves."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002  # of the interface
        """The same cells, with every unsafe character blanked."""
        if not any(_UNSAFE.search(segment.text) for segment in segments):
            return segments
        return [
            Segment(_harmless(segment.text), segment.style, segment.control)
            if _UNSAFE.search(segment.text)
            else segment
            for segment in segments
        ]


@lru_cache(1024)
def _harmless(text: str) -> str:
    return _UNSAFE.sub(lambda found: " " * cell_len(found.group()), text)


# --- nothing of a screen stays behind --------------------------------------------------------------------------------


@lru_cache(1024)
def _inner_outer(base_background: Color, background: Color) -> tuple[VisualStyle, VisualStyle]:
    return VisualStyle(background=base_background + background), VisualStyle(background=base_background)


def _frame(_drawn: StylesCache, base_background: Color, background: Color) -> tuple[VisualStyle, VisualStyle]:
    return _inner_outer(base_background, background)


# Textual remembers this pair by widget, and with it every line that the last thousand widgets had drawn: megabytes
# within a morning, and a search for garbage that stops the screen longer each time. By colours it keeps no widget.
StylesCache.get_inner_outer = _frame  # type: ignore[assignment]  # a plain function in place of a remembering one


# --- incidents -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Incident:
    """An unexpected error, told without secrets."""

    number: int
    at: datetime
    """Aware."""
    kind: str
    """Type names, the first cause last: `WorkerFailed < ValueError`."""
    places: tuple[str, ...]
    """`file:line function`, outermost first."""

    @property
    def name(self) -> str:
        """What the person at the counter reads out on the telephone."""
        return f"E-{self.number:04}"


def incident_of(error: BaseException, number: int, at: datetime) -> Incident:
    """The incident of `error`; the variables of its frames are dropped so that no secret lives on in them."""
    chain = list(_causes(error))
    places = tuple(
        f"{Path(frame.f_code.co_filename).name}:{line} {frame.f_code.co_name}"
        for frame, line in traceback.walk_tb(chain[-1].__traceback__)
    )
    for link in chain:
        traceback.clear_frames(link.__traceback__)
    return Incident(number, at, " < ".join(type(link).__name__ for link in chain), places)


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__


class Enduring(MessagePump):
    """Mixed into the app, its screens and its widgets: a handler that fails is reported, and the next message is
    still handled. Without it one failed handler ends the message loop of its widget, and with it the program."""

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except Exception as error:  # noqa: BLE001  # the one place where every kind of failure must be survived
            self.app._handle_exception(error)


# --- signals, hooks, heartbeat ---------------------------------------------------------------------------------------

IGNORED_SIGNALS = (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP, signal.SIGUSR1, signal.SIGUSR2)
LEAVING_SIGNALS = (signal.SIGTERM, signal.SIGHUP)


def hold_signals(leave: Callable[[], object]) -> None:
    """Signals that end or stop other programs do nothing here; the two a service manager sends call `leave`.

    Called from the event loop, after the terminal driver has set its own handlers.
    """
    loop = asyncio.get_running_loop()
    for number in IGNORED_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    for number in LEAVING_SIGNALS:
        loop.add_signal_handler(number, leave)


@contextmanager
def redacted_hooks(record: Callable[[BaseException], object]) -> Iterator[None]:
    """Inside the block, errors of bare threads, lost tasks and destructors go to `record` and print nothing."""

    def of_thread(failed: threading.ExceptHookArgs) -> None:
        if failed.exc_value is not None:
            record(failed.exc_value)

    def of_destructor(failed: "sys.UnraisableHookArgs") -> None:
        if failed.exc_value is not None:
            record(failed.exc_value)

    def of_program(kind: type[BaseException], error: BaseException, trace: object) -> None:  # noqa: ARG001  # of the interface
        record(error)

    with ExitStack() as undo:
        for owner, name, hook in (
            (threading, "excepthook", of_thread),
            (sys, "unraisablehook", of_destructor),
            (sys, "excepthook", of_program),
        ):
            undo.callback(setattr, owner, name, getattr(owner, name))
            setattr(owner, name, hook)
        yield


def redact_lost_tasks(record: Callable[[BaseException], object]) -> None:
    """The running event loop hands what nobody awaited to `record` and prints nothing."""

    def of_loop(_loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        error = context.get("exception")
        record(error if isinstance(error, BaseException) else RuntimeError("event loop"))

    asyncio.get_running_loop().set_exception_handler(of_loop)


def let_go_of_the_terminal() -> None:
    """After a hang-up nothing can be written any more; without this Python would end with a code of its own (120)."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)


class Heartbeat:
    """Notices when the event loop stands still: a beat every 50 ms, every later one is a gap."""

    BEAT = 0.05
    """Seconds."""
    LATE = 0.2
    """Seconds; a longer gap is kept in `gaps`."""

    def __init__(self) -> None:
        self.longest = 0.0
        """The longest gap so far, in seconds beyond the beat."""
        self.gaps: deque[float] = deque(maxlen=100)
        self._due = 0.0
        self._next: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin on the running event loop."""
        loop = asyncio.get_running_loop()
        self._due = loop.time() + self.BEAT
        self._next = loop.call_at(self._due, self._beat, loop)

    def stop(self) -> None:
        """End; a later `start` begins anew."""
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def _beat(self, loop: asyncio.AbstractEventLoop) -> None:
        late = loop.time() - self._due
        self.longest = max(self.longest, late)
        if late > self.LATE:
            self.gaps.append(late)
        self.start()

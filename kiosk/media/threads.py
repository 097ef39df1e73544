"""Blocking calls beside an event loop: who waits may be cancelled, what was begun goes on to its end."""

import asyncio
from _thread import start_new_thread
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from threading import Thread
from typing import Any, Generic, TypeVar

from kiosk.errors import MediaUnavailable
from kiosk.media.loop_apart import begin_apart

T = TypeVar("T")


async def in_a_thread(work: Callable[[], T], *, name: str) -> T:
    """Run `work` in a thread of its own and wait for it.

    Cancelling stops the waiting only, and even the end of the program waits for the work. Raises what the work raises,
    and `MediaUnavailable` when the system has no thread left: then nothing was begun.
    """
    return await _threaded(work, lambda run: Thread(target=run, name=name).start())


async def in_a_loose_thread(work: Callable[[], T]) -> T:
    """`in_a_thread` for a call that may hang in the kernel: the end of the program does not wait for it.

    Begun by the shortest way, for a write has several of them and a person waits.
    """
    return await _threaded(work, lambda run: start_new_thread(run, ()))


async def on_a_loop_apart(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine on another event loop, in another thread: whatever ends the caller's loop does not reach it.

    That loop is shared, so nothing on it may block for long. The end of the program waits for the work, which has to
    end by itself. Raises what the work raises, and `MediaUnavailable` when the system has no thread left.
    """
    answer: _Answer[T] = _Answer()

    async def run() -> None:
        try:
            answer.is_there(await work())
        except BaseException as error:  # noqa: BLE001 - it is handed to the one who waits
            answer.failed(error)

    try:
        begin_apart(run())
    except RuntimeError:
        raise MediaUnavailable from None
    return await answer.result


async def _threaded(work: Callable[[], T], start: Callable[[Callable[[], None]], object]) -> T:
    answer: _Answer[T] = _Answer()

    def run() -> None:
        try:
            answer.is_there(work())
        except BaseException as error:  # noqa: BLE001 - it is handed to the one who waits
            answer.failed(error)

    try:
        start(run)
    except RuntimeError:
        raise MediaUnavailable from None
    return await answer.result


class _Answer(Generic[T]):
    """Given in one thread, awaited on the loop that it was made on; nobody is told when that one waits no more."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.result: asyncio.Future[T] = self._loop.create_future()

    def is_there(self, value: T) -> None:
        self._tell(self.result.set_result, value)

    def failed(self, error: BaseException) -> None:
        self._tell(self.result.set_exception, error)

    def _tell(self, settle: Callable[[Any], None], how: object) -> None:
        tell(self._loop, lambda: None if self.result.done() else settle(how))


def told_on(loop: asyncio.AbstractEventLoop, call: Callable[[T], object]) -> Callable[[T], None]:
    """`call`, to be called from any thread and made on `loop`."""
    return lambda value: tell(loop, partial(call, value))


def tell(loop: asyncio.AbstractEventLoop, call: Callable[[], object]) -> None:
    """Call something on the loop from another thread; nobody is told when the loop is gone."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(call)

"""Blocking calls beside an event loop: who waits may be cancelled, what was begun goes on to its end."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from threading import Thread
from typing import Any, TypeVar

from kiosk.errors import MediaUnavailable

T = TypeVar("T")


async def in_a_thread(work: Callable[[], T], *, name: str, may_be_left: bool = False) -> T:
    """Run `work` in a thread of its own and wait for it.

    Cancelling stops the waiting only. Even the end of the program waits for the work, unless it `may_be_left`: a
    call that hangs in the kernel would hold that end up for ever. Raises what the work raises,
    and `MediaUnavailable` when the system has no thread left: then nothing was begun.
    """
    loop = asyncio.get_running_loop()
    result: asyncio.Future[T] = loop.create_future()

    def settle(value: T | None, error: BaseException | None) -> None:
        if result.done():
            return
        if error is not None:
            result.set_exception(error)
        else:
            result.set_result(value)  # type: ignore[arg-type]  # without an error there is a value

    def run() -> None:
        value, error = None, None
        try:
            value = work()
        except BaseException as raised:  # noqa: BLE001 - it is handed to the one who waits
            error = raised
        tell(loop, lambda: settle(value, error))

    try:
        Thread(target=run, name=name, daemon=may_be_left).start()
    except RuntimeError:
        raise MediaUnavailable from None
    return await result


async def on_its_own_loop(work: Callable[[], Coroutine[Any, Any, T]], *, name: str) -> T:
    """Run a coroutine on an event loop in a thread of its own: whatever ends the caller's loop does not reach it.

    The end of the program waits for it, so it has to end by itself.
    """
    return await in_a_thread(lambda: asyncio.run(work()), name=name)


def told_on(loop: asyncio.AbstractEventLoop, call: Callable[[T], object]) -> Callable[[T], None]:
    """`call`, to be called from any thread and made on `loop`."""
    return lambda value: tell(loop, partial(call, value))


def tell(loop: asyncio.AbstractEventLoop, call: Callable[[], object]) -> None:
    """Call something on the loop from another thread; nobody is told when the loop is gone."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(call)

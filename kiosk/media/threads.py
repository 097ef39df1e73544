"""Blocking calls beside an event loop: who waits may be cancelled, what was begun goes on to its end."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


async def in_a_thread(work: Callable[[], T], *, name: str) -> T:
    """Run `work` in a thread of its own and wait for it.

    Cancelling stops the waiting only. The thread is no daemon, so even the end of the program waits until it is done.
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

    Thread(target=run, name=name, daemon=False).start()
    return await result


def tell(loop: asyncio.AbstractEventLoop, call: Callable[[], object]) -> None:
    """Call something on the loop from another thread; nobody is told when the loop is gone."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(call)

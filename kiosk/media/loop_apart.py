"""An event loop that goes on whatever becomes of the loops of those who want something done on it."""

import asyncio
import atexit
import os
from collections.abc import Coroutine
from dataclasses import dataclass, field
from threading import Lock, Thread
from typing import Any, Final, Self


@dataclass(frozen=True)
class LoopApart:
    """A loop in a thread of its own, for any number of pieces of work that share nothing but the thread.

    Made once and kept: to make one takes longer than most of what is done on it.
    """

    loop: asyncio.AbstractEventLoop
    process: int
    in_hand: set[asyncio.Task[None]] = field(default_factory=set)

    @classmethod
    def begun(cls) -> Self:
        """The end of the program waits for what is in hand. Raises `RuntimeError` when there is no thread left."""
        apart = cls(asyncio.new_event_loop(), os.getpid())
        thread = Thread(target=apart.loop.run_forever, name="sticks", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            apart.loop.close()
            raise
        atexit.register(apart.end, thread)
        return apart

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """From any thread."""
        self.loop.call_soon_threadsafe(self._take, work)

    def end(self, thread: Thread) -> None:
        """When everything in hand is done. Not for a process that was forked off: the thread is not in there."""
        if self.process == os.getpid():
            asyncio.run_coroutine_threadsafe(self._all_done(), self.loop).result()
            self.loop.call_soon_threadsafe(self.loop.stop)
            thread.join()
            self.loop.close()

    def _take(self, work: Coroutine[Any, Any, None]) -> None:
        task = self.loop.create_task(work)
        self.in_hand.add(task)
        task.add_done_callback(self.in_hand.discard)

    async def _all_done(self) -> None:
        while self.in_hand:
            await asyncio.wait(self.in_hand)


_begun: Final[list[LoopApart]] = []
"""The last one is in use; a process that was forked off keeps those of its parents, and lets them be."""
_lock: Final = Lock()


def begin_apart(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine, which catches its errors, on the loop apart of this process.

    Raises `RuntimeError` when the system has no thread left for that: then nothing was begun.
    """
    with _lock:
        if not _begun or _begun[-1].process != os.getpid():
            try:
                _begun.append(LoopApart.begun())
            except RuntimeError:
                work.close()
                raise
        apart = _begun[-1]
    apart.begin(work)

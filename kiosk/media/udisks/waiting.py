"""Waiting for a stick: no longer than it is plugged in, and never past the deadline."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from time import monotonic
from typing import Any, TypeVar

from kiosk.errors import StickTimedOut
from kiosk.media.udisks.presence import StickPresence

T = TypeVar("T")


@dataclass(frozen=True)
class Waiting:
    """Waits for answers of one stick."""

    presence: StickPresence
    until: float
    """Of `time.monotonic`."""
    every: float
    """Seconds between two questions whether the stick is still in."""

    async def answer(self, work: Coroutine[Any, Any, T]) -> T:
        """What `work` comes to.

        Raises `StickRemoved` or `NotTheSameStick` as soon as the stick is gone and `StickTimedOut` at the deadline:
        then the work is cancelled, and whatever the kernel is doing for it is left behind.
        """
        task = asyncio.ensure_future(work)
        try:
            while not task.done():
                left = self.until - monotonic()
                if left <= 0:
                    raise StickTimedOut
                await asyncio.wait({task}, timeout=min(self.every, left))
                if not task.done():
                    self.presence.require()
            return task.result()
        finally:
            task.add_done_callback(_looked_at)
            task.cancel()


def _looked_at(task: "asyncio.Future[Any]") -> None:
    """So that nobody reports an error as overlooked that came after it was given up."""
    if not task.cancelled():
        task.exception()

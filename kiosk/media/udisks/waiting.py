"""Waiting for a stick: no longer than it is plugged in, and never past the deadline."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, TypeVar

from kiosk.errors import MediaError, StickTimedOut
from kiosk.media.udisks.presence import StickPresence

T = TypeVar("T")


@dataclass
class Waiting:
    """Waits for answers of one stick."""

    presence: StickPresence
    until: float
    """Of `time.monotonic`."""
    every: float
    """Seconds between two questions whether the stick is still in."""
    watched: bool = field(default=False, init=False)
    """Somebody waits already for something that this answer is a part of."""

    async def answer(self, work: Coroutine[Any, Any, T]) -> T:
        """What `work` comes to.

        Raises `StickRemoved` or `NotTheSameStick` as soon as the stick is gone and `StickTimedOut` at the deadline:
        then the work is cancelled, and whatever the kernel is doing for it is left behind.
        """
        if self.watched:
            return await work
        left = self.until - monotonic()
        if left <= 0:
            work.close()
            raise StickTimedOut
        loop, gone = asyncio.get_running_loop(), None
        asking: asyncio.TimerHandle

        def ask() -> None:
            nonlocal asking, gone
            try:
                self.presence.require()
            except MediaError as error:
                gone = error
                if not patience.expired():
                    patience.reschedule(loop.time())
            else:
                asking = loop.call_later(self.every, ask)

        asking = loop.call_later(self.every, ask)
        self.watched = True
        try:
            async with asyncio.timeout(left) as patience:
                return await work
        except Exception:  # work that is broken off ends with an error of its own: why it was is told instead
            if not patience.expired():
                raise
            raise gone or StickTimedOut() from None
        finally:
            self.watched = False
            asking.cancel()

"""One piece of work at one stick: every question to the system with an end, whatever the stick does."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Final, TypeVar

from kiosk.errors import LeftBehind, MediaError, StickInUse, StickIoFailure, StickRemoved
from kiosk.media.calls import FileCalls
from kiosk.media.claims import Claim
from kiosk.media.faults import explained
from kiosk.media.udisks.mounted import Expected, MountedStick
from kiosk.media.udisks.mounting import Mounts
from kiosk.media.udisks.presence import StickPresence
from kiosk.media.udisks.targets import Target
from kiosk.media.udisks.waiting import Waiting

T = TypeVar("T")

TRIES_WHILE_BUSY: Final = 3
TIDYING_SECONDS: Final = 10.0
LEAVING_SECONDS: Final = 1.0
"""For letting go of a stick that is gone: the person at the counter waits for the message."""


@dataclass
class AtStick:
    """What a piece of work needs. Belongs to one event loop and one claim."""

    target: Target
    mounts: Mounts
    presence: StickPresence
    claim: Claim
    filesystems: frozenset[str]
    calls: FileCalls = field(default_factory=FileCalls)
    deadline: float = 60.0
    """Seconds for the whole piece of work."""
    every: float = 0.5
    """Seconds between two questions whether the stick is still in."""
    pause: float = 1.0
    """Seconds before a busy stick is asked again."""
    waiting: Waiting = field(init=False)
    mounted: bool = field(default=False, init=False)
    """By this piece of work, or maybe so; what somebody else mounted is never unmounted here."""

    def __post_init__(self) -> None:
        self.waiting = self._for(self.deadline)

    def begin_tidying(self) -> None:
        """The work is over, and so is its deadline: what follows has a short one of its own."""
        self.waiting = self._for(TIDYING_SECONDS)

    async def mount(self, *, read_only: bool) -> bytes:
        """Where it is mounted now. Raises `StickInUse` when it was mounted already."""
        self.mounted = True  # a call that was given up may mount it all the same
        try:
            return await self.waiting.answer(self.mounts.mount(self.target, read_only=read_only))
        except StickInUse:
            self.mounted = False
            raise

    async def in_there(self, path: bytes, work: Callable[[MountedStick], T], *, writable: bool) -> T:
        """What `work` comes to in a thread, given a handle that is proven to be the stick's."""
        expected = Expected(self.presence.plug_in.partition, self.filesystems, writable=writable)

        def visit() -> T:
            with expected.opened(path, self.presence.kernel) as stick:
                self.presence.require()  # another one may have come while it was mounted, under the same numbers
                return work(stick)

        return await self.waiting.answer(self.claim.in_a_thread(visit))

    async def unmount(self) -> None:
        """Raises `StickInUse` when it stays busy."""
        for tries_left in reversed(range(TRIES_WHILE_BUSY)):
            try:
                await self.waiting.answer(self.mounts.unmount(self.target))
            except StickInUse:
                if not tries_left:
                    raise
                await self.waiting.answer(asyncio.sleep(self.pause))
            else:
                self.mounted = False
                return

    async def leave(self) -> None:
        """See that it is mounted nowhere, by force if need be; nobody is told when that fails."""
        if not self.mounted:
            return
        try:
            await self.unmount()
        except MediaError:
            await self.detach()

    async def detach(self) -> None:
        """Out of the tree of files within a second, or not at all."""
        if not self.mounted:
            return
        with suppress(MediaError, OSError):
            async with asyncio.timeout(LEAVING_SECONDS):
                await self.mounts.detach(self.target)

    async def look_in(self, work: Callable[[MountedStick], T]) -> T:
        """What `work` sees on the stick, which is mounted for reading only, and for that moment only.

        Raises a `kiosk.errors.MediaError` child; nothing was written.
        """
        try:
            path = await self.mount(read_only=True)
            try:
                return await self.in_there(path, work, writable=False)
            finally:
                self.begin_tidying()
                await self.leave()
        except (OSError, MediaError) as error:
            raise self.explained(error, LeftBehind.NOTHING) from error

    def explained(self, error: OSError | MediaError, left_behind: LeftBehind) -> MediaError:
        """What really happened: first of all whether the stick is still in, whatever `error` says."""
        try:
            self.presence.require()
        except MediaError as gone:
            gone.left_behind = left_behind
            return gone
        failure = error if isinstance(error, MediaError) else _meaning(error)
        failure.left_behind = left_behind
        return failure

    def _for(self, seconds: float) -> Waiting:
        return Waiting(self.presence, monotonic() + seconds, self.every)


def _meaning(error: OSError) -> MediaError:
    """Of a stick that is still in, so never "removed"."""
    failure = explained(error, LeftBehind.NOTHING)
    return StickIoFailure() if isinstance(failure, StickRemoved) else failure

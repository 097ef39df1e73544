"""Real USB sticks on Linux, by way of UDisks2."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256
from time import monotonic
from typing import Final, TypeVar

from kiosk.clock import Clock, SystemClock
from kiosk.errors import MediaUnavailable, StickIoFailure
from kiosk.media.calls import FileCalls
from kiosk.media.leftovers import Leftovers
from kiosk.media.names import require_plain_name
from kiosk.media.threads import in_a_thread, on_a_loop_apart, told_on
from kiosk.media.udisks import ejecting, sequence
from kiosk.media.udisks.abandoned import OwnMounts
from kiosk.media.udisks.bus import UDisksBus
from kiosk.media.udisks.claims import Claim, disks_at_work
from kiosk.media.udisks.kernel import Kernel
from kiosk.media.udisks.mounting import UDisksMounts
from kiosk.media.udisks.objects import read_objects
from kiosk.media.udisks.presence import StickPresence
from kiosk.media.udisks.references import plug_in_of
from kiosk.media.udisks.targets import Policy, Target, find_targets
from kiosk.media.udisks.visiting import AtStick
from kiosk.media.udisks.waiting import Waiting
from kiosk.media.volumes import Stick, StickRef, WriteReceipt, WriteStep

T = TypeVar("T")

SETTLING_SECONDS: Final = 0.15
"""After a signal: a stick comes as several objects, and the first signal comes before its file system is known."""
VERIFIED: Final = "device"
ASKED_EVERY: Final = 0.5
"""Seconds between two questions whether the stick is still in."""


@dataclass(frozen=True)
class UDisksMedia:
    """`kiosk.media.volumes.Media` over the USB ports of this machine.

    Every piece of work opens a connection of its own, so any thread and any event loop may ask. What was begun on a
    stick goes on to its end whatever happens to the caller.
    """

    policy: Policy = field(default_factory=Policy)
    require_empty: bool = True
    """Refuse a stick that holds anything at all."""
    clock: Clock = field(default_factory=SystemClock)
    address: str | None = None
    """Of the message bus; None is the system's."""
    kernel: Kernel = field(default_factory=Kernel)
    calls: FileCalls = field(default_factory=FileCalls)
    own_mounts: OwnMounts = field(default_factory=OwnMounts.of_this_account)
    """How a mount looks that an earlier run may have left behind."""
    deadline: float = 60.0
    """Seconds after which a stick that does not answer is given up."""
    pause: float = 2.0
    """Seconds before UDisks is looked for again after it went away."""
    simulated: bool = field(default=False, init=False)
    _leftovers: Leftovers = field(default_factory=Leftovers, init=False, repr=False)

    async def list(self) -> tuple[Stick, ...]:
        """Every USB stick, refused ones with their reason, in the order of plugging in; `free` is not known yet.

        Raises `MediaUnavailable`.
        """
        async with UDisksBus(self.address) as bus:
            return await self._sticks(bus)

    async def watch(self) -> AsyncGenerator[tuple[Stick, ...], None]:
        """A whole snapshot at once and after every change; no sticks while UDisks cannot be asked.

        Never raises: it goes on when UDisks is there again.
        """
        last: tuple[Stick, ...] | None = None
        while True:
            try:
                async with UDisksBus(self.address) as bus, aclosing(self._snapshots(bus)) as snapshots:
                    async for now in snapshots:
                        if now != last:
                            last = now
                            yield now
            except MediaUnavailable:
                if last != ():
                    last = ()
                    yield ()
            await asyncio.sleep(self.pause)

    async def look(self, ref: StickRef) -> Stick:
        """One stick with its free space, refused when it may not be written to.

        Mounted for reading only, and for that moment only. Raises a `kiosk.errors.MediaError` child.
        """

        async def look(at: AtStick) -> Stick:
            stick = await sequence.look(at, require_empty=self.require_empty)
            if stick.free is not None and not stick.leftover:
                self._leftovers.forget(at.target.identity)
            return stick

        return await self._at(ref, look)

    async def write_verified(
        self, ref: StickRef, name: str, data: bytes, progress: Callable[[WriteStep], None]
    ) -> WriteReceipt:
        """Write one new file and prove that the device has it; `progress` is called on the caller's event loop.

        Raises a `kiosk.errors.MediaError` child with `left_behind` set, and `ValueError` for a name that is not a plain
        one.
        """
        require_plain_name(name)
        step = told_on(asyncio.get_running_loop(), progress)

        async def write(at: AtStick) -> WriteReceipt:
            with self._leftovers.noting(at.target.identity):
                how = await sequence.write(at, name, data, step, require_empty=self.require_empty)
            return WriteReceipt(
                ref=ref,
                name=name,
                size=len(data),
                sha256=sha256(data).hexdigest(),
                verified=(VERIFIED, how.value),
                finished=self.clock.now(),
            )

        return await self._at(ref, write)

    async def looks_finished(self, ref: StickRef, name: str, sha256_hex: str) -> bool:
        """Whether exactly that file is on the stick; nothing else of it is read.

        Raises a `kiosk.errors.MediaError` child, and `ValueError` for a name that is not a plain one.
        """
        require_plain_name(name)
        work = partial(sequence.holds, name=name, sha256_hex=sha256_hex)
        return await self._at(ref, work)

    async def remove_leftover(self, ref: StickRef) -> str:
        """Delete the one file of `Stick.leftover`; its name, empty when there was none.

        Raises a `kiosk.errors.MediaError` child: then it may still be there.
        """

        async def remove(at: AtStick) -> str:
            name = at.target.stick.leftover if await sequence.remove_leftover(at) else ""
            self._leftovers.forget(at.target.identity)
            return name

        return await self._at(ref, remove)

    async def eject(self, ref: StickRef) -> None:
        """Return when the stick may be pulled out: unmounted, switched off and gone from the kernel's list.

        Raises `StickInUse`, `StickEjectFailed`, `StickRemoved` or `NotTheSameStick`.
        """
        await self._at(ref, ejecting.eject)

    # -----------------------------------------------------------------------------------------------------------------

    async def _at(self, ref: StickRef, work: Callable[[AtStick], Awaitable[T]]) -> T:
        return await on_a_loop_apart(partial(self._visit, ref, work))

    async def _visit(self, ref: StickRef, work: Callable[[AtStick], Awaitable[T]]) -> T:
        plug_in = plug_in_of(ref)
        presence = StickPresence(plug_in, self.kernel)
        with Claim.of(plug_in, self.kernel) as claim:
            presence.require()
            async with UDisksBus(self.address) as bus:
                targets = await self._waiting(presence).answer(
                    self._targets(bus, lambda: disks_at_work() - {plug_in.disk})
                )
                target = next((target for target in targets if target.stick.ref == ref), None)
                if target is None:
                    presence.require()
                    raise StickIoFailure  # it is in, and UDisks knows nothing of it: nobody may say "removed"
                at = AtStick(
                    target,
                    UDisksMounts(bus),
                    presence,
                    claim,
                    self.policy.accepted_filesystems,
                    self.calls,
                    self.deadline,
                )
                if target.abandoned:
                    await at.unmount()
                return await work(at)

    def _waiting(self, presence: StickPresence) -> Waiting:
        """A UDisks that hangs over a dead stick keeps nobody waiting who pulled it."""
        return Waiting(presence, monotonic() + self.deadline, ASKED_EVERY)

    async def _snapshots(self, bus: UDisksBus) -> AsyncGenerator[tuple[Stick, ...], None]:
        async with aclosing(bus.changes()) as changes:
            await anext(changes)
            yield await self._sticks(bus)
            async for _ in changes:
                await asyncio.sleep(SETTLING_SECONDS)
                yield await self._sticks(bus)

    async def _sticks(self, bus: UDisksBus) -> tuple[Stick, ...]:
        """What this program mounts for its own work does not make a stick look taken, not even for a moment."""
        before = disks_at_work()
        return tuple(target.stick for target in await self._targets(bus, lambda: before | disks_at_work()))

    async def _targets(self, bus: UDisksBus, ours: Callable[[], frozenset[str]]) -> tuple[Target, ...]:
        try:
            objects = read_objects(await bus.managed_objects())
            found = await in_a_thread(
                lambda: find_targets(objects, self.kernel, self.policy, ours(), self.own_mounts),
                name="stick-list",
            )
        except OSError:
            raise MediaUnavailable from None
        return tuple(
            replace(target, stick=self._leftovers.marked(target.stick, target.identity)) for target in found
        )

"""Real USB sticks on Windows. Never run on Windows: see docs/WINDOWS.md for what is known and what is not."""

import asyncio
import sys
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256
from threading import Event
from typing import Final, TypeVar

from kiosk.clock import Clock, SystemClock
from kiosk.errors import (
    LeftBehind,
    MediaError,
    MediaUnavailable,
    NotTheSameStick,
    StickEjectFailed,
    StickInUse,
    StickNotAllowed,
    StickNotEmpty,
    StickReadOnly,
    StickRemoved,
    StickTimedOut,
    StickUnsupported,
)
from kiosk.media.claims import Claim
from kiosk.media.leftovers import Leftovers
from kiosk.media.names import require_plain_name
from kiosk.media.threads import in_a_loose_thread, told_on
from kiosk.media.volumes import Stick, StickRef, StickRefusal, WriteReceipt, WriteStep
from kiosk.media.windows import writing
from kiosk.media.windows.asking import targets_of
from kiosk.media.windows.calls import CallFailed, WindowsCalls
from kiosk.media.windows.decisions import Policy, Target, is_in_the_place_of
from kiosk.media.windows.errors import explained, refused_to_eject

T = TypeVar("T")

VERIFIED: Final = "device"
HOW: Final = "direct"
"""Past the cache, as on Linux."""

_REFUSED: Final[dict[StickRefusal, type[MediaError]]] = {
    StickRefusal.NO_MEDIUM: StickRemoved,
    StickRefusal.NO_FILESYSTEM: StickUnsupported,
    StickRefusal.UNSUPPORTED_FS: StickUnsupported,
    StickRefusal.ENCRYPTED: StickUnsupported,
    StickRefusal.SEVERAL_VOLUMES: StickUnsupported,
    StickRefusal.WRITE_PROTECTED: StickReadOnly,
    StickRefusal.IN_USE: StickInUse,
    StickRefusal.NOT_EMPTY: StickNotEmpty,
}
"""Everything else is a device that may not be used here."""


def _of_this_machine() -> WindowsCalls:
    """Raises `MediaUnavailable` anywhere but on Windows."""
    if sys.platform == "win32":
        from kiosk.media.windows.api import Win32  # noqa: PLC0415  # it can be imported on Windows only

        return Win32()
    raise MediaUnavailable


@dataclass(frozen=True)
class WindowsMedia:
    """`kiosk.media.volumes.Media` over the drives of Windows. Raises `MediaUnavailable` on other systems."""

    policy: Policy = field(default_factory=Policy)
    require_empty: bool = True
    """Refuse a stick that holds anything at all."""
    clock: Clock = field(default_factory=SystemClock)
    calls: WindowsCalls = field(default_factory=_of_this_machine)
    deadline: float = 60.0
    """Seconds after which a stick that does not answer is given up."""
    every: float = 1.0
    """Seconds between two looks while watching, and while a stick is being switched off half of it."""
    simulated: bool = field(default=False, init=False)
    _leftovers: Leftovers = field(default_factory=Leftovers, init=False, repr=False)

    async def list(self) -> tuple[Stick, ...]:
        """Every USB stick, refused ones with their reason; `free` is not known yet. Raises `MediaUnavailable`."""
        return await in_a_loose_thread(self._sticks)

    async def watch(self) -> AsyncGenerator[tuple[Stick, ...], None]:
        """A whole snapshot at once and after every change; no sticks while Windows does not tell."""
        last: tuple[Stick, ...] | None = None
        while True:
            try:
                now = await self.list()
            except MediaUnavailable:
                now = ()
            if now != last:
                yield now
                last = now
            await asyncio.sleep(self.every)

    async def look(self, ref: StickRef) -> Stick:
        """One stick with its free space in bytes, refused when it holds anything although it must not.

        Raises a `kiosk.errors.MediaError` child.
        """
        return await self._at(ref, self._looked_at)

    async def write_verified(
        self, ref: StickRef, name: str, data: bytes, progress: Callable[[WriteStep], None]
    ) -> WriteReceipt:
        """Write one new file and prove that the device has it; `progress` is called on the caller's event loop.

        Raises a `kiosk.errors.MediaError` child with `left_behind` set, and `ValueError` for a name that is not a plain
        one.
        """
        require_plain_name(name)
        step = told_on(asyncio.get_running_loop(), progress)
        given_up = Event()
        work = partial(self._write, name=name, data=data, step=step, given_up=given_up)
        return await self._at(ref, work, given_up=given_up)

    async def looks_finished(self, ref: StickRef, name: str, sha256_hex: str) -> bool:
        """Whether exactly that file is on the stick; nothing else of it is read.

        Raises a `kiosk.errors.MediaError` child, and `ValueError` for a name that is not a plain one.
        """
        require_plain_name(name)
        return await self._at(ref, partial(self._holds, name=name, sha256_hex=sha256_hex))

    async def remove_leftover(self, ref: StickRef) -> str:
        """Delete the one file of `Stick.leftover`; its name, empty when there was none.

        Raises a `kiosk.errors.MediaError` child: then it may still be there.
        """
        return await self._at(ref, self._remove_leftover)

    async def eject(self, ref: StickRef) -> None:
        """Return when the stick may be pulled out: Windows has let go of it, and it is gone from the list.

        Raises `StickInUse` while a program holds it, `StickEjectFailed` when Windows refuses otherwise or does not get
        done, both with who said no as their cause, and `StickRemoved` or `NotTheSameStick`.
        """
        await self._at(ref, self._eject)

    # -----------------------------------------------------------------------------------------------------------------

    async def _at(self, ref: StickRef, work: Callable[[Target], T], *, given_up: Event | None = None) -> T:
        """`work` on that stick, alone, in a thread that goes on to its end whatever happens to the caller."""

        def alone() -> T:
            try:
                return work(self._target(ref))
            except CallFailed as failure:
                self._target(ref)
                raise explained(failure.code, LeftBehind.NOTHING) from failure

        try:
            with Claim.on(ref) as claim:
                async with asyncio.timeout(self.deadline):
                    return await claim.in_a_thread(alone)
        except TimeoutError:
            writes = given_up is not None
            if given_up is not None:
                given_up.set()
            left = LeftBehind.COMPLETE_UNCONFIRMED if writes else LeftBehind.NOTHING
            raise StickTimedOut(left_behind=left) from None

    # --- blocking, each in a thread ----------------------------------------------------------------------------------

    def _sticks(self) -> tuple[Stick, ...]:
        found = targets_of(self.calls, self.policy)
        return tuple(self._leftovers.marked(target.stick, target.identity) for target in found)

    def _target(self, ref: StickRef) -> Target:
        """The stick as it is now. Raises `StickRemoved`, or `NotTheSameStick` when it was plugged in anew."""
        for last in (False, True):
            found = targets_of(self.calls, self.policy)
            target = next((target for target in found if target.stick.ref == ref), None)
            # A stick that is pulled while Windows is asked about it looks refused: ask once more.
            if target is not None and (last or target.stick.refusal is None):
                return target
        if any(is_in_the_place_of(ref, target.stick.ref) for target in found):
            raise NotTheSameStick
        raise StickRemoved

    def _looked_at(self, target: Target) -> Stick:
        if target.stick.refusal is not None:
            return target.stick
        free = self.calls.space(target.volume).free
        empty = not self.require_empty or writing.is_empty(self.calls, target.volume)
        left = self._leftovers.of(target.identity)
        if left and not self.calls.exists(target.volume, left):
            self._leftovers.forget(target.identity)
        looked = replace(target.stick, free=free, refusal=None if empty else StickRefusal.NOT_EMPTY)
        return self._leftovers.marked(looked, target.identity)

    def _write(
        self, target: Target, *, name: str, data: bytes, step: Callable[[WriteStep], None], given_up: Event
    ) -> WriteReceipt:
        ref = target.stick.ref
        if target.stick.refusal is not None:
            raise _refused(target.stick.refusal)
        with self._leftovers.noting(target.identity):
            writing.Writing(
                calls=self.calls,
                volume=target.volume,
                name=name,
                data=data,
                step=step,
                require_present=lambda: _nothing(self._target(ref)),
                require_empty=self.require_empty,
                given_up=given_up,
                pause=self.every / 3,
            ).through()
        return WriteReceipt(
            ref=ref,
            name=name,
            size=len(data),
            sha256=sha256(data).hexdigest(),
            verified=(VERIFIED, HOW),
            finished=self.clock.now(),
        )

    def _holds(self, target: Target, *, name: str, sha256_hex: str) -> bool:
        refusal = target.stick.refusal
        if refusal is not None and refusal is not StickRefusal.WRITE_PROTECTED:
            raise _refused(refusal)
        return writing.holds(self.calls, target.volume, name, sha256_hex)

    def _remove_leftover(self, target: Target) -> str:
        if target.stick.refusal is not None:
            raise _refused(target.stick.refusal)
        name = self._leftovers.of(target.identity)
        removed = bool(name) and writing.remove(self.calls, target.volume, name)
        self._leftovers.forget(target.identity)
        return name if removed else ""

    def _eject(self, target: Target) -> None:
        veto = self.calls.eject(target.parent)
        refusal = refused_to_eject(veto) if veto is not None else None
        if refusal is not None:
            raise refusal
        until = time.monotonic() + self.deadline / 2
        while time.monotonic() < until:
            try:
                self._target(target.stick.ref)
            except (StickRemoved, NotTheSameStick):
                return
            time.sleep(self.every / 2)
        raise StickEjectFailed


def _refused(why: StickRefusal) -> MediaError:
    error = _REFUSED.get(why, StickNotAllowed)()
    if isinstance(error, StickNotAllowed | StickUnsupported):
        error.refusal = why
    return error


def _nothing(_: object) -> None:
    """For a look that only has to succeed."""

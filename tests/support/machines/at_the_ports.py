"""In the emulated terminal: the product's adapter, what it shows, and a hand that plugs and pulls."""

import asyncio
import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, Self

from kiosk.errors import MediaError
from kiosk.media.calls import FileCalls
from kiosk.media.udisks.media import UDisksMedia
from kiosk.media.udisks.references import plug_in_of
from kiosk.media.volumes import Stick, StickRef, WriteStep
from tests.support.machines.outside import Outside

NAME: Final = "tanaka01_20261122.p12"
DATA: Final = bytes(range(256)) * 20
PATIENCE: Final = 90.0
"""Seconds for something that takes two on a quiet machine."""
_UDEV: Final = re.compile(rb"UDEV +\[([0-9.]+)\] (\w+) +(\S+)")


@dataclass
class AtThePorts:
    """One watching screen and one hand."""

    outside: Outside
    shown: tuple[Stick, ...] = ()
    shown_at: float = 0.0
    """When the last snapshot came, of `time.monotonic`."""
    udev: list[float] = field(default_factory=list)
    """When udev was done with a block device, on the same clock."""
    came: list[tuple[float, float]] = field(default_factory=list)
    """When a stick was put in, and when it was shown."""
    plugged: list[str] = field(default_factory=list)
    ever: set[str] = field(default_factory=set)
    """Every disk that was shown at any time, by the kernel's name."""
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._watch()), asyncio.create_task(self._listen())]
        return self

    async def __aexit__(self, *error: object) -> None:
        for task in self._tasks:
            task.cancel()

    # --- the hand ----------------------------------------------------------------------------------------------------

    def plug(self, image: str, **how: Any) -> None:
        """Put a stick in."""
        self.outside.plug(image, **how)
        self.plugged.append(image)

    def pull(self, image: str) -> None:
        """Pull it out; twice is once."""
        if image in self.plugged:
            self.plugged.remove(image)
            self.outside.pull(image)

    async def clear(self) -> None:
        """Everything out, and shown to be."""
        for image in list(self.plugged):
            self.pull(image)
        await self.sees(lambda sticks: not sticks)

    # --- what is shown -----------------------------------------------------------------------------------------------

    async def sees(self, condition: Callable[[tuple[Stick, ...]], bool]) -> tuple[Stick, ...]:
        """Wait until the watching screen would show that."""
        async with self._changed, asyncio.timeout(PATIENCE):
            await self._changed.wait_for(lambda: condition(self.shown))
        return self.shown

    async def comes(self, image: str, **how: Any) -> Stick:
        """Put a stick in and wait until it is shown with its file system."""
        known = {stick.ref for stick in self.shown}
        begun = time.monotonic()
        self.plug(image, **how)
        stick = await self.new_beside(known)
        self.came.append((begun, self.shown_at))
        return stick

    def beyond_udev(self) -> list[float]:
        """For each stick that came: seconds from udev being done with it to being shown."""
        done = [
            max((at for at in self.udev if begun < at < shown), default=begun) for begun, shown in self.came
        ]
        return [shown - at for at, (_, shown) in zip(done, self.came, strict=True)]

    async def new_beside(self, known: set[StickRef]) -> Stick:
        """The stick that was not there before, as soon as it is settled what it is."""

        def new(sticks: tuple[Stick, ...]) -> list[Stick]:
            return [stick for stick in sticks if stick.ref not in known]

        await self.sees(lambda sticks: any(stick.filesystem for stick in new(sticks)))
        return new(self.shown)[0]

    async def _watch(self) -> None:
        async for sticks in UDisksMedia().watch():
            async with self._changed:
                self.shown, self.shown_at = sticks, time.monotonic()
                self.ever |= {plug_in_of(stick.ref).disk for stick in sticks}
                self._changed.notify_all()

    async def _listen(self) -> None:
        monitor = await asyncio.create_subprocess_exec(
            *("udevadm", "monitor", "--udev", "--subsystem-match=block"), stdout=asyncio.subprocess.PIPE
        )
        assert monitor.stdout is not None
        try:
            async for line in monitor.stdout:
                event = _UDEV.match(line)
                if event and event[2] in {b"add", b"change"}:
                    self.udev.append(float(event[1]))
        finally:
            with suppress(ProcessLookupError):
                monitor.kill()

    # --- the product -------------------------------------------------------------------------------------------------

    async def writes(
        self,
        ref: StickRef,
        at_step: Callable[[WriteStep], None] = lambda _: None,
        *,
        calls: FileCalls | None = None,
        **given: Any,
    ) -> dict[str, Any]:
        """Write the file; how that ended, and how long it took."""
        media = UDisksMedia(calls=calls or FileCalls(), **given)
        begun = time.monotonic()
        facts: dict[str, Any] = {"steps": [], "left_behind": ""}

        def step(now: WriteStep) -> None:
            facts["steps"].append(now)
            at_step(now)

        try:
            receipt = await media.write_verified(ref, NAME, DATA, step)
        except MediaError as failure:
            facts |= {"ended": type(failure).__name__, "left_behind": failure.left_behind}
        else:
            facts |= {"ended": "written", "verified": receipt.verified}
        return facts | {"ended_at": time.monotonic(), "seconds": time.monotonic() - begun}

    async def ejects(self, ref: StickRef) -> str:
        """How it ended."""
        try:
            await UDisksMedia().eject(ref)
        except MediaError as failure:
            return type(failure).__name__
        return "may be pulled"

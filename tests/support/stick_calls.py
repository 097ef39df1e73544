"""Every call of a write to a stick, counted, so that something can happen before any of them."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from kiosk.media.calls import FileCalls
from kiosk.media.udisks.claims import Claim
from kiosk.media.udisks.sequence import write
from tests.media.contract import DATA, NAME, no_progress
from tests.support.loop_sticks import CommandMounts, LoopStick, an_empty_ext4, plugged_in

CALLS = (
    "create",
    "open",
    "write",
    "read",
    "sync",
    "rename_new",
    "sync_file_system",
    "unlink",
    "stat",
    "close",
)


@dataclass
class Watched(FileCalls):
    """The real calls; `before_nth` happens before the n-th."""

    nth: int = 0
    before_nth: Callable[[], object] = lambda: None
    made: list[str] = field(default_factory=list)

    def __getattribute__(self, name: str) -> Any:
        real = object.__getattribute__(self, name)
        return partial(object.__getattribute__(self, "_call"), name, real) if name in CALLS else real

    def _call(self, name: str, real: Callable[..., object], *given: object, **named: object) -> object:
        self.made.append(name)
        if len(self.made) == self.nth:
            self.before_nth()
        return real(*given, **named)


@dataclass
class WatchedMounts(CommandMounts):
    """The same for what is asked of the system."""

    nth: int = 0
    before_nth: Callable[[], object] = lambda: None
    asked: int = 0

    async def _run(self, *command: str, **named: Any) -> None:
        self.asked += 1
        if self.asked == self.nth:
            self.before_nth()
        await super()._run(*command, **named)


async def calls_of_a_write(folder: Path) -> list[str]:
    """The names of the calls of one that goes well."""
    calls = Watched()
    with a_stick(folder) as stick, Claim.of(stick.plug_in) as claim:
        await write(stick.at(claim, calls=calls), NAME, DATA, no_progress)
    return calls.made


def number_of_calls(folder: Path) -> int:
    """How many those are."""
    return len(asyncio.run(calls_of_a_write(folder)))


@contextmanager
def a_stick(folder: Path) -> Iterator[LoopStick]:
    """A healthy one in a folder of its own."""
    folder.mkdir()
    with plugged_in(folder, an_empty_ext4(folder / "stick.img")) as stick:
        yield stick

"""In the emulated terminal: the program is killed in the middle of a write, and starts again."""

import asyncio
import os
import signal
import time
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, Self

from kiosk.media.udisks.media import UDisksMedia
from kiosk.media.volumes import StickRef
from tests.support.machines.at_the_ports import DATA, NAME, AtThePorts
from tests.support.machines.watched import WatchedCalls, WatchFor

KILLED_AFTER: Final = ("write", "sync: folder")
"""The file has no final name yet; it has one and was not confirmed."""


@dataclass(frozen=True)
class Program:
    """A process of its own that writes to a stick as soon as it is told which, and dies after a call.

    It is split off from one that has everything loaded: to load it again takes an emulated processor a minute.
    """

    pid: int
    line: int

    @classmethod
    def waiting(cls, call: str) -> Self:
        """To be started while there is one thread and no event loop."""
        reading, writing = os.pipe()
        pid = os.fork()
        if pid:
            os.close(reading)
            return cls(pid, writing)
        os.close(writing)
        with os.fdopen(reading) as line:
            asyncio.run(_write_and_die(line.readline().strip(), call))
        os._exit(0)

    def dies_writing(self, token: str) -> int:
        """The signal it died of; 0 when it lived to the end."""
        with os.fdopen(self.line, "w") as line:
            line.write(f"{token}\n")
        return -os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


async def killed(ports: AtThePorts, call: str, program: Program) -> dict[str, Any]:
    """The stick stays where it is; what the next start shows of it and does with it."""
    stick = await ports.comes(f"killed-{call.replace(': ', '-')}")
    died_of = await asyncio.to_thread(program.dies_writing, stick.ref.token)
    begun = time.monotonic()
    [shown] = await UDisksMedia().list()
    facts = {
        "died_of": died_of,
        "shown": shown.refusal,
        "same_reference": shown.ref == stick.ref,
        "finished": await UDisksMedia().looks_finished(shown.ref, NAME, sha256(DATA).hexdigest()),
        "looked": (await UDisksMedia().look(shown.ref)).refusal,
        "took_until_known": time.monotonic() - begun,
    }
    return (
        facts
        | await ports.writes(shown.ref, require_empty=False)
        | {"ejected": await ports.ejects(shown.ref)}
    )


async def _write_and_die(token: str, call: str) -> None:
    watch = WatchFor(call, lambda: os.kill(os.getpid(), signal.SIGKILL))
    media = UDisksMedia(calls=WatchedCalls(watch))
    await media.write_verified(StickRef("udisks", token), NAME, DATA, lambda _: None)

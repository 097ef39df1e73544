"""In the emulated terminal: the program is killed in the middle of a write, and starts again."""

import asyncio
import os
import signal
import sys
import time
from hashlib import sha256
from typing import Any, Final

from kiosk.media.udisks.media import UDisksMedia
from kiosk.media.volumes import StickRef
from tests.support.machines.at_the_ports import DATA, NAME, AtThePorts
from tests.support.machines.watched import WatchedCalls, WatchFor

KILLED_AFTER: Final = ("write", "sync: folder")
"""The file has no final name yet; it has one and was not confirmed."""


async def killed(ports: AtThePorts, call: str) -> dict[str, Any]:
    """The stick stays where it is; what the next start shows of it and does with it."""
    stick = await ports.comes(f"killed-{call.replace(': ', '-')}")
    program = await asyncio.create_subprocess_exec(sys.executable, "-m", __name__, stick.ref.token, call)
    died_of = -await program.wait()
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


if __name__ == "__main__":
    asyncio.run(_write_and_die(*sys.argv[1:]))

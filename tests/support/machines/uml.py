"""User-Mode Linux: a Linux of its own as a program, with the kernel's real FAT and a stick that can be pulled out.

It sees the disk of this machine for reading only, so the Python and the code inside it are those of the test.
"""

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from tests.support.machines.telling import told

PROJECT: Final = Path(__file__).resolve().parents[3]
DRIVERS: Final = Path("/usr/lib/uml/modules")
LONGEST: Final = 600.0
"""Seconds; on a quiet machine it takes fifty."""

ENDED: Final = "the guest program ended:"


class MachineFailed(AssertionError):
    """The machine did not start, stopped in the middle, or ran too long; its last lines say more."""


def run(program: str, scratch: Path) -> list[dict[str, Any]]:
    """Start a machine that runs `python -m PROGRAM` as root and stops; what the program told.

    Raises `MachineFailed`.
    """
    command = [
        *("linux.uml", "mem=512M", "rootfstype=hostfs", "ro", "rootflags=/", f"uml_dir={scratch}"),
        *(f"init={Path(__file__).with_name('uml.sh')}", "con=null", "con0=null,fd:1", "quiet"),
        *(f"PROJECT={PROJECT}", f"DRIVERS={DRIVERS}", f"PROGRAM={program}"),
    ]
    log = scratch / "console.txt"
    with log.open("wb") as console:
        machine = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _wait(machine, log)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(machine.pid, signal.SIGKILL)  # it runs the programs inside as processes of its own
            machine.wait()
    lines = log.read_text("utf-8", errors="replace").splitlines()
    if f"{ENDED} 0" not in lines:
        raise MachineFailed(_last(log))
    return told(lines)


def _wait(machine: "subprocess.Popen[bytes]", log: Path) -> None:
    """Until the guest program ended; how the machine stops after that is of no interest."""
    end = time.monotonic() + LONGEST
    while machine.poll() is None and ENDED not in log.read_text("utf-8", errors="replace"):
        if time.monotonic() > end:
            raise MachineFailed(_last(log))
        time.sleep(0.3)


def _last(log: Path) -> str:
    return "\n".join(log.read_text("utf-8", errors="replace").splitlines()[-60:])

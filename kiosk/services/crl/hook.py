"""The command that tells the web system about a new list, for example a reload of its server."""

import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SEARCHED: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
SECONDS: Final = 10
NOT_STARTED: Final = "not_started"
TIMED_OUT: Final = "timed_out"


@dataclass(frozen=True, kw_only=True)
class Hook:
    """A command that runs after each publication, with no shell and nothing of this program's environment."""

    command: Sequence[str] = ()
    """Program and arguments, word by word; empty for none."""
    seconds: int = SECONDS
    """After so long it is ended, with everything it started."""

    def run(self, folder: Path, number: int) -> str | None:
        """Run it to its end; None when it succeeded, otherwise what happened: `exit_1`, `signal_9`, a word above.

        It finds `MADOGUCHI_CRL_FOLDER` and `MADOGUCHI_CRL_NUMBER` in its environment, reads nothing and is not listened
        to. Never raises.
        """
        told = {
            "PATH": SEARCHED,
            "LC_ALL": "C.UTF-8",
            "MADOGUCHI_CRL_FOLDER": str(folder),
            "MADOGUCHI_CRL_NUMBER": str(number),
        }
        try:
            running = subprocess.Popen(  # noqa: S603  the operator's own command, word by word and without a shell
                self.command,
                env=told,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # one signal ends whatever it started, and Ctrl+C here is not for it
                cwd="/",
            )
        except (OSError, ValueError):
            return NOT_STARTED
        try:
            code = running.wait(self.seconds)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGKILL)
            running.wait()
            return TIMED_OUT
        if code == 0:
            return None
        return f"exit_{code}" if code > 0 else f"signal_{-code}"

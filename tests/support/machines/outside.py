"""The guest's line to the test outside: it asks for sticks to be plugged in and pulled out, and tells what it saw."""

import json
import os
import tty
from pathlib import Path
from threading import Lock
from typing import Any, Final

LINE: Final = Path("/dev/ttyS1")
CHORES: Final = Path("/run/chores")
CHORES_LOG: Final = Path("/run/chores.log")


class Refused(Exception):
    """The outside could not do what it was asked for."""


class Outside:
    """One at a time in a guest; every call waits for the answer."""

    def __init__(self, line: Path = LINE) -> None:
        self._line = os.open(line, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self._line)
        self._reader = os.fdopen(os.dup(self._line), "rb")
        self._lock = Lock()

    def tell(self, what: str, **facts: Any) -> None:
        """One thing that happened."""
        self._ask("tell", what=what, **facts)

    def plug(self, image: str, **how: Any) -> None:
        """Put a stick in; see `tests.support.machines.ports.Ports.plug`."""
        self._ask("plug", image=image, **how)

    def pull(self, image: str) -> None:
        """Pull it out, whatever is going on."""
        self._ask("pull", image=image)

    def gadget(self, chore: str) -> None:
        """Something for `gadget.sh`, which is done by root inside this machine."""
        CHORES.write_text(f"{chore}\n")

    def chores_said(self) -> list[str]:
        """The last lines, complaints among them."""
        return CHORES_LOG.read_text("utf-8", errors="replace").splitlines()[-20:]

    def _ask(self, do: str, **facts: Any) -> None:
        with self._lock:
            rest = memoryview(json.dumps({"do": do, **facts}).encode() + b"\n")
            while rest:
                rest = rest[os.write(self._line, rest) :]
            answer = json.loads(self._reader.readline())
        if answer != "done":
            raise Refused(answer)

"""One program for one terminal: recovery settles what a program that is gone left behind."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from kiosk.errors import FilesNotOurs, NotSetUp, TerminalInUse

TERMINAL_LOCK: Final = "terminal.lock"


def take_terminal(data: Path) -> Callable[[], None]:
    """Keep every other program of this terminal out until what is given back is called.

    Raises `NotSetUp` for a folder that is not there, `FilesNotOurs`, and `TerminalInUse`.
    """
    try:
        handle = os.open(data / TERMINAL_LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except PermissionError:
        raise FilesNotOurs(path=str(data)) from None
    except OSError:
        raise NotSetUp(missing=str(data)) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise TerminalInUse from None
    return lambda: os.close(handle)

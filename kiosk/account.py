"""Whom the machine knows as running this program: nobody signs on to a command."""

import os
import pwd
from contextlib import suppress
from pathlib import Path
from typing import Final

_LOGIN: Final = Path("/proc/self/loginuid")
_NOBODY_LOGGED_ON: Final = 2**32 - 1


def running_account() -> str:
    """The account, and behind a slash the one that logged on when that is another, as through `sudo` or `su`."""
    account, logged_on = os.getuid(), _logged_on()
    numbers = dict.fromkeys((account, account if logged_on is None else logged_on))
    return "/".join(map(_name, numbers))


def owner_of(path: Path) -> str:
    """Whose file it is; where this account may not look, whose the innermost folder is that it may look at."""
    for place in (path, *path.absolute().parents):
        with suppress(OSError):
            return _name(place.stat().st_uid)
    return "-"


def _logged_on() -> int | None:
    """The account of the logon, which no change of accounts changes; None for a program that the machine started."""
    try:
        number = int(_LOGIN.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    return None if number == _NOBODY_LOGGED_ON else number


def _name(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"uid {number}"

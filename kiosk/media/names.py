"""Names a file may have on a stick, whatever its file system."""

import re

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_DOS_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


def require_plain_name(name: str) -> None:
    """Raise `ValueError` for a name that is not the same plain file name on every file system."""
    if _NAME.fullmatch(name) is None or name.endswith(".") or _DOS_DEVICE.fullmatch(name):
        raise ValueError("not a plain file name")

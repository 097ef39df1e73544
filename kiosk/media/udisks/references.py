"""One plug-in event in a reference that nobody outside needs to understand."""

import re
from dataclasses import dataclass
from typing import Final

from kiosk.media.volumes import StickRef

BACKEND: Final = "udisks"
_BLOCK_NAME = r"[A-Za-z0-9][A-Za-z0-9._!:-]*"
_TOKEN: Final = re.compile(rf"([0-9a-f-]{{36}})/({_BLOCK_NAME})/({_BLOCK_NAME})/([0-9]{{1,20}})", re.ASCII)


@dataclass(frozen=True)
class PlugIn:
    """A stick between being plugged in and being pulled out.

    Name, port, serial number and label may all come again with another stick; `diskseq` does not until the machine
    starts anew, which `boot_id` tells.
    """

    boot_id: str
    disk: str
    """The kernel's name of the whole disk."""
    partition: str
    """What holds the file system: a partition, or the disk itself when it has none."""
    diskseq: int


def reference(plug_in: PlugIn) -> StickRef:
    """Equal references, equal plug-in events."""
    return StickRef(BACKEND, f"{plug_in.boot_id}/{plug_in.disk}/{plug_in.partition}/{plug_in.diskseq}")


def plug_in_of(ref: StickRef) -> PlugIn:
    """What `reference` was given. Raises `ValueError` for a reference that was made elsewhere."""
    found = _TOKEN.fullmatch(ref.token) if ref.backend == BACKEND else None
    if found is None or not found[3].startswith(found[2]):
        raise ValueError("not a reference to a plugged-in stick")
    return PlugIn(boot_id=found[1], disk=found[2], partition=found[3], diskseq=int(found[4]))

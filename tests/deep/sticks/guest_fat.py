"""In User-Mode Linux: one file is put onto a stick with a real FAT, and the stick is pulled out after every call."""

import os
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from kiosk.errors import MediaError
from kiosk.media.calls import FileCalls
from kiosk.media.faults import explained
from kiosk.media.writing import NewFile
from tests.support.machines import ramstick
from tests.support.machines.telling import tell
from tests.support.machines.watched import Watch, WatchedCalls

NAME: Final = "tanaka01_20261122.p12"
DATA: Final = bytes(range(256)) * 20
"""As long as a p12."""
CALLS: Final = (
    *("create", "write", "sync", "open", "read", "close"),
    *("rename_new", "sync", "sync: folder"),
)
"""What putting a file consists of, in order; after each of them the stick is pulled out once."""


class Textbook(FileCalls):
    """What most books say: after the rename only the directory is synced."""

    _file = -1
    _renamed = False

    def create(self, folder: int, name: str) -> int:
        self._file = super().create(folder, name)
        return self._file

    def rename_new(self, folder: int, old: str, new: str) -> None:
        super().rename_new(folder, old, new)
        self._renamed = True

    def sync(self, file: int) -> None:
        if file != self._file or not self._renamed:
            super().sync(file)


def put(folder: Path, calls: FileCalls) -> str:
    """How putting the file ended: "written", or the name of the refusal. Nothing is taken back."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    file = NewFile(handle, NAME, calls)
    try:
        with closing(file):
            file.put(DATA, lambda _: None)
    except OSError as error:
        return type(explained(error, file.left_behind)).__name__
    except MediaError as refusal:
        return type(refusal).__name__
    finally:
        with suppress(OSError):
            os.close(handle)
    return "written"


def found_on(device: str) -> dict[str, object]:
    """What is under the final name, and what else is there, looked at after the stick was put in again."""
    with ramstick.mounted(device, "ro") as folder:
        names = sorted(path.name for path in folder.iterdir())
        data = (folder / NAME).read_bytes() if NAME in names else None
    others = [name for name in names if name != NAME]
    if data is None:
        return {"found": "absent", "others": others}
    return {"found": "whole" if data == DATA else f"damaged, {len(data)} bytes", "others": others}


def pulled(shape: tuple[str, str], after: int, inner: FileCalls | None = None) -> dict[str, object]:
    """Put the file onto an empty stick, pull the stick out after so many calls, look at it after plugging it in."""
    watch = Watch(after, ramstick.pull)
    # Without dirsync: the order has to hold by itself.
    with ramstick.mounted(ramstick.formatted(shape), "rw") as folder:
        ended = put(folder, WatchedCalls(watch, inner))
        ramstick.pull()
    return {"ended": ended, "calls": watch.made, **found_on(ramstick.volume(ramstick.plug()))}


def nearly_full(shape: tuple[str, str]) -> dict[str, object]:
    """Room for a part of the file only."""
    device = ramstick.formatted(shape)
    with ramstick.mounted(device, "rw") as folder:
        ramstick.fill(folder, leaving=len(DATA) - 2048)
        ended = put(folder, FileCalls())
    return {"ended": ended, **found_on(device)}


def main() -> None:
    """Everything, on every shape of stick."""
    for shape in ramstick.SHAPES:
        for number in range(len(CALLS) + 1):
            tell(what="put", shape=shape[0], after=number, **pulled(shape, number))
        tell(what="textbook", shape=shape[0], **pulled(shape, CALLS.index("sync: folder") + 1, Textbook()))
        tell(what="put on a full one", shape=shape[0], **nearly_full(shape))

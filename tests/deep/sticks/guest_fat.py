"""In User-Mode Linux: one file is put onto a stick with a real FAT, and the stick is pulled out after every call."""

import os
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from kiosk.errors import MediaError
from kiosk.media.calls import FileCalls
from kiosk.media.faults import explained
from kiosk.media.writing import NewFile
from tests.support.disks import fill
from tests.support.machines import ramstick
from tests.support.machines.telling import tell

NAME: Final = "tanaka01_20261122.p12"
DATA: Final = bytes(range(256)) * 20  # as long as a p12, and no two blocks of the stick alike to a shift
CALLS: Final = (
    *("create", "write", "sync file", "open", "read", "close"),
    *("rename", "sync file", "sync folder", "open", "read", "close"),
)
"""What a write consists of, in order; after each of them the stick is pulled out once."""


@dataclass
class Watched(FileCalls):
    """The real calls; after the `last`-th of them something happens."""

    last: int = -1
    then: Callable[[], None] = ramstick.pull
    made: list[str] = field(default_factory=list)
    folder: int | None = None

    def _did(self, call: str) -> None:
        self.made.append(call)
        if len(self.made) == self.last:
            self.then()

    def create(self, folder: int, name: str) -> int:
        self.folder = folder
        file = super().create(folder, name)
        self._did("create")
        return file

    def open(self, folder: int, name: str, *, direct: bool) -> int:
        file = super().open(folder, name, direct=direct)
        self._did("open")
        return file

    def write(self, file: int, data: memoryview, offset: int) -> int:
        taken = super().write(file, data, offset)
        self._did("write")
        return taken

    def read(self, file: int, into: memoryview, offset: int) -> int:
        came = super().read(file, into, offset)
        self._did("read")
        return came

    def sync(self, file: int) -> None:
        super().sync(file)
        self._did("sync folder" if file == self.folder else "sync file")

    def rename_new(self, folder: int, old: str, new: str) -> None:
        super().rename_new(folder, old, new)
        self._did("rename")

    def close(self, file: int) -> None:
        super().close(file)
        self._did("close")


class Textbook(Watched):
    """What most books say: after the rename only the directory is synced."""

    def sync(self, file: int) -> None:
        if "rename" in self.made and file != self.folder:
            return
        super().sync(file)


def put(folder: Path, calls: FileCalls) -> str:
    """How writing the file ended: "written", or the name of the refusal. Nothing is taken back."""
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


def found_on(device: str) -> str:
    """What is under the final name, looked at after the stick was put in again."""
    with ramstick.mounted(device, "ro") as folder:
        if not (folder / NAME).exists():
            return "absent"
        data = (folder / NAME).read_bytes()
    return "whole" if data == DATA else f"damaged, {len(data)} bytes"


def pulled(shape: tuple[str, str], calls: Watched) -> dict[str, object]:
    """Write onto an empty stick with these calls, look at it after plugging it in again."""
    with ramstick.mounted(ramstick.formatted(shape), "rw") as folder:
        ended = put(folder, calls)
        ramstick.pull()
    device = ramstick.volume(ramstick.plug())
    return {"ended": ended, "found": found_on(device), "calls": calls.made}


def nearly_full(shape: tuple[str, str]) -> dict[str, object]:
    """Room for a part of the file only."""
    device = ramstick.formatted(shape)
    with ramstick.mounted(device, "rw") as folder:
        fill(folder, leaving=len(DATA) - 2048)
        ended = put(folder, FileCalls())
    return {"ended": ended, "found": found_on(device)}


def no_place_for_a_name() -> dict[str, object]:
    """The root directory of this FAT has 512 places; much room is free beside it."""
    device = ramstick.formatted(ramstick.FAT16)
    with ramstick.mounted(device, "rw") as folder:
        free = os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize
        with suppress(OSError):
            for number in range(600):
                (folder / f"F{number}").touch()
        ended = put(folder, FileCalls())
    return {"ended": ended, "found": found_on(device), "free": free}


def main() -> None:
    for shape in ramstick.SHAPES:
        tell(what="never pulled", shape=shape[0], **pulled(shape, Watched()))
        for number in range(1, len(CALLS) + 1):
            tell(what="pulled", shape=shape[0], after=number, **pulled(shape, Watched(last=number)))
        tell(what="textbook", shape=shape[0], **pulled(shape, Textbook(last=8)))
        tell(what="full", shape=shape[0], **nearly_full(shape))
    tell(what="no place for a name", shape=ramstick.FAT16[0], **no_place_for_a_name())


if __name__ == "__main__":
    main()

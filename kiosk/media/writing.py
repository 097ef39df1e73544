"""How a file gets onto a stick so that "written" is true (E-83, I-20).

The order is the one that survives pulling the stick at every point, on FAT as well: a temporary name, the data, the
data on the device, read back, renamed, **then** the file and the directory on the device once more, read back under
its name. Syncing only the directory after a rename leaves a file of 0 bytes on FAT.
"""

import errno
import hmac
import mmap
import os
import secrets
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Final

from kiosk.errors import FileAlreadyThere, LeftBehind, NotTheSameStick, ReadBackDiffers
from kiosk.media.calls import DIRECT, FileCalls
from kiosk.media.volumes import WriteStep

_PAGE: Final = mmap.PAGESIZE
ROOM_TO_SPARE: Final = 64 * 1024
"""Bytes that must stay free beside the file: directories and tables of the file system grow too."""
LARGEST_FILE: Final = 1024 * 1024
"""Bytes; a p12 has a few thousand."""
_NOT_DIRECT: Final = frozenset({errno.EINVAL, errno.EOPNOTSUPP})


class ReadBack(StrEnum):
    """How the data was read back."""

    DIRECT = "direct"
    """Past the page cache."""
    REOPENED = "reopened"
    """Through a new handle, because this file system offers nothing better; the page cache may have answered."""


@dataclass
class NewFile:
    """One file on its way into a directory: `put` once, `take_back` when anything raised, `close` in any case."""

    folder: int
    """Handle of the directory."""
    name: str
    calls: FileCalls
    device: int | None = None
    """The device that the file must lie on; a file made anywhere else is taken back at once. None: any."""
    temporary: str = field(default_factory=lambda: f"~{secrets.token_hex(4)}.tmp", init=False)
    """The name it has until it is whole."""
    _file: int | None = field(default=None, init=False)
    _made: bool = field(default=False, init=False)
    _whole: bool = field(default=False, init=False)

    def put(self, data: bytes, step: Callable[[WriteStep], None]) -> None:
        """Write `data`, read it back, and give it the name, which must be free.

        Raises `OSError`, `FileAlreadyThere`, `ReadBackDiffers` or `NotTheSameStick`.
        """
        step(WriteStep.WRITING)
        file = self._file = self._create()
        if self.device is not None and os.fstat(file).st_dev != self.device:
            raise NotTheSameStick
        self._fill(file, data)
        self.calls.sync(file)
        step(WriteStep.READING_BACK)
        self._compare(self.temporary, data)  # a stick that keeps nothing never gets the final name
        self._rename()
        self.calls.sync(file)
        self.calls.sync(self.folder)

    def read_back(self, data: bytes) -> ReadBack:
        """Read it under its name, and say how. Not needed where it is read after the next mount, which proves more.

        Raises `OSError` or `ReadBackDiffers`.
        """
        return self._compare(self.name, data)

    def take_back(self) -> bool:
        """Wipe and remove whatever was put, under either name; whether the directory then holds nothing of it."""
        if self._file is None:
            return True
        with suppress(OSError):
            self._wipe(self._file)
        try:
            for name in (self.temporary, self.name):
                self._remove_if_ours(self._file, name)
            self.calls.sync(self.folder)
        except OSError:
            return False
        return True

    def close(self) -> None:
        """Let the file go; nothing is learnt from how that ends, everything was synced before."""
        if self._file is not None:
            with suppress(OSError):
                self.calls.close(self._file)
            self._file = None

    @property
    def left_behind(self) -> LeftBehind:
        """What may be there while nothing was taken back."""
        if not self._made:
            return LeftBehind.NOTHING
        return LeftBehind.COMPLETE_UNCONFIRMED if self._whole else LeftBehind.INCOMPLETE_POSSIBLE

    def _create(self) -> int:
        try:
            file = self.calls.create(self.folder, self.temporary)
        except FileExistsError:
            raise
        except OSError:
            self._made = True  # a stick that goes away in the middle may keep the name and fail all the same
            raise
        self._made = True
        return file

    def _fill(self, file: int, data: bytes) -> None:
        view, done = memoryview(data), 0
        while done < len(view):
            taken = self.calls.write(file, view[done:], done)
            if taken == 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            done += taken
        self._whole = True

    def _rename(self) -> None:
        try:
            self.calls.rename_new(self.folder, self.temporary, self.name)
        except FileExistsError:
            raise FileAlreadyThere from None

    def _compare(self, name: str, data: bytes) -> ReadBack:
        try:
            digest, how = digest_of(self.calls, self.folder, name, len(data))
        except FileNotFoundError:
            raise ReadBackDiffers from None
        if not hmac.compare_digest(digest, sha256(data).digest()):
            raise ReadBackDiffers
        return how

    def _wipe(self, file: int) -> None:
        self.calls.write(file, memoryview(bytes(os.fstat(file).st_size)), 0)
        self.calls.sync(file)

    def _remove_if_ours(self, file: int, name: str) -> None:
        try:
            there = self.calls.stat(self.folder, name)
        except FileNotFoundError:
            return
        if os.path.samestat(there, os.fstat(file)):
            self.calls.unlink(self.folder, name)


def is_file(calls: FileCalls, folder: int, name: str) -> bool:
    """Whether an ordinary file has that very name; a link is none. Raises `OSError`."""
    try:
        return stat.S_ISREG(calls.stat(folder, name).st_mode)
    except FileNotFoundError:
        return False


def remove_made(calls: FileCalls, folder: int, name: str) -> None:
    """Wipe and remove a whole file of this name that was made here a moment ago, if it is there. Raises `OSError`.

    For a directory that was opened anew since: FAT gives a file another inode at every mount, so only the name tells.
    """
    try:
        file = calls.open_to_wipe(folder, name)
    except FileNotFoundError:
        return
    try:
        with suppress(OSError):
            calls.write(file, memoryview(bytes(min(os.fstat(file).st_size, LARGEST_FILE))), 0)
            calls.sync(file)
        calls.unlink(folder, name)
        calls.sync(folder)
    finally:
        calls.close(file)


def digest_of(calls: FileCalls, folder: int, name: str, size: int) -> tuple[bytes, ReadBack]:
    """SHA-256 of a file of about `size` bytes, read past the page cache where that can be had.

    A longer file is not read to its end: its digest differs anyway. Raises `OSError`.
    """
    if DIRECT:
        try:
            return _digest(calls, folder, name, size, direct=True), ReadBack.DIRECT
        except OSError as error:
            if error.errno not in _NOT_DIRECT:
                raise
    return _digest(calls, folder, name, size, direct=False), ReadBack.REOPENED


def _digest(calls: FileCalls, folder: int, name: str, size: int, *, direct: bool) -> bytes:
    room = (size // _PAGE + 2) * _PAGE
    buffer = memoryview(mmap.mmap(-1, room))  # direct reads want memory that begins on a page
    file = calls.open(folder, name, direct=direct)
    try:
        filled = _read_all(calls, file, buffer, direct=direct)
        return sha256(buffer[:filled]).digest()
    finally:
        buffer[:] = bytes(room)
        calls.close(file)


def _read_all(calls: FileCalls, file: int, into: memoryview, *, direct: bool) -> int:
    filled = 0
    while filled < len(into):
        came = calls.read(file, into[filled:], filled)
        filled += came
        if came == 0 or (direct and came % _PAGE):  # a direct read goes on at page limits only
            break
    return filled

"""Sticks that go wrong in ways a person must be told about; each is a replacement for the calls of a real adapter."""

import errno
import os
from collections.abc import Callable

from kiosk.media.calls import FileCalls


class EndUnseen(FileCalls):
    """Answers no more once the file has its name: it may be there whole, and nobody saw it."""

    def __init__(self) -> None:
        self.dead = False

    def rename_new(self, folder: int, old: str, new: str) -> None:
        super().rename_new(folder, old, new)
        self.dead = True

    def write(self, file: int, data: memoryview, offset: int) -> int:
        self._answer()
        return super().write(file, data, offset)

    def sync(self, file: int) -> None:
        self._answer()
        super().sync(file)

    def unlink(self, folder: int, name: str) -> None:
        self._answer()
        super().unlink(folder, name)

    def _answer(self) -> None:
        if self.dead:
            raise OSError(errno.EIO, "no answer")


class CutOff(FileCalls):
    """Can be pulled in the middle of a write: everything is written, nothing is synced yet."""

    def __init__(self) -> None:
        self._pull: Callable[[], object] | None = None
        self.gone = False
        """Set it to False when the stick is back."""

    def before_the_sync(self, pull: Callable[[], object]) -> None:
        """The next write ends like this."""
        self._pull = pull

    def sync(self, file: int) -> None:
        if self._pull is not None:
            pull, self._pull, self.gone = self._pull, None, True
            pull()
        self._answer()
        super().sync(file)

    def write(self, file: int, data: memoryview, offset: int) -> int:
        self._answer()
        return super().write(file, data, offset)

    def stat(self, folder: int, name: str) -> os.stat_result:
        self._answer()
        return super().stat(folder, name)

    def unlink(self, folder: int, name: str) -> None:
        self._answer()
        super().unlink(folder, name)

    def _answer(self) -> None:
        if self.gone:
            raise OSError(errno.EIO, "no answer")

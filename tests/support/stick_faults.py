"""Sticks that go wrong in ways a person must be told about; each is a replacement for the calls of a real adapter."""

import errno

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

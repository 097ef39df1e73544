"""Files that take the place of others in one step, whatever happens on the way (I-14)."""

import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

PUBLIC_MODE = 0o644


def replace_file(path: Path, content: bytes, mode: int = PUBLIC_MODE) -> None:
    """Put new content in place of a file so that a reader sees the old or the new one, never a part (I-14)."""
    replace_files(path.parent, {path.name: content}, mode)


def replace_files(folder: Path, contents: Mapping[str, bytes], mode: int = PUBLIC_MODE) -> None:
    """The same for several files of a folder: none is replaced before all lie on the disk (I-14)."""
    with new_files(folder, {name: (content,) for name, content in contents.items()}, mode) as ready:
        ready.put_in_place()


@dataclass(frozen=True)
class Begun:
    """A file of which the greater part is written before the rest of it is known."""

    path: Path
    """A name that nobody reads."""
    file: IO[bytes]
    at: int
    content: bytes
    """What stands at `at`."""

    def hand_over(self) -> None:
        """Let the disk begin with it; to tell the disk takes as long as to write the file."""
        with suppress(OSError):  # what the disk has to say about it is told when the file is synced
            os.posix_fadvise(self.file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)

    def give_up(self) -> None:
        """Let go of it; when it was put in place meanwhile, it stays there."""
        with suppress(OSError):  # on a full disk what is still in memory cannot be written
            self.file.close()
        self.path.unlink(missing_ok=True)


def begin_file(folder: Path, name: str, at: int, content: bytes, mode: int = PUBLIC_MODE) -> Begun:
    """Write the greater part of a file that will be called `name`; raises `OSError`."""
    path = _beside(folder / name)
    begun = Begun(path, _created(path, mode), at, content)
    try:
        begun.file.seek(at)
        begun.file.write(content)
        begun.file.flush()
    except BaseException:
        begun.give_up()
        raise
    return begun


@dataclass(frozen=True)
class NewFiles:
    """Files that are written under names that nobody reads."""

    folder: Path
    _unsynced: list[IO[bytes]]
    _written: dict[Path, Path]
    _replaced: ExitStack

    def sync(self) -> None:
        """Have all of them on the disk; raises `OSError`. For whoever has something else to do meanwhile."""
        while self._unsynced:
            with self._unsynced.pop(0) as file:
                os.fsync(file)

    def put_in_place(self) -> None:
        """Give them the names they are read under, each in one step, so that it survives a power cut.

        None of them before all are on the disk.
        """
        self.sync()
        for new, path in self._written.items():
            self._hold(path)
            new.rename(path)
        self._written.clear()
        sync_folder(self.folder)

    def _hold(self, path: Path) -> None:
        """What is replaced leaves the disk at the end of the block: to free it takes longer than to rename another."""
        with suppress(OSError):
            self._replaced.callback(os.close, os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC))


@contextmanager
def new_files(
    folder: Path,
    contents: Mapping[str, Sequence[bytes]],
    mode: int = PUBLIC_MODE,
    begun: dict[str, Begun] | None = None,
) -> Iterator[NewFiles]:
    """Write files beside those that they shall replace; what was not put in place is gone after the block.

    Their contents are given in parts, which may be large and are not copied together. A part that stands in a file
    that was `begun` for this name, in the right place, is not written again; such a file is taken out of `begun`.
    All are written before the first is synced, so that the disk has the others to do meanwhile.
    """
    written: dict[Path, Path] = {}
    replaced = ExitStack()
    try:
        with ExitStack() as files:
            filled = []
            for name, parts in contents.items():
                ahead = None if begun is None else begun.pop(name, None)
                new = ahead.path if ahead else _beside(folder / name)
                written[new] = folder / name
                file = files.enter_context(ahead.file if ahead else _created(new, mode))
                _fill(file, parts, ahead)
                filled.append(file)
            yield NewFiles(folder, filled, written, replaced)
    finally:
        replaced.close()
        for new in written:
            new.unlink(missing_ok=True)


def write_durably(path: Path, content: bytes, mode: int) -> None:
    """A file that was not there before; it survives a power cut when its folder is synced as well."""
    with _created(path, mode) as file:
        _fill(file, (content,), None)
        os.fsync(file)


def sync_folder(path: Path) -> None:
    """Make renames inside a folder survive a power cut."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(6)}")


def _created(path: Path, mode: int) -> IO[bytes]:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    os.fchmod(handle, mode)
    return os.fdopen(handle, "wb")


def _fill(file: IO[bytes], parts: Sequence[bytes], begun: Begun | None) -> None:
    """Write the parts one after the other, and nothing else, whatever the file holds already."""
    at = 0
    for part in parts:
        # the very same object: to compare two of that size would take as long as to write one
        if begun is None or part is not begun.content or at != begun.at:
            file.seek(at)
            file.write(part)
        at += len(part)
    file.truncate(at)
    file.flush()

"""Checkpoints kept outside the database, in a file that is only ever appended to.

The file is worth what its place is worth: it belongs on another machine, or gets the append-only attribute, so that who
owns the database cannot change both.
"""

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from db.database import Database
from db.queries import journal
from kiosk.audit.checkpoints import SignedCheckpoint
from kiosk.errors import JournalNotWritable


@dataclass(frozen=True)
class CheckpointFile:
    """One checkpoint a line. Several processes may append to the same file."""

    path: Path

    def append(self, *checkpoints: SignedCheckpoint) -> None:
        """Keep them; they are on the disk when this returns. Raises `JournalNotWritable`."""
        if not checkpoints:
            return
        try:
            with self._opened_to_append() as file:
                # What a power cut left of an older line must not swallow the next one.
                torn = _last_byte(file) not in {b"", b"\n"}
                lines = b"".join(checkpoint.line() for checkpoint in checkpoints)
                _write_all(file, b"\n" + lines if torn else lines)
                os.fsync(file)
        except OSError as error:
            raise JournalNotWritable from error

    def read(self) -> tuple[SignedCheckpoint, ...]:
        """All that can be read, in the order they were kept; nothing while there is no file. Raises `OSError`.

        A torn line is passed over: whoever could damage one could as well remove it, and the later ones tell.
        """
        try:
            with self.path.open("rb") as file:
                return tuple(_readable(file))
        except FileNotFoundError:
            return ()

    def catch_up(self, database: Database) -> int:
        """Append what the database has and the file has not, as after a crash between the two; how many those were."""
        kept = {(checkpoint.node, checkpoint.seq) for checkpoint in self.read()}
        with database.reading() as session:
            stored = [row for node in journal.nodes(session) for row in journal.checkpoints(session, node)]
        lacking = [SignedCheckpoint.from_row(row) for row in stored if (row.node, row.seq) not in kept]
        self.append(*lacking)
        return len(lacking)

    @contextmanager
    def _opened_to_append(self) -> Iterator[int]:
        new = not self.path.exists()
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        file = os.open(self.path, flags, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file
        finally:
            os.close(file)
        if new:
            _sync_folder(self.path.parent)


def _readable(lines: Iterable[bytes]) -> Iterator[SignedCheckpoint]:
    for line in lines:
        try:
            yield SignedCheckpoint.from_line(line)
        except ValueError:
            continue


def _last_byte(file: int) -> bytes:
    size = os.fstat(file).st_size
    return os.pread(file, 1, size - 1) if size else b""


def _write_all(file: int, data: bytes) -> None:
    while data:
        data = data[os.write(file, data) :]


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

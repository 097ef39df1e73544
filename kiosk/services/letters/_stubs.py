"""What a mailer keeps of every letter the server took, until the registry has it: for whoever comes after (I-18).

Ends are stored in groups, because a commit of its own for each costs more than the letter. A line in a file costs
nothing, and a process that is killed cannot take back what it has written: so the next mailer reads the stubs of one
that is gone and stores what they tell before it claims anything. Only a letter whose answer never reached its mailer is
sent a second time. A power cut may take the last lines with it, and copies are due for those.

A file belongs to whoever holds its lock; it is readable by this account alone and holds no address.
"""

import fcntl
import json
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

SUFFIX: Final = ".stubs"


class Stub(NamedTuple):
    """One letter that was taken."""

    message_id: str
    answer: str
    """Of the server, addresses masked."""
    at: datetime
    """Aware: when it was taken."""


@dataclass(eq=False)
class Stubs:
    """The stubs of one round; their file is made with the first."""

    _folder: Path | None
    _file: tuple[Path, int] | None = None

    def keep(self, stub: Stub) -> bool:
        """Write one down; False when there is nowhere to, so that the end must be stored before anything else."""
        if self._folder is None:
            return False
        line = json.dumps([stub.message_id, stub.answer, stub.at.isoformat()])
        # the line break comes first: what a full disk cut off spoils no later line
        whole = f"\n{line}".encode()
        try:
            self._file = self._file or _ours(self._folder)
            return os.write(self._file[1], whole) == len(whole)
        except OSError:
            return False

    def discard(self) -> None:
        """The registry has them all."""
        if self._file is not None:
            with suppress(OSError):
                self._file[0].unlink()

    def close(self) -> None:
        """What was not discarded is for the next mailer now."""
        if self._file is not None:
            os.close(self._file[1])
            self._file = None


@contextmanager
def kept_in(folder: Path | None) -> Iterator[Stubs]:
    """The stubs of a round that begins; without a folder, or when it takes no file, nothing is kept."""
    stubs = Stubs(folder)
    try:
        yield stubs
    finally:
        stubs.close()


def take_over(folder: Path | None, store: Callable[[Sequence[Stub]], object]) -> None:
    """Hand the stubs of mailers that are gone to `store`; what it raises is raised and keeps them.

    To be called before a claim: one mailer at a time does it, and the others wait until it is done.
    """
    if folder is None or not folder.is_dir():
        return
    with _turn(folder):
        for path in sorted(folder.glob(f"*{SUFFIX}")):
            with suppress(OSError), path.open("rb") as left:
                if not _locked(left.fileno()):
                    continue
                stubs = _read(left.read())
                if stubs:
                    store(stubs)
                path.unlink()


@contextmanager
def _turn(folder: Path) -> Iterator[None]:
    file = os.open(folder / "turn", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)


def _ours(folder: Path) -> tuple[Path, int]:
    """A new file that nobody takes for the one of a mailer that is gone."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    while True:
        path = folder / f"{secrets.token_hex(8)}{SUFFIX}"
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        if _locked(file):
            return path, file
        os.close(file)  # somebody took it over in the moment before it was locked


def _locked(file: int) -> bool:
    """Whether it is ours now, and still has its name."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return os.fstat(file).st_nlink > 0


def _read(content: bytes) -> list[Stub]:
    """What stands there whole."""
    stubs = []
    for line in content.split(b"\n"):
        with suppress(ValueError, TypeError):
            message_id, answer, at = json.loads(line)
            stubs.append(Stub(str(message_id), str(answer), datetime.fromisoformat(at)))
    return stubs

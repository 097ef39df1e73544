"""Sticks for training: every sub-directory of one folder is a stick. Simulated, and never anything else."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Final

from kiosk.clock import Clock, SystemClock
from kiosk.errors import (
    FileAlreadyThere,
    LeftBehind,
    MediaError,
    MediaUnavailable,
    NotTheSameStick,
    ReadBackDiffers,
    StickFull,
    StickNotEmpty,
    StickRemoved,
    StickTimedOut,
)
from kiosk.media.calls import FileCalls
from kiosk.media.claims import Claim, claimed
from kiosk.media.faults import explained
from kiosk.media.folders import (
    BACKEND,
    is_empty,
    is_taken,
    is_taken_in_other_case,
    is_writable,
    name_in,
    opened,
    reference,
    stick_names,
)
from kiosk.media.leftovers import Identity, Leftovers
from kiosk.media.names import require_plain_name
from kiosk.media.threads import in_a_thread, told_on
from kiosk.media.volumes import Stick, StickRef, StickRefusal, WriteReceipt, WriteStep
from kiosk.media.writing import (
    LARGEST_FILE,
    ROOM_TO_SPARE,
    NewFile,
    digest_of,
    is_file,
    remove_made,
)
from kiosk.rules.texts import displayable

LONGEST_LABEL: Final = 32


@dataclass
class DirectoryMedia:
    """`kiosk.media.volumes.Media` over a folder. Raises `MediaUnavailable` outside training."""

    folder: Path
    training: bool
    require_empty: bool = True
    """Refuse a stick that holds anything at all."""
    clock: Clock = field(default_factory=SystemClock)
    calls: FileCalls = field(default_factory=FileCalls)
    deadline: float = 60.0
    """Seconds after which a stick that does not answer is given up; what was begun goes on all the same."""
    every: float = 1.0
    """Seconds between two looks while watching."""
    simulated: bool = field(default=True, init=False)
    _leftovers: Leftovers = field(default_factory=Leftovers, init=False, repr=False)

    def __post_init__(self) -> None:
        if not self.training:
            raise MediaUnavailable

    async def list(self) -> tuple[Stick, ...]:
        """Every sub-directory as a stick, refused ones included, in the order of their names.

        Raises `MediaUnavailable` when the folder cannot be read.
        """
        return await in_a_thread(self._sticks, name="sticks")

    async def watch(self) -> AsyncIterator[tuple[Stick, ...]]:
        """A whole snapshot at once and after every change; no sticks while the folder cannot be read.

        Free space alone is no change: on the disk of the terminal it never stands still.
        """
        last: tuple[Stick, ...] | None = None
        while True:
            try:
                now = await self.list()
            except MediaUnavailable:
                now = ()
            if last is None or _lasting(now) != _lasting(last):
                yield now
                last = now
            await asyncio.sleep(self.every)

    async def look(self, ref: StickRef) -> Stick:
        """One sub-directory as a stick. Raises `StickRemoved` or `NotTheSameStick`."""
        await in_a_thread(partial(self._require_present, ref), name="stick-look")
        found = next((stick for stick in await self.list() if stick.ref == ref), None)
        if found is None:
            raise StickRemoved
        return found

    async def write_verified(
        self, ref: StickRef, name: str, data: bytes, progress: Callable[[WriteStep], None]
    ) -> WriteReceipt:
        """Write one new file and read it back; `progress` is called on the caller's event loop.

        Raises a child of `MediaError`, with `left_behind` set, and `ValueError` for a name that is not a plain one.
        """
        require_plain_name(name)
        step = told_on(asyncio.get_running_loop(), progress)
        work = partial(self._write, ref, name, data, step)
        try:
            async with asyncio.timeout(self.deadline):
                return await in_a_thread(work, name="stick-writer")
        except TimeoutError:
            raise StickTimedOut(left_behind=LeftBehind.COMPLETE_UNCONFIRMED) from None

    async def looks_finished(self, ref: StickRef, name: str, sha256_hex: str) -> bool:
        """Whether exactly that file is on the stick: what to ask when nobody saw how a write ended.

        Reads nothing else. Raises a child of `MediaError` when the stick is not there or does not answer.
        """
        require_plain_name(name)
        return await in_a_thread(partial(self._holds, ref, name, sha256_hex), name="stick-reader")

    async def remove_leftover(self, ref: StickRef) -> str:
        """Delete the one file of `Stick.leftover`; its name, empty when there was none.

        Raises a child of `MediaError`: then it may still be there.
        """
        return await in_a_thread(partial(self._remove_leftover, ref), name="stick-cleaner")

    async def eject(self, ref: StickRef) -> None:
        """Return at once: a directory needs no ejecting. Raises `StickInUse` while it is written to."""
        Claim.on(ref).let_go()

    # --- blocking, each in a thread ----------------------------------------------------------------------------------

    def _sticks(self) -> tuple[Stick, ...]:
        try:
            names = sorted(stick_names(self.folder))
        except OSError:
            raise MediaUnavailable from None
        found = (self._stick(name) for name in names)
        return tuple(stick for stick in found if stick is not None)

    def _stick(self, name: str) -> Stick | None:
        try:
            with opened(self.folder / name, to_look_at=True) as handle:
                ref = reference(handle, name)
                room = os.fstatvfs(handle)
                refusal = self._refusal(handle, ref)
                leftover = self._leftovers.of(_identity(ref))
                if not (leftover and is_file(self.calls, handle, leftover)):
                    leftover = ""
        except OSError:
            return None  # it went away while it was looked at
        return Stick(
            ref=ref,
            vendor="",
            model="",
            serial_tail="",
            label=displayable(name)[:LONGEST_LABEL] or "-",
            filesystem=BACKEND,
            size=room.f_frsize * room.f_blocks,
            free=room.f_frsize * room.f_bavail,
            refusal=refusal,
            simulated=True,
            leftover=leftover,
        )

    def _refusal(self, handle: int, ref: StickRef) -> StickRefusal | None:
        if ref in claimed():
            return StickRefusal.IN_USE
        if not is_writable(handle):
            return StickRefusal.WRITE_PROTECTED
        try:
            empty = not self.require_empty or is_empty(handle)
        except PermissionError:
            return StickRefusal.BLOCKED_BY_POLICY
        return None if empty else StickRefusal.NOT_EMPTY

    def _write(
        self, ref: StickRef, name: str, data: bytes, step: Callable[[WriteStep], None]
    ) -> WriteReceipt:
        with (
            Claim.on(ref),
            self._leftovers.noting(_identity(ref)),
            self._stick_of(ref) as handle,
        ):
            self._require_room(handle, name, len(data))
            file = NewFile(handle, name, self.calls)
            try:
                file.put(data, step)
                how = file.read_back(data)
                self._require_present(ref)
            except (OSError, MediaError) as error:
                raise self._failure(ref, file, error) from error
            except BaseException:
                file.take_back()
                raise
            finally:
                file.close()
        return WriteReceipt(
            ref=ref,
            name=name,
            size=len(data),
            sha256=sha256(data).hexdigest(),
            verified=(BACKEND, how.value),
            finished=self.clock.now(),
        )

    def _require_room(self, handle: int, name: str, size: int) -> None:
        try:
            if is_taken(handle, name):
                raise FileAlreadyThere
            if self.require_empty and not is_empty(handle):
                raise StickNotEmpty
            if is_taken_in_other_case(handle, name):
                raise FileAlreadyThere
            room = os.fstatvfs(handle)
            if room.f_bavail * room.f_frsize < size + ROOM_TO_SPARE:
                raise StickFull
        except OSError as error:
            raise explained(error, LeftBehind.NOTHING) from error

    def _failure(self, ref: StickRef, file: NewFile, error: OSError | MediaError) -> MediaError:
        """Take back what was put, and say what happened and what may be there all the same.

        `StickRemoved` or `NotTheSameStick` when that is what happened, whatever `error` says.
        """
        left = file.left_behind
        if file.take_back():
            # A stick that did not keep the data may not keep its removal either.
            lied = isinstance(error, ReadBackDiffers)
            after = LeftBehind.INCOMPLETE_POSSIBLE if lied else LeftBehind.NOTHING
        else:
            after = left
        failure = error if isinstance(error, MediaError) else explained(error, after)
        try:
            self._require_present(ref)
        except MediaError as gone:
            failure, after = gone, left
        failure.left_behind, failure.temporary = after, file.temporary
        return failure

    def _remove_leftover(self, ref: StickRef) -> str:
        name = self._leftovers.of(_identity(ref))
        with Claim.on(ref), self._stick_of(ref) as handle:
            try:
                there = bool(name) and is_file(self.calls, handle, name)
                if there:
                    remove_made(self.calls, handle, name)
            except OSError as error:
                self._require_present(ref)
                raise explained(error, LeftBehind.INCOMPLETE_POSSIBLE) from error
        self._leftovers.forget(_identity(ref))
        return name if there else ""

    def _holds(self, ref: StickRef, name: str, sha256_hex: str) -> bool:
        with self._stick_of(ref) as handle:
            try:
                if not is_file(self.calls, handle, name):
                    return False
                digest, _ = digest_of(self.calls, handle, name, LARGEST_FILE)
            except FileNotFoundError:
                return False
            except OSError as error:
                self._require_present(ref)
                raise explained(error, LeftBehind.NOTHING) from error
        return digest.hex() == sha256_hex.lower()

    # --- which stick -------------------------------------------------------------------------------------------------

    @contextmanager
    def _stick_of(self, ref: StickRef) -> Iterator[int]:
        """A handle of the very directory `ref` was made of."""
        name = name_in(ref)
        with ExitStack() as stack:
            try:
                handle = stack.enter_context(opened(self.folder / name))
                same = reference(handle, name) == ref
            except OSError as error:
                raise explained(error, LeftBehind.NOTHING) from error
            if not same:
                raise NotTheSameStick
            yield handle

    def _require_present(self, ref: StickRef) -> None:
        with self._stick_of(ref):
            pass


def _identity(ref: StickRef) -> Identity:
    """A directory that was moved away and back is the same one, and so is its reference."""
    return (ref.token,)


def _lasting(sticks: tuple[Stick, ...]) -> tuple[Stick, ...]:
    return tuple(replace(stick, free=None) for stick in sticks)

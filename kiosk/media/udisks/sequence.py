"""How a p12 gets onto a real stick so that "written" is true (E-83, I-20).

The stick is the one that was chosen, before, during and after. It is mounted, proven to be what is mounted, written
and read back past the cache, synced, unmounted, mounted for reading only and read once more: a stick that dropped what
it had confirmed is found out only then. Both times every byte is compared, so what lies on the stick is what the
signer made; that this opens with its password and holds the certificate is looked at by the signer, on the same bytes,
while the stick is being written. No password comes near a stick.
"""

import hmac
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256
from typing import Final

from kiosk.errors import (
    FileAlreadyThere,
    LeftBehind,
    MediaError,
    NotTheSameStick,
    ReadBackDiffers,
    StickFull,
    StickIoFailure,
    StickNotEmpty,
    StickReadOnly,
    StickRemoved,
    StickTimedOut,
)
from kiosk.media.folders import is_empty, is_taken
from kiosk.media.names import require_plain_name
from kiosk.media.refusals import error_of
from kiosk.media.udisks.mounted import MountedStick
from kiosk.media.udisks.visiting import AtStick
from kiosk.media.volumes import Stick, StickRefusal, WriteStep
from kiosk.media.writing import (
    LARGEST_FILE,
    ROOM_TO_SPARE,
    NewFile,
    ReadBack,
    digest_of,
    is_file,
    remove_made,
)

_MAY_BE_READ: Final = frozenset({StickRefusal.WRITE_PROTECTED, StickRefusal.NOT_EMPTY})


async def write(
    at: AtStick, name: str, data: bytes, step: Callable[[WriteStep], None], *, require_empty: bool = True
) -> ReadBack:
    """Write one new file and prove that it is there; how it was read the last time.

    Raises a `kiosk.errors.MediaError` child whose `left_behind` says what may be on the stick, and `ValueError` for a
    name that is not a plain one. Within two seconds of a pull it raises `StickRemoved`.
    """
    require_plain_name(name)
    writing = _Writing(at, name, data, step, require_empty)
    try:
        return await writing.through()
    except (OSError, MediaError) as error:
        failure = await writing.failure(error)
        failure.temporary = writing.temporary
        raise failure from error
    except BaseException:
        await at.leave()
        raise


async def look(at: AtStick, *, require_empty: bool = True) -> Stick:
    """The stick with its free space in bytes, refused when it holds anything although it must not.

    Its `leftover` stays when that file is really there. Raises a `kiosk.errors.MediaError` child.
    """
    stick = at.target.stick
    at.presence.require()
    if stick.refusal is not None:
        return stick
    free, empty, left = await at.look_in(partial(_seen_in, at, stick.leftover))
    at.presence.require()  # it may have been pulled while it was let go of, and the next step is the last that can wait
    refusal = StickRefusal.NOT_EMPTY if require_empty and not empty else None
    return replace(stick, free=free, refusal=refusal, leftover=stick.leftover if left else "")


async def holds(at: AtStick, name: str, sha256_hex: str) -> bool:
    """Whether exactly that file is on the stick; nothing else is read.

    Raises a `kiosk.errors.MediaError` child, and `ValueError` for a name that is not a plain one.
    """
    require_plain_name(name)
    at.presence.require()
    refusal = at.target.stick.refusal
    if refusal is not None and refusal not in _MAY_BE_READ:
        raise error_of(refusal)
    return await at.look_in(partial(_is_there, at, name, sha256_hex.lower()))


async def remove_leftover(at: AtStick) -> bool:
    """Delete the unfinished file that `Stick.leftover` names, and look again; whether it was there.

    Raises a `kiosk.errors.MediaError` child: then it may still be there.
    """
    at.presence.require()
    refusal, name = at.target.stick.refusal, at.target.stick.leftover
    if refusal is not None:
        raise error_of(refusal)
    if not name:
        return False
    try:
        was_there = await _remove(at, [name])
        still_there = was_there and not await _is_rid_of(at, [name])
        await at.unmount()
    except (OSError, MediaError) as error:
        await at.leave()
        raise at.explained(error, LeftBehind.INCOMPLETE_POSSIBLE) from error
    except BaseException:
        await at.leave()
        raise
    if still_there:
        raise StickIoFailure(left_behind=LeftBehind.INCOMPLETE_POSSIBLE)
    return was_there


@dataclass
class _Writing:
    at: AtStick
    name: str
    data: bytes = field(repr=False)
    step: Callable[[WriteStep], None]
    require_empty: bool
    file: NewFile | None = field(default=None, init=False)
    putting: bool = field(default=False, init=False)
    """A thread is at it; true for good when it never came back."""
    given_up: bool = field(default=False, init=False)
    """Told to that thread, should it come back after all."""
    named: bool = field(default=False, init=False)
    """The file has its final name, and it was this write that gave it."""

    async def through(self) -> ReadBack:
        """The whole way, watched over as one: whether the stick is still in is asked beside all of it."""
        how = await self.at.waiting.answer(self._written_and_proven())
        await self._let_go()
        return how

    async def _written_and_proven(self) -> ReadBack:
        self._require_usable()
        self.step(WriteStep.PREPARING)
        path = await self.at.mount(read_only=False)
        await self.at.in_there(path, self._put, writable=True)
        self.step(WriteStep.CONFIRMING)
        await self.at.unmount()
        self.at.presence.require()  # one that is gone would be waited for in vain, or mounted when it comes back
        path = await self.at.mount(read_only=True)
        return await self.at.in_there(path, self._read_again, writable=False)

    @property
    def temporary(self) -> str:
        """The name the file had until it was whole; empty before there was any."""
        return "" if self.file is None else self.file.temporary

    async def failure(self, error: OSError | MediaError) -> MediaError:
        """Tidy up as far as the stick lets us, and say what may be on it now."""
        self.given_up = True
        left = self._left_behind()
        if isinstance(error, StickTimedOut) or not self.at.presence.lasts():
            await self.at.detach()
            return self.at.explained(error, left)
        self.at.begin_tidying()
        if self.file is not None and await self._taken_back(self.file, error):
            # A stick that did not keep the data may not keep its removal either.
            lied = isinstance(error, ReadBackDiffers)
            left = LeftBehind.INCOMPLETE_POSSIBLE if lied else LeftBehind.NOTHING
        await self.at.leave()
        return self.at.explained(error, left)

    def _require_usable(self) -> None:
        refusal = self.at.target.stick.refusal
        self.at.presence.require()
        if refusal is not None:
            raise error_of(refusal)
        if self.at.presence.is_write_protected():
            raise StickReadOnly

    # --- blocking, each in a thread ----------------------------------------------------------------------------------

    def _put(self, stick: MountedStick) -> None:
        self._require_room(stick.handle)
        calls = self.at.calls
        self.putting = True
        file = self.file = NewFile(stick.handle, self.name, calls, stick.device)
        try:
            file.put(self.data, self._go_on)
            calls.sync_file_system(stick.handle)
            self._require_wanted()
            self.named = True
        except BaseException:
            file.take_back()
            raise
        finally:
            file.close()
            self.putting = False

    def _require_room(self, handle: int) -> None:
        if is_taken(handle, self.name):
            raise FileAlreadyThere
        if self.require_empty and not is_empty(handle):
            raise StickNotEmpty
        room = os.fstatvfs(handle)
        if room.f_bavail * room.f_frsize < len(self.data) + ROOM_TO_SPARE:
            raise StickFull
        self._require_wanted()

    def _go_on(self, step: WriteStep) -> None:
        self._require_wanted()
        self.step(step)

    def _require_wanted(self) -> None:
        if self.given_up:
            raise StickTimedOut

    def _read_again(self, stick: MountedStick) -> ReadBack:
        try:
            digest, how = digest_of(self.at.calls, stick.handle, self.name, len(self.data))
        except FileNotFoundError:
            raise ReadBackDiffers from None
        if not hmac.compare_digest(digest, sha256(self.data).digest()):
            raise ReadBackDiffers
        return how

    # -----------------------------------------------------------------------------------------------------------------

    async def _let_go(self) -> None:
        """It is written and proven. If it stays mounted for reading, whoever ejects it will be told."""
        try:
            await self.at.unmount()
        except (StickRemoved, NotTheSameStick):
            raise
        except MediaError:
            pass
        self.at.presence.require()

    async def _taken_back(self, file: NewFile, error: OSError | MediaError) -> bool:
        """Whether nothing of the file is on the stick: looked up, for after a failed sync the next may say "done"."""
        names = [file.temporary] if isinstance(error, FileAlreadyThere) else [file.temporary, self.name]
        try:
            if self.named:
                await self.at.unmount()
                await _remove(self.at, names)
            return await _is_rid_of(self.at, names)
        except (OSError, MediaError):
            return False

    def _left_behind(self) -> LeftBehind:
        if self.file is None:
            return LeftBehind.NOTHING
        left = self.file.left_behind
        if not self.putting:
            return left
        # The call that hangs may be the one that makes, fills or names the file.
        return (
            LeftBehind.INCOMPLETE_POSSIBLE if left is LeftBehind.NOTHING else LeftBehind.COMPLETE_UNCONFIRMED
        )


def _seen_in(at: AtStick, leftover: str, stick: MountedStick) -> tuple[int, bool, bool]:
    room = os.fstatvfs(stick.handle)
    left = bool(leftover) and is_file(at.calls, stick.handle, leftover)
    return room.f_bavail * room.f_frsize, is_empty(stick.handle), left


async def _remove(at: AtStick, names: list[str]) -> bool:
    """Of files that this program made, and whether any was there.

    The stick is mounted nowhere before, and for writing afterwards.
    """

    def remove(stick: MountedStick) -> bool:
        found = [name for name in names if is_file(at.calls, stick.handle, name)]
        for name in found:
            remove_made(at.calls, stick.handle, name)
        at.calls.sync_file_system(stick.handle)
        return bool(found)

    path = await at.mount(read_only=False)
    return await at.in_there(path, remove, writable=True)


async def _is_rid_of(at: AtStick, names: list[str]) -> bool:
    """Looked up on the stick and not in memory; it is mounted for reading afterwards."""

    def has_none(stick: MountedStick) -> bool:
        return not any(is_taken(stick.handle, name) for name in names)

    await at.unmount()
    path = await at.mount(read_only=True)
    return await at.in_there(path, has_none, writable=False)


def _is_there(at: AtStick, name: str, sha256_hex: str, stick: MountedStick) -> bool:
    if not is_file(at.calls, stick.handle, name):
        return False
    try:
        digest, _ = digest_of(at.calls, stick.handle, name, LARGEST_FILE)
    except FileNotFoundError:
        return False
    return digest.hex() == sha256_hex

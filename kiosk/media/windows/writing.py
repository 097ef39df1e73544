"""How a p12 gets onto a stick under Windows so that "written" is true (E-83, I-20).

The volume is named by its GUID from the first call to the last: no letter and no folder can take its place.
A temporary name, the data written through, flushed, read back past the cache, renamed onto a free name, the volume
locked and dismounted so that its cache is gone, and read once more. Before, between and after: is it the same stick.
"""

import hmac
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from threading import Event
from typing import Final

from kiosk.errors import (
    FileAlreadyThere,
    LeftBehind,
    MediaError,
    ReadBackDiffers,
    StickFull,
    StickInUse,
    StickNotEmpty,
    StickTimedOut,
)
from kiosk.media.emptiness import holds_nothing
from kiosk.media.volumes import WriteStep
from kiosk.media.windows.calls import CallFailed, WindowsCalls
from kiosk.media.windows.errors import ABSENT, ACCESS_DENIED, explained

ROOM_TO_SPARE: Final = 64 * 1024
"""Bytes that must stay free beside the file."""
LARGEST_FILE: Final = 1024 * 1024
"""Bytes; a p12 has a few thousand."""
TRIES_WHILE_HELD: Final = 10
_DISK_FULL: Final = 112


def is_empty(calls: WindowsCalls, volume: str) -> bool:
    """Whether nothing of anybody's is there. Raises `CallFailed`."""
    return holds_nothing((entry.name, entry.is_folder) for entry in calls.entries(volume, 2))


def holds(calls: WindowsCalls, volume: str, name: str, sha256_hex: str) -> bool:
    """Whether exactly that file is there; nothing else is read. Raises `CallFailed`."""
    try:
        content = calls.read_past_cache(volume, name, LARGEST_FILE + 1)
    except CallFailed as failure:
        if failure.code in ABSENT:
            return False
        raise
    return hmac.compare_digest(sha256(content).hexdigest(), sha256_hex.lower())


def remove(calls: WindowsCalls, volume: str, name: str) -> bool:
    """Delete that file; whether it was there. Raises `CallFailed` when it still is."""
    if not calls.exists(volume, name):
        return False
    calls.delete(volume, name)
    return True


@dataclass
class Writing:
    """One file on its way; `through` once, in a thread."""

    calls: WindowsCalls
    volume: str
    name: str
    data: bytes = field(repr=False)
    step: Callable[[WriteStep], None]
    require_present: Callable[[], None]
    """Raises `StickRemoved` or `NotTheSameStick`."""
    require_empty: bool
    given_up: Event = field(default_factory=Event)
    """Set by whoever waited too long: nothing new is begun then."""
    pause: float = 0.3
    """Seconds between two tries to lock the volume."""
    _temporary: str = field(default_factory=lambda: f"~{secrets.token_hex(4)}.tmp", init=False)
    _handle: int | None = field(default=None, init=False)
    _made: str = field(default="", init=False)
    """The name the file has now."""
    _whole: bool = field(default=False, init=False)

    def through(self) -> None:
        """Write and prove. Raises a `kiosk.errors.MediaError` child with `left_behind` set."""
        try:
            self._go()
        except (CallFailed, MediaError) as error:
            failure = self._explained(error)
            failure.temporary = self._temporary
            raise failure from error
        finally:
            self._close()

    def _go(self) -> None:
        self._begin(WriteStep.PREPARING)
        self._require_room()
        self._begin(WriteStep.WRITING)
        self._put()
        self._begin(WriteStep.READING_BACK)
        self._compare(self._temporary)  # a stick that keeps nothing never gets the final name
        self._begin(None)
        self.calls.move_new(self.volume, self._temporary, self.name)
        self._made = self.name
        self._begin(WriteStep.CONFIRMING)
        self._dismount()
        self._compare(self.name)
        self.require_present()

    def _begin(self, step: WriteStep | None) -> None:
        if self.given_up.is_set():
            raise StickTimedOut
        self.require_present()
        if step is not None:
            self.step(step)

    def _require_room(self) -> None:
        if self.calls.exists(self.volume, self.name):
            raise FileAlreadyThere
        if self.require_empty and not is_empty(self.calls, self.volume):
            raise StickNotEmpty
        if self.calls.space(self.volume).free < len(self.data) + ROOM_TO_SPARE:
            raise StickFull

    def _put(self) -> None:
        self._handle = self.calls.create_new(self.volume, self._temporary)
        self._made = self._temporary
        done = 0
        while done < len(self.data):
            taken = self.calls.write(self._handle, self.data[done:])
            if taken == 0:
                raise CallFailed("WriteFile", _DISK_FULL)
            done += taken
        self._whole = True
        self.calls.flush(self._handle)
        self._close()

    def _dismount(self) -> None:
        """A scanner of viruses holds a new file for a moment, and a volume with an open file cannot be locked."""
        for tries_left in reversed(range(TRIES_WHILE_HELD)):
            try:
                return self.calls.dismount(self.volume)
            except CallFailed as failure:
                if failure.code != ACCESS_DENIED:
                    raise
                if not tries_left:
                    raise StickInUse from failure
            time.sleep(self.pause)
            self._begin(None)
        return None

    def _compare(self, name: str) -> None:
        try:
            content = self.calls.read_past_cache(self.volume, name, len(self.data) + 1)
        except CallFailed as failure:
            if failure.code in ABSENT:
                self.require_present()
                raise ReadBackDiffers from None
            raise
        if not hmac.compare_digest(content, self.data):
            raise ReadBackDiffers

    def _close(self) -> None:
        if self._handle is not None:
            handle, self._handle = self._handle, None
            with suppress(CallFailed):
                self.calls.close(handle)

    # -----------------------------------------------------------------------------------------------------------------

    def _explained(self, error: CallFailed | MediaError) -> MediaError:
        """What it was, and what may be on the stick now that this tidied up as far as it could."""
        left = self._left_behind
        try:
            self.require_present()
        except MediaError as gone:
            gone.left_behind = left
            return gone
        if self._taken_back():
            # A stick that did not keep the data may not keep its removal either.
            lied = isinstance(error, ReadBackDiffers)
            left = LeftBehind.INCOMPLETE_POSSIBLE if lied else LeftBehind.NOTHING
        if isinstance(error, CallFailed):
            return explained(error.code, left)
        error.left_behind = left
        return error

    @property
    def _left_behind(self) -> LeftBehind:
        if not self._made:
            return LeftBehind.NOTHING
        return LeftBehind.COMPLETE_UNCONFIRMED if self._whole else LeftBehind.INCOMPLETE_POSSIBLE

    def _taken_back(self) -> bool:
        """Remove what was made, and whether it is gone; what hung once is not asked again."""
        if not self._made:
            return True
        if self.given_up.is_set():
            return False
        self._close()
        try:
            self.calls.delete(self.volume, self._made)
            return not self.calls.exists(self.volume, self._made)
        except CallFailed:
            return False

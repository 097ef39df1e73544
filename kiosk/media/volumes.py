"""The port to removable media: what a stick is, and what may be asked of it."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True)
class StickRef:
    """One plug-in event. Two references are equal only while the same stick stays plugged in."""

    backend: str
    token: str


class StickRefusal(StrEnum):
    """Why a stick that is plugged in cannot be used."""

    NO_MEDIUM = "no_medium"
    NO_FILESYSTEM = "no_filesystem"
    UNSUPPORTED_FS = "unsupported_fs"
    ENCRYPTED = "encrypted"
    WRITE_PROTECTED = "write_protected"
    FIXED_DISK = "fixed_disk"
    OPTICAL = "optical"
    COMPOSITE_DEVICE = "composite_device"
    SEVERAL_VOLUMES = "several_volumes"
    IN_USE = "in_use"
    TOO_LARGE = "too_large"
    NOT_REGISTERED = "not_registered"
    BLOCKED_BY_POLICY = "blocked_by_policy"
    NOT_EMPTY = "not_empty"


@dataclass(frozen=True)
class Stick:
    """A stick as the counter may see it. Texts are already safe to show; sizes are bytes."""

    ref: StickRef
    vendor: str
    model: str
    serial_tail: str
    label: str
    filesystem: str
    size: int
    free: int | None
    """Unknown until the stick was mounted once."""
    refusal: StickRefusal | None
    simulated: bool = False
    leftover: str = ""
    """Name of the unfinished file that this program made on it before it was pulled; in a list it may be there, after
    a look it is."""


class WriteStep(StrEnum):
    """How far a write is; shown as progress."""

    PREPARING = "preparing"
    """Is it the same stick; mounting."""
    WRITING = "writing"
    READING_BACK = "reading_back"
    CONFIRMING = "confirming"
    """Unmounted, mounted again for reading only, read once more."""
    EJECTING = "ejecting"


@dataclass(frozen=True)
class WriteReceipt:
    """Proof that a file is on a stick: read back past the cache and equal."""

    ref: StickRef
    name: str
    size: int
    sha256: str
    verified: tuple[str, ...]
    """How it was verified: ("device",) on real sticks, ("directory",) when simulated."""
    finished: datetime


class Media(Protocol):
    """Removable media. One writer at a time per stick; cancelling a caller never stops a write half-way."""

    @property
    def simulated(self) -> bool:
        """Whether these are folders that stand for sticks."""
        ...

    async def list(self) -> tuple[Stick, ...]:
        """Everything plugged in now, refused sticks included with their reason."""
        ...

    def watch(self) -> AsyncIterator[tuple[Stick, ...]]:
        """Whole snapshots whenever something changes; the first one at once."""
        ...

    async def look(self, ref: StickRef) -> Stick:
        """One stick, looked at from inside for a moment: its free space, and whether it may be written.

        Names of files are counted up to the first, never shown. Raises a `kiosk.errors.MediaError` child; nothing is
        written.
        """
        ...

    async def write_verified(
        self, ref: StickRef, name: str, data: bytes, progress: Callable[[WriteStep], None]
    ) -> WriteReceipt:
        """Write one new file and read it back from the device.

        Raises a `kiosk.errors.MediaError` child; `error.left_behind` says which is true: nothing was written, an
        incomplete copy may remain, or the copy is complete but could not be confirmed.
        """
        ...

    async def looks_finished(self, ref: StickRef, name: str, sha256_hex: str) -> bool:
        """Whether exactly that file is on the stick: what to ask when nobody saw how a write ended.

        Reads nothing else. Raises a `kiosk.errors.MediaError` child when the stick is not there or does not answer.
        """
        ...

    async def remove_leftover(self, ref: StickRef) -> str:
        """Delete the one file that `Stick.leftover` names, wiped first; its name, empty when it was not there.

        Nothing else on the stick is touched. Raises a `kiosk.errors.MediaError` child: then it may still be there.
        """
        ...

    async def eject(self, ref: StickRef) -> None:
        """Return when the stick may be pulled out.

        Raises `StickInUse` or `StickEjectFailed`: the file is on the stick, the stick must not be pulled yet; and
        `StickRemoved` when somebody was faster.
        """
        ...

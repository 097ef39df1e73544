"""Mounting, unmounting and switching off: what a write asks of the system, and UDisks2 doing it."""

from typing import Final, Protocol

from kiosk.errors import (
    MediaError,
    MediaUnavailable,
    StickCorrupt,
    StickEjectFailed,
    StickInUse,
    StickIoFailure,
    StickReadOnly,
    StickTimedOut,
    StickUnsupported,
)
from kiosk.media.udisks.bus import SERVICE, UDisksBus, UDisksSaidNo
from kiosk.media.udisks.targets import Target

LONGEST_CALL: Final = 120.0
"""Seconds. Whoever waits gives up earlier; this only ends what nobody waits for any more."""

_FILESYSTEM: Final = f"{SERVICE}.Filesystem"
_DRIVE: Final = f"{SERVICE}.Drive"
_WRITING: Final = ("nosuid", "nodev", "noexec", "dirsync")
_READING: Final = ("ro", "nosuid", "nodev", "noexec")
_WITHOUT_OWNERS: Final = frozenset({"vfat", "exfat", "ntfs"})
"""File systems that know no owners: who may read a file there is said by the mount."""
_MOUNT_REFUSED: Final[dict[str, type[MediaError]]] = {
    "AlreadyMounted": StickInUse,
    "DeviceBusy": StickInUse,
    "NotSupported": StickUnsupported,
    "OptionNotPermitted": MediaUnavailable,
    "Timedout": StickTimedOut,
    "UnknownObject": StickIoFailure,
    "UnknownMethod": StickUnsupported,
}
_NO_PLACE: Final = ("error creating ", "adding read acl ")
"""Beginnings of what UDisks says when it cannot make the directory to mount at: a full disk, a /media without ACLs."""
_PROTECTED: Final = ("write-protected", "write protected", "read-only file system")


class Mounts(Protocol):
    """What a write needs of the system around the files.

    Each raises a `kiosk.errors.MediaError` child. Whether the stick is still there is asked elsewhere: none of these
    knows, and none of these needs to.
    """

    async def mount(self, target: Target, *, read_only: bool) -> bytes:
        """Mount what is mounted nowhere yet, and say where.

        Never falls back to reading only on purpose, but whoever asked looks for himself. Raises `StickInUse` when it
        is mounted already, `StickReadOnly`, `StickCorrupt` or `StickUnsupported` when it cannot be.
        """
        ...

    async def unmount(self, target: Target) -> None:
        """Return when it is mounted nowhere, at once when it was not. Raises `StickInUse` while it is busy."""
        ...

    async def detach(self, target: Target) -> None:
        """Take it out of the tree of files even while it is busy: the last resort after a failure."""
        ...

    async def power_off(self, target: Target) -> None:
        """Switch the port off. Raises `StickInUse` while it is mounted or busy, else `StickEjectFailed`."""
        ...

    async def is_gone(self, target: Target) -> bool:
        """Whether the system knows nothing of the drive any more."""
        ...


class UDisksMounts:
    """`Mounts` by UDisks2, which may do it for a user without any rights of his own."""

    def __init__(self, bus: UDisksBus) -> None:
        self._bus = bus

    async def mount(self, target: Target, *, read_only: bool) -> bytes:
        """At a place that UDisks chose."""
        options: tuple[str, ...] = _READING if read_only else _WRITING
        if target.stick.filesystem in _WITHOUT_OWNERS:
            options = (*options, "umask=0077")
        try:
            (path,) = await self._call(target.block_path, _FILESYSTEM, "Mount", options=",".join(options))
        except UDisksSaidNo as said:
            raise _why_not_mounted(said) from None
        return str(path).encode()

    async def unmount(self, target: Target) -> None:
        """Nothing is forced."""
        await self._unmount(target, force=False)

    async def detach(self, target: Target) -> None:
        """What UDisks calls forced is a lazy unmount."""
        await self._unmount(target, force=True)

    async def power_off(self, target: Target) -> None:
        """Without ejecting first: a drive that lost its medium refuses to be switched off."""
        try:
            await self._call(target.drive_path, _DRIVE, "PowerOff")
        except UDisksSaidNo as said:
            raise (StickInUse if said.reason == "DeviceBusy" else StickEjectFailed) from None

    async def is_gone(self, target: Target) -> bool:
        """Neither the drive nor the file system is among UDisks' objects."""
        try:
            known = await self._bus.managed_objects()
        except UDisksSaidNo:
            raise MediaUnavailable from None
        return target.drive_path not in known and target.block_path not in known

    async def _unmount(self, target: Target, *, force: bool) -> None:
        try:
            await self._call(target.block_path, _FILESYSTEM, "Unmount", force=force)
        except UDisksSaidNo as said:
            if said.reason == "NotMounted":
                return
            raise (StickInUse if said.reason == "DeviceBusy" else StickIoFailure) from None

    async def _call(self, path: str, interface: str, member: str, **given: str | bool) -> list[object]:
        from dbus_fast import Variant  # noqa: PLC0415 - loaded when the bus was opened

        wrapped = {
            name: Variant("b" if isinstance(value, bool) else "s", value)
            for name, value in {"auth.no_user_interaction": True, **given}.items()
        }
        try:
            return await self._bus.call(path, interface, member, "a{sv}", wrapped, timeout=LONGEST_CALL)
        except TimeoutError:
            raise StickTimedOut from None


def _why_not_mounted(said: UDisksSaidNo) -> MediaError:
    """The text is that of UDisks or of mount(8), looked at for the two things the name of the error does not tell."""
    text = said.text.lower()
    if text.startswith(_NO_PLACE):
        return MediaUnavailable()
    if any(words in text for words in _PROTECTED):
        return StickReadOnly()
    return _MOUNT_REFUSED.get(said.reason, StickCorrupt)()

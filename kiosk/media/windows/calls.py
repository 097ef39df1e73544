"""What is asked of Windows, call by call, and what it answers: the seam between this program and the system.

`kiosk.media.windows.api` asks a real one. Everything beyond this seam is plain Python and runs anywhere.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol


class DriveType(IntEnum):
    """Answers of GetDriveTypeW."""

    UNKNOWN = 0
    NO_ROOT_DIR = 1
    REMOVABLE = 2
    FIXED = 3
    REMOTE = 4
    CDROM = 5
    RAMDISK = 6


BUS_USB = 7
"""BusTypeUsb of STORAGE_BUS_TYPE; sticks that speak UAS answer the same."""


class CallFailed(Exception):
    """A call of Windows failed; `code` is GetLastError, or the HRESULT of BitLocker."""

    def __init__(self, call: str, code: int) -> None:
        super().__init__(f"{call}: {code}")
        self.call = call
        self.code = code


@dataclass(frozen=True)
class DeviceAnswer:
    """STORAGE_DEVICE_DESCRIPTOR (IOCTL_STORAGE_QUERY_PROPERTY); texts as the device sent them."""

    vendor: str
    product: str
    serial: str
    bus: int
    removable_media: bool


@dataclass(frozen=True)
class NodeAnswer:
    """What the Plug and Play manager knows of the disk."""

    instance: str
    """Of the disk, as in `USBSTOR\\DISK&VEN_...`."""
    parent: str
    """Of the device in the port, as in `USB\\VID_0951&PID_1666\\...`; a function of several holds `&MI_`."""
    arrived: int
    """DEVPKEY_Device_LastArrivalDate, in units of 100 ns since 1601: another one for each time of plugging in."""


@dataclass(frozen=True)
class VolumeAnswer:
    """GetVolumeInformationW."""

    label: str
    filesystem: str
    """`FAT`, `FAT32`, `exFAT`, `NTFS` ..."""
    read_only: bool


@dataclass(frozen=True)
class SpaceAnswer:
    """GetDiskFreeSpaceExW, in bytes; `free` is what this account may use."""

    total: int
    free: int


@dataclass(frozen=True)
class EntryAnswer:
    """WIN32_FIND_DATAW of one name."""

    name: str
    is_folder: bool


@dataclass(frozen=True)
class VetoAnswer:
    """Why CM_Request_Device_EjectW would not."""

    kind: int
    """PNP_VETO_TYPE."""
    name: str
    """Of the device, driver or program that said no, as Windows spells it."""


class WindowsCalls(Protocol):
    """Every method blocks and raises `CallFailed`.

    `letter` is a drive as in `E:`. `volume` is the name of a volume as in `\\\\?\\Volume{...}\\`: unlike a letter it
    never comes to mean another disk. `handle` is what `create_new` gave.
    """

    def letters(self) -> tuple[str, ...]:
        """Every drive letter in use."""
        ...

    def system_letter(self) -> str:
        """The drive that holds Windows."""
        ...

    def drive_type(self, letter: str) -> int: ...

    def disks(self, letter: str) -> tuple[int, ...]:
        """The numbers of the disks it lies on (IOCTL_VOLUME_GET_VOLUME_DISK_EXTENTS)."""
        ...

    def device(self, letter: str) -> DeviceAnswer: ...

    def node(self, letter: str) -> NodeAnswer: ...

    def volume_name(self, letter: str) -> str:
        """GetVolumeNameForVolumeMountPointW."""
        ...

    def volume(self, volume: str) -> VolumeAnswer: ...

    def space(self, volume: str) -> SpaceAnswer: ...

    def require_writable(self, letter: str) -> None:
        """IOCTL_DISK_IS_WRITABLE: fails with 19 for a stick whose switch is on."""
        ...

    def entries(self, volume: str, most: int) -> tuple[EntryAnswer, ...]:
        """Up to so many entries of the root folder."""
        ...

    def exists(self, volume: str, name: str) -> bool: ...

    def create_new(self, volume: str, name: str) -> int:
        """A new file (CREATE_NEW), shared with nobody, written through; its handle."""
        ...

    def write(self, handle: int, data: bytes) -> int:
        """How many bytes were taken."""
        ...

    def flush(self, handle: int) -> None:
        """FlushFileBuffers."""
        ...

    def close(self, handle: int) -> None: ...

    def read_past_cache(self, volume: str, name: str, most: int) -> bytes:
        """The first `most` bytes of a file (FILE_FLAG_NO_BUFFERING)."""
        ...

    def move_new(self, volume: str, old: str, new: str) -> None:
        """MoveFileExW, written through and never onto an existing file."""
        ...

    def delete(self, volume: str, name: str) -> None: ...

    def dismount(self, volume: str) -> None:
        """Lock the volume, throw its cache away and let go: the next access reads it anew."""
        ...

    def eject(self, instance: str) -> VetoAnswer | None:
        """CM_Request_Device_EjectW for a device; who said no, or None when nobody did."""
        ...

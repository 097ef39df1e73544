"""A Windows of which only the calls exist: drives that answer, keep files, fail with numbers and are pulled out.

It stands in for the system, never for a part of this program. Its answers are written after the documentation of
Windows; none was recorded on a machine.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Self

import pytest

from kiosk.errors import StickRemoved
from kiosk.media.volumes import StickRef
from kiosk.media.windows.calls import (
    BUS_USB,
    CallFailed,
    DeviceAnswer,
    DriveType,
    EntryAnswer,
    NodeAnswer,
    SpaceAnswer,
    VetoAnswer,
    VolumeAnswer,
)
from kiosk.media.windows.decisions import reference
from kiosk.media.windows.media import WindowsMedia
from tests.media.contract import DATA, NAME, no_progress
from tests.support.clock import SteppedClock

NOT_CONNECTED: Final = 1167
FILE_NOT_FOUND: Final = 2
DISK_FULL: Final = 112
FILE_EXISTS: Final = 80
ALREADY_EXISTS: Final = 183
WRITE_PROTECT: Final = 19
BUS_SATA: Final = 11
SYSTEM_DISK: Final = 0


@dataclass
class Drive:
    """One drive letter; what a test does not say is a good stick."""

    letter: str = "E:"
    type: int = DriveType.REMOVABLE
    disk: int = 1
    device: DeviceAnswer = field(
        default_factory=lambda: DeviceAnswer(
            "Kingston", "DataTraveler 3.0", "60A44C3FACC9F0B0", BUS_USB, True
        )
    )
    instance: str = "USBSTOR\\DISK&VEN_KINGSTON&PROD_DATATRAVELER_3.0&REV_PMAP\\60A44C3FACC9F0B0&0"
    parent: str = "USB\\VID_0951&PID_1666\\60A44C3FACC9F0B0"
    arrived: int = 133_000_000_000_000_000
    name: str = "\\\\?\\Volume{11111111-0000-0000-0000-000000000001}\\"
    label: str = "STICK-A"
    filesystem: str = "FAT32"
    total: int = 64_000_000
    room: int = 60_000_000
    read_only: bool = False
    protected: bool = False
    files: dict[str, bytes] = field(default_factory=dict)
    folders: list[str] = field(default_factory=lambda: ["System Volume Information"])
    keeps: Callable[[bytes], bytes] = lambda data: data
    """What lies on the device of what was written."""
    fails: dict[str, int] = field(default_factory=dict)
    """Call and number."""

    @property
    def ref(self) -> StickRef:
        return reference(self.letter, self.name, NodeAnswer(self.instance, self.parent, self.arrived))


def windows_itself() -> Drive:
    """The disk of the terminal."""
    return Drive(
        letter="C:",
        type=DriveType.FIXED,
        disk=SYSTEM_DISK,
        device=DeviceAnswer("NVMe", "Disk", "1", BUS_SATA, False),
        instance="SCSI\\DISK&VEN_NVME\\4",
        parent="PCI\\VEN_8086\\3",
        name="\\\\?\\Volume{00000000-0000-0000-0000-000000000000}\\",
        label="Windows",
        filesystem="NTFS",
    )


@dataclass
class Windows:
    """`kiosk.media.windows.calls.WindowsCalls` over drives in memory."""

    drives: list[Drive] = field(default_factory=lambda: [windows_itself()])
    before: Callable[[str], None] = lambda _: None
    """Told of every call that is about to be made."""
    vetoes: list[VetoAnswer] = field(default_factory=list)
    stays: bool = False
    """An ejected stick stays in the list."""
    _open: dict[int, tuple[Drive, str]] = field(default_factory=dict)
    _handles: Iterator[int] = field(default_factory=lambda: itertools.count(100))

    def put_in(self, drive: Drive) -> Drive:
        self.drives.append(drive)
        return drive

    def take_out(self, drive: Drive) -> None:
        """By hand, whatever is being done with it."""
        self.drives.remove(drive)

    def letters(self) -> tuple[str, ...]:
        self.before("letters")
        return tuple(drive.letter for drive in self.drives)

    def system_letter(self) -> str:
        return "C:"

    def drive_type(self, letter: str) -> int:
        return next(
            (drive.type for drive in self.drives if drive.letter == letter), int(DriveType.NO_ROOT_DIR)
        )

    def disks(self, letter: str) -> tuple[int, ...]:
        return (self._at(letter, "disks").disk,)

    def device(self, letter: str) -> DeviceAnswer:
        return self._at(letter, "device").device

    def node(self, letter: str) -> NodeAnswer:
        drive = self._at(letter, "node")
        return NodeAnswer(drive.instance, drive.parent, drive.arrived)

    def volume_name(self, letter: str) -> str:
        return self._at(letter, "volume_name").name

    def volume(self, volume: str) -> VolumeAnswer:
        drive = self._on(volume, "volume")
        return VolumeAnswer(drive.label, drive.filesystem, drive.read_only)

    def space(self, volume: str) -> SpaceAnswer:
        drive = self._on(volume, "space")
        return SpaceAnswer(drive.total, drive.room)

    def require_writable(self, letter: str) -> None:
        if self._at(letter, "require_writable").protected:
            raise CallFailed("DeviceIoControl", WRITE_PROTECT)

    def entries(self, volume: str, most: int) -> tuple[EntryAnswer, ...]:
        drive = self._on(volume, "entries")
        folders = [EntryAnswer(name, is_folder=True) for name in drive.folders]
        return (*folders, *(EntryAnswer(name, is_folder=False) for name in drive.files))[:most]

    def exists(self, volume: str, name: str) -> bool:
        return name.lower() in self._names(self._on(volume, "exists"))

    def create_new(self, volume: str, name: str) -> int:
        drive = self._on(volume, "create_new")
        if name.lower() in self._names(drive):
            raise CallFailed("CreateFileW", FILE_EXISTS)
        drive.files[name] = b""
        handle = next(self._handles)
        self._open[handle] = drive, name
        return handle

    def write(self, handle: int, data: bytes) -> int:
        drive, name = self._held(handle, "write")
        taken = data[: max(0, min(len(data), drive.room, 3000))]  # a call may take less than it was given
        drive.room -= len(taken)
        drive.files[name] += drive.keeps(taken)
        return len(taken)

    def flush(self, handle: int) -> None:
        self._held(handle, "flush")

    def close(self, handle: int) -> None:
        self._open.pop(handle)

    def read_past_cache(self, volume: str, name: str, most: int) -> bytes:
        drive = self._on(volume, "read_past_cache")
        if name not in drive.files:
            raise CallFailed("CreateFileW", FILE_NOT_FOUND)
        return drive.files[name][:most]

    def move_new(self, volume: str, old: str, new: str) -> None:
        drive = self._on(volume, "move_new")
        if new.lower() in self._names(drive):
            raise CallFailed("MoveFileExW", ALREADY_EXISTS)
        if old not in drive.files:
            raise CallFailed("MoveFileExW", FILE_NOT_FOUND)
        drive.files[new] = drive.files.pop(old)

    def delete(self, volume: str, name: str) -> None:
        drive = self._on(volume, "delete")
        if name not in drive.files:
            raise CallFailed("DeleteFileW", FILE_NOT_FOUND)
        drive.room += len(drive.files.pop(name))

    def dismount(self, volume: str) -> None:
        self._on(volume, "dismount")
        if self._open:
            raise CallFailed("DeviceIoControl", 5)

    def eject(self, instance: str) -> VetoAnswer | None:
        self.before("eject")
        drive = next((drive for drive in self.drives if drive.parent == instance), None)
        if drive is None:
            raise CallFailed("CM_Locate_DevNodeW", 433)
        if self.vetoes:
            return self.vetoes.pop(0)
        if not self.stays:
            self.drives.remove(drive)
        return None

    @property
    def open_handles(self) -> int:
        return len(self._open)

    def _at(self, letter: str, call: str) -> Drive:
        return self._answering(call, lambda drive: drive.letter == letter)

    def _on(self, volume: str, call: str) -> Drive:
        return self._answering(call, lambda drive: volume in {drive.name, f"{drive.letter}\\"})

    def _held(self, handle: int, call: str) -> tuple[Drive, str]:
        drive, name = self._open[handle]
        return self._answering(call, lambda other: other is drive), name

    def _answering(self, call: str, is_meant: Callable[[Drive], bool]) -> Drive:
        self.before(call)
        drive = next((drive for drive in self.drives if is_meant(drive)), None)
        if drive is None:
            raise CallFailed(call, NOT_CONNECTED)
        if call in drive.fails:
            raise CallFailed(call, drive.fails[call])
        return drive

    @staticmethod
    def _names(drive: Drive) -> set[str]:
        return {name.lower() for name in (*drive.files, *drive.folders)}


@dataclass
class WindowsRig:
    """Hands for its sticks."""

    windows: Windows
    media: WindowsMedia
    _ever: list[Drive] = field(default_factory=list)

    @classmethod
    def fresh(cls, **other: Any) -> Self:
        """A terminal without sticks."""
        windows = Windows()
        values: dict[str, Any] = {"calls": windows, "clock": SteppedClock(), "every": 0.02, "deadline": 5.0}
        return cls(windows, WindowsMedia(**values | other))

    def put_in(self, **facts: Any) -> Drive:
        """Another stick than all before it, but for what the test says."""
        number = len(self._ever) + 1
        usual: dict[str, Any] = {
            "letter": f"{chr(ord('D') + number)}:",
            "disk": number,
            "instance": f"USBSTOR\\DISK&VEN_KINGSTON\\{number}&0",
            "parent": f"USB\\VID_0951&PID_1666\\{number}",
            "arrived": 133_000_000_000_000_000 + number,
            "name": f"\\\\?\\Volume{{{number:08}-0000-0000-0000-000000000001}}\\",
        }
        drive = self.windows.put_in(Drive(**usual | facts))
        self._ever.append(drive)
        return drive

    def drive(self, ref: StickRef) -> Drive:
        return next(drive for drive in self._ever if drive.ref == ref)

    async def plug(self, label: str = "STICK-A") -> StickRef:
        return self.put_in(label=label).ref

    async def plug_full(self, label: str = "STICK-A") -> StickRef:
        return self.put_in(label=label, room=2_000).ref

    async def plug_protected(self, label: str = "STICK-A") -> StickRef:
        return self.put_in(label=label, protected=True).ref

    async def pull(self, ref: StickRef) -> None:
        self.windows.take_out(self.drive(ref))

    async def swap(self, ref: StickRef) -> None:
        self.swap_for_a_clone(ref)

    def swap_for_a_clone(self, ref: StickRef) -> Drive:
        """Everything it says of itself is the same; only the time of plugging in is another."""
        old = self.drive(ref)
        self.windows.take_out(old)
        return self.put_in(
            letter=old.letter,
            label=old.label,
            instance=old.instance,
            parent=old.parent,
            name=old.name,
            disk=old.disk,
        )

    async def cut_off(self, ref: StickRef) -> StickRef:
        old = self.drive(ref)

        def pull(call: str) -> None:
            if call == "flush" and old in self.windows.drives:
                self.windows.take_out(old)

        self.windows.before = pull
        with pytest.raises(StickRemoved):
            await self.media.write_verified(ref, NAME, DATA, no_progress)
        self.windows.before = lambda _: None
        new = self.put_in(letter=old.letter, label=old.label, parent=old.parent, name=old.name)
        new.files = old.files
        return new.ref

    async def put_file(self, ref: StickRef, name: str, data: bytes) -> None:
        self.drive(ref).files[name] = data

    async def files(self, ref: StickRef) -> dict[str, bytes]:
        return dict(self.drive(ref).files)

    async def put_folder(self, ref: StickRef, name: str) -> None:
        folders = self.drive(ref).folders
        folders.extend({name} - set(folders))

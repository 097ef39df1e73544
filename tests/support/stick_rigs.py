"""Hands for sticks that UDisks tells of: plugged, pulled, swapped, filled and write-protected."""

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

from kiosk.errors import StickRemoved
from kiosk.media.udisks.abandoned import OwnMounts
from kiosk.media.udisks.kernel import Kernel
from kiosk.media.udisks.media import UDisksMedia
from kiosk.media.udisks.references import PlugIn, plug_in_of, reference
from kiosk.media.udisks.targets import Policy
from kiosk.media.volumes import StickRef
from tests.media.contract import DATA, NAME, no_progress
from tests.support.clock import SteppedClock
from tests.support.dbus import private_bus
from tests.support.deep import need
from tests.support.fake_sysfs import FakeSysfs
from tests.support.fake_udisks import FakeUDisks
from tests.support.loop_disks import FILESYSTEM, FULL_KIB, ORDINARY_KIB, LoopDisk
from tests.support.stick_faults import CutOff
from tests.support.udisks_objects import BLOCK, block_path, stick

MADE_UP_MAJOR: Final = 240
"""The kernel gives it to nobody, so a whole disk is never what something else has mounted."""


@dataclass
class UDisksRig:
    """One or two USB ports with a fake UDisks, a made-up /sys, and loop devices behind the partitions."""

    folder: Path
    address: str
    udisks: FakeUDisks
    sysfs: FakeSysfs
    media: UDisksMedia = field(init=False)
    calls: CutOff = field(default_factory=CutOff, init=False)
    _disks: dict[str, LoopDisk] = field(default_factory=dict, init=False)
    _numbers: Iterator[int] = field(default_factory=itertools.count, init=False)

    def __post_init__(self) -> None:
        self.media = self.media_with()
        self.udisks.on_power_off = self._left

    def media_with(self, policy: Policy | None = None, **more: Any) -> UDisksMedia:
        """Another program that looks at the same ports."""
        accepted = policy or Policy(accepted_filesystems=frozenset({FILESYSTEM}))
        kernel = Kernel(sys=self.sysfs.kernel.sys)  # mounts are real ones
        return UDisksMedia(
            policy=accepted,
            clock=SteppedClock(),
            address=self.address,
            kernel=kernel,
            calls=self.calls,
            own_mounts=OwnMounts((os.fsencode(f"{self.udisks.folder}/"),), os.getuid()),
            pause=0.2,
            **more,
        )

    async def plug(self, label: str = "STICK-A") -> StickRef:
        return self.put_in(label)

    async def plug_full(self, label: str = "STICK-A") -> StickRef:
        return self.put_in(label, kib=FULL_KIB)

    async def plug_protected(self, label: str = "STICK-A") -> StickRef:
        return self.put_in(label, read_only=True)

    async def pull(self, ref: StickRef) -> None:
        self.take_out(plug_in_of(ref).disk)

    async def swap(self, ref: StickRef) -> None:
        disk = plug_in_of(ref).disk
        self.take_out(disk)
        self.put_in(disk=disk)

    async def cut_off(self, ref: StickRef) -> StickRef:
        disk = plug_in_of(ref).disk
        made = self._disks[disk]
        self.calls.before_the_sync(lambda: self.pull_out(disk))
        with pytest.raises(StickRemoved):
            await self.media.write_verified(ref, NAME, DATA, no_progress)
        return self.put_back(made, disk)

    async def put_file(self, ref: StickRef, name: str, data: bytes) -> None:
        self._disks[plug_in_of(ref).disk].put(name, data)

    async def put_folder(self, ref: StickRef, name: str) -> None:
        self._disks[plug_in_of(ref).disk].put_folder(name)

    async def files(self, ref: StickRef) -> dict[str, bytes]:
        return self._disks[plug_in_of(ref).disk].files()

    def put_in(
        self,
        label: str = "STICK-A",
        *,
        disk: str | None = None,
        kib: int = ORDINARY_KIB,
        read_only: bool = False,
        later: float = 0.0,
    ) -> StickRef:
        """A stick of one partition, which is a real block device. Returns what it will be called."""
        name = disk or next(free for free in ("sda", "sdb", "sdc") if free not in self._disks)
        image = self.folder / f"stick{next(self._numbers)}.img"
        made = LoopDisk.make(image, kib, read_only=read_only)
        return self._plug(made, name, label, read_only=read_only, later=later)

    def put_back(self, made: LoopDisk, disk: str, label: str = "STICK-A") -> StickRef:
        """The very stick that was pulled out; it answers again."""
        made.let_go()
        self.calls.gone = False
        return self._plug(made, disk, label)

    def _plug(
        self, made: LoopDisk, name: str, label: str, *, read_only: bool = False, later: float = 0.0
    ) -> StickRef:
        self._disks[name] = made
        seq = self.sysfs.plug_usb(
            name,
            port=f"1-{ord(name[-1])}",
            read_only=read_only,
            number=(MADE_UP_MAJOR, next(self._numbers)),
            partition_number=made.number,
        )
        objects = stick(name, FILESYSTEM, label)
        objects[block_path(name)][BLOCK]["Symlinks"] = [f"/dev/disk/by-diskseq/{seq}\0".encode()]
        objects[block_path(f"{name}1")][BLOCK]["ReadOnly"] = read_only
        self.udisks.plug(objects, made.device, later=later)
        return reference(PlugIn(self.media.kernel.boot_id(), name, f"{name}1", seq))

    def take_out(self, disk: str) -> None:
        """By hand, whatever is being done with it."""
        self.pull_out(disk).unmake()

    def pull_out(self, disk: str) -> LoopDisk:
        """The same, to be put back."""
        self.sysfs.pull(disk)
        self.udisks.pull(disk)
        return self._disks.pop(disk)

    def _left(self, disk: str) -> None:
        """Switched off by UDisks; a test may still look what is on it."""
        self.sysfs.pull(disk)

    def tidy_up(self) -> None:
        for disk in self._disks.values():
            disk.unmake()


@contextmanager
def usb_ports(folder: Path) -> Iterator[UDisksRig]:
    """Everything a stick needs, until the block ends."""
    need("mount", "losetup", "mke2fs", "debugfs", "dbus-daemon")
    folder.mkdir(exist_ok=True)
    udisks = FakeUDisks(folder / "media")
    with private_bus() as address, udisks.running(address):
        rig = UDisksRig(folder, address, udisks, FakeSysfs(folder / "kernel"))
        try:
            yield rig
        finally:
            rig.tidy_up()

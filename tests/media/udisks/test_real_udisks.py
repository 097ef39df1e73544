"""The real UDisks2, udev and polkit, on the disks of this machine: none of them is a stick."""

import asyncio
import os
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path

import pytest

from kiosk.errors import MediaUnavailable, StickEjectFailed, StickInUse
from kiosk.media.udisks.bus import UDisksBus
from kiosk.media.udisks.media import UDisksMedia
from kiosk.media.udisks.mounting import UDisksMounts
from kiosk.media.udisks.objects import BlockObject, read_objects
from kiosk.media.udisks.targets import Policy, Target
from kiosk.media.volumes import Stick, StickRef
from tests.media.contract import next_look
from tests.support.deep import need
from tests.support.loop_disks import LoopDisk
from tests.support.processes import at_once
from tests.support.real_udisks import real_udisks
from tests.support.udisks_objects import drive_path

pytestmark = pytest.mark.deep

EVERYTHING = Policy(accepted_filesystems=frozenset({"vfat", "exfat", "ext4"}), allow_fixed_disks=True)
"""As little as can be asked: what is not offered now is never offered."""
NOBODY = 65534


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with real_udisks() as where:
        yield where


@contextmanager
def fat_on_a_loop_device(folder: Path) -> Iterator[str]:
    """What a stick would hold, behind a file; the kernel's name of the device."""
    need("losetup", "mkfs.vfat")
    image = folder / "fat.img"
    with image.open("wb") as file:
        file.truncate(8 * 1024 * 1024)
    subprocess.run(["mkfs.vfat", "-n", "STICK-A", image], check=True, capture_output=True)
    find: list[str | Path] = ["losetup", "--find", "--show", image]
    device = subprocess.run(find, check=True, capture_output=True, text=True).stdout.strip()
    try:
        yield device.rpartition("/")[2]
    finally:
        subprocess.run(["losetup", "--detach", device], check=True)


async def told_of(address: str, name: str, kind: str) -> BlockObject:
    """As soon as UDisks has read what is on it."""
    until = time.monotonic() + 10
    async with UDisksBus(address) as bus:
        while time.monotonic() < until:
            blocks = read_objects(await bus.managed_objects()).blocks
            found = next((block for block in blocks if block.name == name and block.type == kind), None)
            if found is not None:
                return found
            await asyncio.sleep(0.05)
    raise AssertionError(f"UDisks never told of {name}")


@pytest.mark.rule("E-88")
async def test_no_disk_of_this_machine_and_no_loop_device_is_offered_or_shown(
    address: str, tmp_path: Path
) -> None:
    with fat_on_a_loop_device(tmp_path) as name:
        told = await told_of(address, name, "vfat")

        assert (told.usage, told.label, told.is_filesystem, told.drive) == (
            "filesystem",
            "STICK-A",
            True,
            "/",
        )
        assert await UDisksMedia(EVERYTHING, address=address).list() == ()


@pytest.mark.rule("E-88")
async def test_a_loop_device_that_comes_while_somebody_watches_is_no_stick(
    address: str, tmp_path: Path
) -> None:
    async with aclosing(UDisksMedia(EVERYTHING, address=address).watch()) as looks:
        assert await next_look(looks) == ()
        with fat_on_a_loop_device(tmp_path) as name:
            await told_of(address, name, "vfat")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(next_look(looks), 1)


class TestMounting:
    """UDisks' own words, understood."""

    @pytest.fixture
    async def target(self, address: str, tmp_path: Path) -> AsyncIterator[Target]:
        need("losetup", "mke2fs", "debugfs")
        disk = LoopDisk.make(tmp_path / "disk.img")
        try:
            name = disk.device.rpartition("/")[2]
            block = await told_of(address, name, "ext4")
            ref = StickRef("udisks", "of no port")
            stick = Stick(ref, "", "", "", "", "ext4", block.size, None, None)
            yield Target(stick, block.path, drive_path("none"), name, name)
        finally:
            disk.unmake()

    async def test_a_file_system_is_mounted_once_and_unmounted(self, address: str, target: Target) -> None:
        async with UDisksBus(address) as bus:
            mounts = UDisksMounts(bus)
            path = await mounts.mount(target, read_only=False)
            with pytest.raises(StickInUse):
                await mounts.mount(target, read_only=True)
            (block,) = [
                one
                for one in read_objects(await bus.managed_objects()).blocks
                if one.path == target.block_path
            ]
            await mounts.unmount(target)
            await mounts.unmount(target)

        assert block.mount_points == (path,)

    async def test_a_drive_that_is_not_there_cannot_be_switched_off(
        self, address: str, target: Target
    ) -> None:
        async with UDisksBus(address) as bus:
            assert not await UDisksMounts(bus).is_gone(target)
            with pytest.raises(StickEjectFailed):
                await UDisksMounts(bus).power_off(target)

    async def test_whoever_has_no_rights_learns_that_it_is_the_terminal(
        self, address: str, target: Target
    ) -> None:
        async def look_and_mount() -> bool:
            async with UDisksBus(address) as bus:
                knows = target.block_path in await bus.managed_objects()
                with pytest.raises(MediaUnavailable):
                    await UDisksMounts(bus).mount(target, read_only=True)
            return knows

        def as_nobody() -> bool:
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            return asyncio.run(look_and_mount())

        assert at_once([as_nobody]) == [True]

"""The real UDisks2, udev and polkit, on the disks of this machine: none of them is a stick."""

import asyncio
import os
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from kiosk.errors import MediaUnavailable, StickEjectFailed, StickInUse
from kiosk.media.udisks.bus import ManagedObjects, UDisksBus
from kiosk.media.udisks.kernel import Kernel
from kiosk.media.udisks.media import UDisksMedia
from kiosk.media.udisks.mounting import UDisksMounts
from kiosk.media.udisks.objects import BlockObject, read_objects
from kiosk.media.udisks.targets import Policy, Target, find_targets
from kiosk.media.volumes import Stick, StickRef, StickRefusal
from tests.media.contract import next_look
from tests.support.deep import need
from tests.support.fake_sysfs import FakeSysfs
from tests.support.loop_disks import LoopDisk
from tests.support.processes import at_once
from tests.support.real_udisks import real_udisks
from tests.support.udisks_objects import BLOCK, DRIVE, block_path, drive_path, drive_properties

pytestmark = pytest.mark.deep

EVERYTHING = Policy(accepted_filesystems=frozenset({"vfat", "exfat", "ext4"}), allow_fixed_disks=True)
"""As little as can be asked: what is not offered now is never offered."""
NOBODY = 65534
PATIENCE = 30.0
"""Seconds for something that udev and UDisks do in one."""
FAT = "mkfs.vfat -n STICK-A {}"
FAT_IN_A_PARTITION = "mkfs.vfat -n STICK-A --offset=2048 {} 4096"
ONE_PARTITION = "label: dos\n2048,4MiB,c\n"
TWO_PARTITIONS = ONE_PARTITION + ",4MiB,c\n"
DISC = {0x8000: b"\x01CD001\x01", 0x8800: b"\xffCD001\x01"}
LUKS = {0: b"LUKS\xba\xbe\x00\x01"}
BITLOCKER = {0: b"\xeb\x58\x90-FVE-FS-", 510: b"\x55\xaa"}
"""Its first sector only: nothing recognises that, and it is refused all the same."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with real_udisks() as where:
        yield where


@contextmanager
def on_a_loop_device(image: Path) -> Iterator[str]:
    """The kernel's name of the device. Its partitions are read by partx: not every kernel can."""
    need("losetup", "partx")
    device = run("losetup", "--find", "--show", image).strip()
    name = device.rpartition("/")[2]
    try:
        run("partx", "--add", device, fails=True)
        yield name
    finally:
        run("partx", "--delete", device, fails=True)
        run("losetup", "--detach", device)


def run(*command: str | Path, said: str = "", fails: bool = False) -> str:
    """What a program answers; it may only fail where that `fails` is nothing new."""
    done = subprocess.run(command, input=said, check=not fails, capture_output=True, text=True)
    return done.stdout


def an_image(
    folder: Path, *, maker: str = "", partitions: str = "", at: dict[int, bytes] | None = None
) -> Path:
    """Made by a program, divided as sfdisk is told, or with some bytes at some places."""
    image = folder / "stick.img"
    with image.open("wb") as file:
        file.truncate(16 * 1024 * 1024)
        for place, octets in (at or {}).items():
            file.seek(place)
            file.write(octets)
    if maker:
        command = maker.replace("{}", str(image)).split()
        need(command[0])
        run(*command)
    if partitions:
        need("sfdisk")
        run("sfdisk", "--quiet", "--wipe=never", "--wipe-partitions=never", image, said=partitions)
    return image


async def told_of(address: str, name: str, kind: str) -> BlockObject:
    """As soon as UDisks has read what is on it."""
    until = time.monotonic() + PATIENCE
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
    with on_a_loop_device(an_image(tmp_path, maker=FAT)) as name:
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
        with on_a_loop_device(an_image(tmp_path, maker=FAT)) as name:
            await told_of(address, name, "vfat")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(next_look(looks), 1)


@pytest.mark.rule("E-88")
@pytest.mark.parametrize(
    ("made", "refusal"),
    [
        ({"maker": FAT}, None),
        ({"maker": FAT_IN_A_PARTITION, "partitions": ONE_PARTITION}, None),
        ({"maker": FAT_IN_A_PARTITION, "partitions": TWO_PARTITIONS}, StickRefusal.SEVERAL_VOLUMES),
        ({"maker": "mkfs.exfat -L STICK-A {}"}, None),
        ({"maker": "mkfs.ntfs -Q -F {}"}, StickRefusal.UNSUPPORTED_FS),
        ({"maker": "mke2fs -F {}"}, StickRefusal.UNSUPPORTED_FS),
        ({"maker": "mkswap {}"}, StickRefusal.UNSUPPORTED_FS),
        ({"at": DISC}, StickRefusal.UNSUPPORTED_FS),
        ({"at": DISC, "partitions": ONE_PARTITION}, StickRefusal.UNSUPPORTED_FS),
        ({"at": LUKS}, StickRefusal.ENCRYPTED),
        ({"at": BITLOCKER}, StickRefusal.NO_FILESYSTEM),
        ({}, StickRefusal.NO_FILESYSTEM),
        ({"partitions": ONE_PARTITION}, StickRefusal.NO_FILESYSTEM),
    ],
    ids=str,
)
async def test_what_udisks_finds_on_a_medium_decides_as_on_a_stick(
    address: str, tmp_path: Path, made: dict[str, Any], refusal: StickRefusal | None
) -> None:
    """The same answers of the real UDisks, told once more as if the device hung on a USB port."""
    with on_a_loop_device(an_image(tmp_path, **made)) as name:
        kernel, until = as_if_plugged(name, tmp_path), time.monotonic() + PATIENCE
        while True:
            objects = read_objects(await as_a_stick(address, name))
            (target,) = find_targets(objects, kernel, Policy())
            if target.stick.refusal is refusal or time.monotonic() > until:
                break
            await asyncio.sleep(0.1)  # what is on a partition is known a little later than the partition

    assert target.stick.refusal is refusal


async def as_a_stick(address: str, name: str) -> ManagedObjects:
    """What UDisks tells of a loop device once it has read it, with a drive in front."""
    real = Kernel().disk(name)
    assert real is not None
    named = f"/dev/disk/by-diskseq/{real.diskseq}\0".encode()
    async with UDisksBus(address) as bus, asyncio.timeout(PATIENCE):
        while True:
            told = await bus.managed_objects()
            mine = {path: known for path, known in told.items() if is_of(path, name)}
            whole = mine.get(block_path(name), {}).get(BLOCK, {"Symlinks": []})
            if len(mine) == 1 + len(real.partitions) and named in whole["Symlinks"]:
                break
            await asyncio.sleep(0.05)
    for known in mine.values():
        known[BLOCK] |= {"Drive": drive_path(name), "HintSystem": False}
    return {drive_path(name): {DRIVE: drive_properties()}, **mine}


def is_of(path: str, disk: str) -> bool:
    return path == block_path(disk) or path.startswith(f"{block_path(disk)}p")


def as_if_plugged(name: str, folder: Path) -> Kernel:
    """The same disk at a USB port."""
    real = Kernel().disk(name)
    assert real is not None
    sysfs = FakeSysfs(folder / "kernel", seq=real.diskseq - 1)
    sysfs.plug_usb(name, partitions=real.partitions, size=real.size, number=(240, 0))
    return sysfs.kernel


async def mount_points(bus: UDisksBus, target: Target) -> tuple[bytes, ...]:
    """Where UDisks says that it is mounted."""
    blocks = read_objects(await bus.managed_objects()).blocks
    (block,) = [one for one in blocks if one.path == target.block_path]
    return block.mount_points


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
            async with asyncio.timeout(PATIENCE):
                while True:  # UDisks learns from the kernel what it has mounted itself
                    if await mount_points(bus, target) == (path,):
                        break
                    await asyncio.sleep(0.05)
            with pytest.raises(StickInUse):
                await mounts.mount(target, read_only=True)
            assert await mount_points(bus, target) == (path,)
            await mounts.unmount(target)
            await mounts.unmount(target)

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

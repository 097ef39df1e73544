"""The whole write by way of the real UDisks2: its mounts, its options, its words for busy.

UDisks mounts in a namespace of its own here; the test looks into it through /proc, as the kernel allows root to.
"""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.errors import LeftBehind, StickCorrupt, StickInUse
from kiosk.media.calls import FileCalls
from kiosk.media.udisks.bus import UDisksBus
from kiosk.media.udisks.claims import Claim
from kiosk.media.udisks.kernel import Kernel
from kiosk.media.udisks.mounting import UDisksMounts
from kiosk.media.udisks.objects import read_objects
from kiosk.media.udisks.presence import StickPresence
from kiosk.media.udisks.references import PlugIn
from kiosk.media.udisks.sequence import look, write
from kiosk.media.udisks.targets import Target
from kiosk.media.udisks.visiting import AtStick
from tests.media.contract import DATA, NAME, no_progress
from tests.support.loop_sticks import LoopStick, an_empty_ext4, files_on, plugged_in
from tests.support.real_udisks import real_udisks

pytestmark = pytest.mark.deep


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with real_udisks() as where:
        yield where


class SeenFromOutside(UDisksMounts):
    """Where UDisks mounts, as the way there from another namespace."""

    def __init__(self, bus: UDisksBus, pid: int) -> None:
        super().__init__(bus)
        self._root = f"/proc/{pid}/root".encode()
        self.last = b""

    async def mount(self, target: Target, *, read_only: bool) -> bytes:
        self.last = self._root + await super().mount(target, read_only=read_only)
        return self.last


class There:
    """One stick as UDisks knows it."""

    def __init__(self, stick: LoopStick, address: str, folder: Path) -> None:
        self.stick, self.address, self.pid = stick, address, udisksd(address)
        proc = folder / "proc"
        proc.mkdir()
        (proc / "self").symlink_to(f"/proc/{self.pid}")
        (proc / "sys").symlink_to("/proc/sys")
        self.kernel = Kernel(sys=stick.kernel.sys, proc=proc)

    async def target(self, bus: UDisksBus) -> Target:
        """As soon as UDisks has seen it."""
        async with asyncio.timeout(10):
            while True:
                for block in read_objects(await bus.managed_objects()).blocks:
                    if block.name == self.stick.loop and block.type == "ext4":
                        return Target(
                            self.stick.target.stick,
                            block.path,
                            "/no/drive",
                            self.stick.loop,
                            self.stick.loop,
                        )
                await asyncio.sleep(0.05)

    async def at(self, bus: UDisksBus, claim: Claim, calls: FileCalls | None = None) -> AtStick:
        """What a piece of work needs."""
        return AtStick(
            await self.target(bus),
            SeenFromOutside(bus, self.pid),
            StickPresence(self.plug_in, self.kernel),
            claim,
            frozenset({"ext4"}),
            calls or FileCalls(),
            pause=0.1,
        )

    @property
    def plug_in(self) -> PlugIn:
        return self.stick.plug_in

    def mounted(self) -> bool:
        """In the namespace of UDisks."""
        device = self.kernel.device_number(self.stick.loop)
        return any(line.device == device for line in self.kernel.mounts())


def udisksd(address: str) -> int:
    """The process that answers on this bus."""
    wanted = f"DBUS_SYSTEM_BUS_ADDRESS={address}".encode()
    for place in Path("/proc").glob("[0-9]*"):
        try:
            is_it = (place / "comm").read_text() == "udisksd\n"
            if is_it and wanted in (place / "environ").read_bytes().split(b"\0"):
                return int(place.name)
        except OSError:
            continue
    raise AssertionError("no udisksd of ours")


@pytest.fixture
def there(address: str, tmp_path: Path) -> Iterator[There]:
    with plugged_in(tmp_path, an_empty_ext4(tmp_path / "stick.img")) as stick:
        yield There(stick, address, tmp_path)


@pytest.mark.rule("E-83", "I-20")
async def test_the_real_udisks_mounts_as_asked_and_the_file_gets_there(there: There, tmp_path: Path) -> None:
    seen: list[frozenset[str]] = []

    class Looking(FileCalls):
        def open(self, folder: int, name: str, *, direct: bool) -> int:
            device = os.fstat(folder).st_dev
            seen.extend(
                line.options | line.superblock for line in there.kernel.mounts() if line.device == device
            )
            return super().open(folder, name, direct=direct)

    with Claim.of(there.plug_in) as claim:
        async with UDisksBus(there.address) as bus:
            await write(await there.at(bus, claim, Looking()), NAME, DATA, no_progress)

    assert files_on(there.stick.medium, tmp_path) == {NAME: DATA}
    assert not there.mounted()
    assert all({"nosuid", "nodev", "noexec"} <= options for options in seen)
    assert "dirsync" in seen[0]
    assert "ro" in seen[-1]


@pytest.mark.rule("E-88")
async def test_a_look_by_the_real_udisks_leaves_nothing_mounted(there: There) -> None:
    with Claim.of(there.plug_in) as claim:
        async with UDisksBus(there.address) as bus:
            seen = await look(await there.at(bus, claim))

    assert seen.refusal is None
    assert not there.mounted()


@pytest.mark.rule("E-83", "E-84")
async def test_a_stick_that_somebody_looks_into_is_busy_for_the_real_udisks_and_detached_in_the_end(
    there: There,
) -> None:
    held: list[int] = []

    class Visited(FileCalls):
        def sync_file_system(self, file: int) -> None:
            super().sync_file_system(file)
            held.append(os.open(f"/proc/self/fd/{file}/{NAME}", os.O_RDONLY))

    with Claim.of(there.plug_in) as claim, pytest.raises(StickInUse) as failed:
        async with UDisksBus(there.address) as bus:
            await write(await there.at(bus, claim, Visited()), NAME, DATA, no_progress)

    assert failed.value.left_behind is LeftBehind.COMPLETE_UNCONFIRMED
    assert not there.mounted()
    for handle in held:
        os.close(handle)


@pytest.mark.rule("I-24")
async def test_a_damaged_file_system_is_called_damaged_by_the_real_udisks_too(there: There) -> None:
    async with UDisksBus(there.address) as bus:
        target = await there.target(bus)
        damage(Path(f"/dev/{there.stick.loop}"))
        with pytest.raises(StickCorrupt):
            await UDisksMounts(bus).mount(target, read_only=False)


def damage(device: Path) -> None:
    """The descriptors of its groups, which are looked at by every mount."""
    with device.open("r+b") as file:
        file.seek(2048)
        file.write(b"\xff" * 65536)

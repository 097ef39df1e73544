"""What the kernel says about disks."""

import os
from pathlib import Path

import pytest

from kiosk.media.udisks.kernel import Kernel
from tests.support.fake_sysfs import KEYBOARD, MASS_STORAGE, MIB, FakeSysfs


@pytest.fixture
def sysfs(tmp_path: Path) -> FakeSysfs:
    return FakeSysfs(tmp_path)


def test_a_stick_is_told_with_its_usb_device(sysfs: FakeSysfs) -> None:
    seq = sysfs.plug_usb(
        "sda", partitions=("sda1", "sda2"), interfaces=(MASS_STORAGE, KEYBOARD), port="1-4.2"
    )

    disk = sysfs.kernel.disk("sda")

    assert disk is not None
    assert (disk.diskseq, disk.size, disk.read_only) == (seq, 64 * MIB, False)
    assert (disk.partitions, disk.holders) == (("sda1", "sda2"), ())
    assert disk.usb is not None
    assert disk.usb.interfaces == (KEYBOARD, MASS_STORAGE)
    assert (disk.usb.vid, disk.usb.pid, disk.usb.serial, disk.usb.port) == (
        "0951",
        "1666",
        "AB12CD34EF56",
        "1-4.2",
    )


@pytest.mark.rule("E-88")
def test_the_stick_that_comes_after_another_is_another_one(sysfs: FakeSysfs) -> None:
    first = sysfs.plug_usb()
    sysfs.pull("sda")
    assert sysfs.kernel.disk("sda") is None

    second = sysfs.plug_usb()

    disk = sysfs.kernel.disk("sda")
    assert disk is not None
    assert disk.diskseq == second != first


@pytest.mark.rule("E-88")
def test_the_sequence_number_is_that_of_a_medium_and_not_of_an_empty_slot(sysfs: FakeSysfs) -> None:
    seq = sysfs.plug_usb("sda")
    sysfs.plug_usb("sdb", size=0)

    numbers = [sysfs.kernel.sequence_number(name) for name in ("sda", "sdb", "sdc", "../sda")]

    assert numbers == [seq, None, None, None]


def test_a_built_in_disk_has_no_usb_device(sysfs: FakeSysfs) -> None:
    sysfs.plug_inside("vda", partitions=("vda1",))

    disk = sysfs.kernel.disk("vda")

    assert disk is not None
    assert disk.usb is None


def test_what_is_built_on_a_partition_holds_the_disk(sysfs: FakeSysfs) -> None:
    sysfs.plug_usb()
    sysfs.hold("sda", "dm-0", "sda1")
    sysfs.hold("sda", "md127")

    disk = sysfs.kernel.disk("sda")

    assert disk is not None
    assert disk.holders == ("dm-0", "md127")


def test_raw_bytes_of_a_serial_number_are_kept_as_they_are(sysfs: FakeSysfs) -> None:
    sysfs.plug_usb(serial="A\x1b[31m\u202eB")

    disk = sysfs.kernel.disk("sda")

    assert disk is not None
    assert disk.usb is not None
    assert disk.usb.serial == "A\x1b[31m\u202eB"


def test_a_partition_is_no_disk(sysfs: FakeSysfs) -> None:
    sysfs.plug_usb()

    assert sysfs.kernel.disk("sda1") is None
    assert sysfs.kernel.device_number("sda1") == os.makedev(8, 1)


@pytest.mark.parametrize("name", ["", ".", "..", "../sda", "sda/sda1", "/dev/sda", "sd\x00a"])
def test_nothing_but_a_name_is_looked_up(sysfs: FakeSysfs, name: str) -> None:
    sysfs.plug_usb()

    assert sysfs.kernel.disk(name) is None
    assert sysfs.kernel.device_number(name) is None


def test_a_mount_is_told_with_its_raw_path_and_its_two_kinds_of_options(sysfs: FakeSysfs) -> None:
    sysfs.say_mounts(
        r"36 35 8:1 / /media/kiosk/A\040\134B rw,nosuid,nodev shared:1 master:2 - vfat /dev/sda1 ro,fmask=0022",
        "22 27 0:21 / /proc rw - proc proc rw",
        "half a line",
    )

    stick, proc = sysfs.kernel.mounts()

    assert (stick.device, stick.root, stick.path) == (os.makedev(8, 1), b"/", b"/media/kiosk/A \\B")
    assert (stick.filesystem, stick.source) == ("vfat", "/dev/sda1")
    assert stick.options == {"rw", "nosuid", "nodev"}
    assert not stick.writable
    assert proc.writable


def test_every_place_of_one_file_system_is_told_and_nothing_of_its_neighbours(sysfs: FakeSysfs) -> None:
    sysfs.say_mounts(
        "36 35 8:1 / /media/a rw - vfat /dev/sda1 rw",
        "37 35 8:17 / /media/b rw - vfat /dev/sdb1 rw",
        "38 35 18:1 / /media/c rw - vfat /dev/c rw",
        "39 35 8:1 / /media/d ro - vfat /dev/sda1 rw",
    )

    places = [line.path for line in sysfs.kernel.mounts_of(os.makedev(8, 1))]

    assert places == [b"/media/a", b"/media/d"]


def test_a_disk_says_whether_it_takes_anything(sysfs: FakeSysfs) -> None:
    sysfs.plug_usb("sda")
    sysfs.plug_usb("sdb", read_only=True)

    assert [sysfs.kernel.is_read_only(name) for name in ("sda", "sdb", "sdc")] == [False, True, False]


def test_swap_is_told_by_device_number(sysfs: FakeSysfs) -> None:
    sysfs.plug_usb()
    sysfs.say_swaps("/dev/sda1", "/swapfile")

    assert sysfs.kernel.swaps() == {os.makedev(8, 1)}


def test_nothing_raises_where_there_is_neither_sys_nor_proc(tmp_path: Path) -> None:
    kernel = Kernel(tmp_path / "sys", tmp_path / "proc")

    assert kernel.disk("sda") is None
    assert kernel.device_number("sda") is None
    assert kernel.mounts() == kernel.mounts_of(os.makedev(8, 1)) == ()
    assert kernel.swaps() == frozenset()


@pytest.mark.skipif(not Path("/sys/block").is_dir(), reason="of Linux only")
def test_every_disk_of_this_machine_can_be_read() -> None:
    kernel = Kernel()
    names = [place.name for place in Path("/sys/block").iterdir()]

    disks = [kernel.disk(name) for name in names]

    assert [disk.name for disk in disks if disk is not None] == names
    assert len({disk.diskseq for disk in disks if disk is not None}) == len(names)
    assert kernel.mounts()
    assert len(kernel.boot_id()) == 36

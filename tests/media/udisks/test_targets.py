"""Which devices are offered, which are shown with a reason, and which are never shown (E-88)."""

from pathlib import Path
from typing import Any

import pytest

from kiosk.media.udisks.bus import SERVICE, ManagedObjects
from kiosk.media.udisks.kernel import UsbFacts
from kiosk.media.udisks.objects import read_objects
from kiosk.media.udisks.references import PlugIn, plug_in_of
from kiosk.media.udisks.targets import Policy, Target, find_targets
from kiosk.media.volumes import StickRefusal
from tests.support.fake_sysfs import BOOT_ID, KEYBOARD, MASS_STORAGE, MIB, FakeSysfs
from tests.support.udisks_objects import (
    BLOCK,
    DRIVE,
    FILESYSTEM,
    PARTITION,
    bare_stick,
    block_path,
    block_properties,
    built_in,
    drive_path,
    drive_properties,
    filesystem,
    loop,
    stick,
)

pytestmark = pytest.mark.rule("E-88")


@pytest.fixture
def sysfs(tmp_path: Path) -> FakeSysfs:
    return FakeSysfs(tmp_path)


def found(
    objects: ManagedObjects, sysfs: FakeSysfs, policy: Policy | None = None, **more: Any
) -> tuple[Target, ...]:
    return find_targets(read_objects(objects), sysfs.kernel, policy or Policy(), **more)


def refusals(
    objects: ManagedObjects, sysfs: FakeSysfs, policy: Policy | None = None
) -> list[StickRefusal | None]:
    return [target.stick.refusal for target in found(objects, sysfs, policy)]


def changed(objects: ManagedObjects, path: str, interface: str, **properties: Any) -> ManagedObjects:
    objects[path][interface].update(properties)
    return objects


def test_an_ordinary_stick_is_offered_by_its_one_partition(sysfs: FakeSysfs) -> None:
    seq = sysfs.plug_usb()

    (target,) = found(stick(), sysfs)

    assert target.stick.refusal is None
    assert plug_in_of(target.stick.ref) == PlugIn(BOOT_ID, "sda", "sda1", seq)
    assert (target.disk, target.partition) == ("sda", "sda1")
    assert (target.block_path, target.drive_path) == (block_path("sda1"), drive_path("sda"))
    shown = target.stick
    assert (shown.vendor, shown.model, shown.serial_tail) == ("Kingston", "DataTraveler", "34EF56")
    assert (shown.label, shown.filesystem, shown.size, shown.free) == ("STICK-A", "vfat", 64 * MIB, None)
    assert not shown.simulated


@pytest.mark.parametrize("type_", ["vfat", "exfat"])
def test_a_stick_without_partitions_is_offered_as_a_whole(sysfs: FakeSysfs, type_: str) -> None:
    sysfs.plug_usb(partitions=())

    (target,) = found(bare_stick(type_=type_), sysfs)

    assert target.stick.refusal is None
    assert (target.disk, target.partition) == ("sda", "sda")


def test_two_sticks_alike_in_everything_are_two(sysfs: FakeSysfs) -> None:
    sysfs.plug_usb("sdb", port="1-3", number=(8, 16))
    sysfs.plug_usb("sda", port="1-2")

    targets = found(stick("sda") | stick("sdb"), sysfs)

    assert [target.disk for target in targets] == ["sdb", "sda"], "in the order of plugging in"
    assert len({target.stick.ref for target in targets}) == 2


def test_disks_of_the_machine_are_never_shown(sysfs: FakeSysfs) -> None:
    for at, name in enumerate(("vda", "nvme0n1", "sdz", "loop0", "mmcblk0")):
        sysfs.plug_inside(name, number=(254, at))
    objects = (
        built_in("vda") | built_in("nvme0n1", "pcie") | built_in("sdz", "ata") | built_in("mmcblk0", "sdio")
    )

    assert found(objects | loop("loop0"), sysfs) == ()


def test_what_only_udisks_or_only_the_kernel_calls_usb_is_never_shown(sysfs: FakeSysfs) -> None:
    sysfs.plug_inside("sda", partitions=("sda1",))
    sysfs.plug_usb("sdb", number=(8, 16))

    objects = stick("sda") | changed(stick("sdb"), drive_path("sdb"), DRIVE, ConnectionBus="ata")

    assert found(objects, sysfs) == ()


def test_a_stick_that_the_kernel_does_not_have_any_more_is_not_shown(sysfs: FakeSysfs) -> None:
    sysfs.plug_usb()
    sysfs.pull("sda")

    assert found(stick(), sysfs) == ()


def test_what_udisks_still_tells_of_the_stick_before_is_not_told_of_the_next(sysfs: FakeSysfs) -> None:
    first = sysfs.plug_usb()
    told = changed(stick(), block_path("sda"), BLOCK, Symlinks=[f"/dev/disk/by-diskseq/{first}\0".encode()])
    assert len(found(told, sysfs)) == 1
    sysfs.pull("sda")
    sysfs.plug_usb()

    assert found(told, sysfs) == ()


@pytest.mark.parametrize("interfaces", [(MASS_STORAGE, KEYBOARD), (KEYBOARD,), (MASS_STORAGE, "ff0000"), ()])
def test_a_stick_that_is_also_something_else_is_refused(
    sysfs: FakeSysfs, interfaces: tuple[str, ...]
) -> None:
    sysfs.plug_usb(interfaces=interfaces)

    assert refusals(stick(), sysfs) == [StickRefusal.COMPOSITE_DEVICE]


def test_a_stick_with_two_ways_of_storage_is_still_a_stick(sysfs: FakeSysfs) -> None:
    sysfs.plug_usb(interfaces=(MASS_STORAGE, "080662"))

    assert refusals(stick(), sysfs) == [None]


@pytest.mark.parametrize("hint", ["HintSystem", "HintIgnore"])
def test_what_the_machine_wants_left_alone_is_refused(sysfs: FakeSysfs, hint: str) -> None:
    sysfs.plug_usb()

    assert refusals(changed(stick(), block_path("sda1"), BLOCK, **{hint: True}), sysfs) == [
        StickRefusal.BLOCKED_BY_POLICY
    ]


def test_a_fixed_disk_is_refused_unless_the_bank_wants_them(sysfs: FakeSysfs) -> None:
    sysfs.plug_usb()
    objects = changed(stick(), drive_path("sda"), DRIVE, MediaRemovable=False)

    assert refusals(objects, sysfs) == [StickRefusal.FIXED_DISK]
    assert refusals(objects, sysfs, Policy(allow_fixed_disks=True)) == [None]


@pytest.mark.parametrize(("size", "available"), [(0, False), (0, True), (64 * MIB, False)])
def test_a_slot_without_a_medium_is_refused_whoever_says_so(
    sysfs: FakeSysfs, size: int, *, available: bool
) -> None:
    sysfs.plug_usb(size=size, partitions=())
    objects = changed(bare_stick(), drive_path("sda"), DRIVE, MediaAvailable=available)

    assert refusals(objects, sysfs) == [StickRefusal.NO_MEDIUM]


def test_a_reader_with_four_slots_is_one_line(sysfs: FakeSysfs) -> None:
    objects: ManagedObjects = {}
    for at, disk in enumerate(("sda", "sdb", "sdc", "sdd")):
        sysfs.plug_usb(disk, size=0, partitions=(), number=(8, at * 16))
        objects |= changed(bare_stick(disk), drive_path(disk), DRIVE, MediaAvailable=False)
    assert refusals(objects, sysfs) == [StickRefusal.NO_MEDIUM]

    sysfs.plug_usb("sde", number=(8, 64))

    assert refusals(objects | stick("sde"), sysfs) == [None]


class TestADeviceWithADiscPart:
    """Sticks with encryption of their own begin as a disc with a program, and an empty slot."""

    @pytest.fixture
    def disc(self, sysfs: FakeSysfs) -> ManagedObjects:
        sysfs.plug_usb("sr0", partitions=(), number=(11, 0))
        objects = bare_stick("sr0", "iso9660", "UNLOCKER")
        return changed(objects, drive_path("sr0"), DRIVE, Optical=True, Media="optical_cd")

    def test_a_disc_alone_is_refused_as_one(self, sysfs: FakeSysfs, disc: ManagedObjects) -> None:
        assert refusals(disc, sysfs) == [StickRefusal.OPTICAL]

    def test_an_empty_disc_drive_too(self, sysfs: FakeSysfs, disc: ManagedObjects) -> None:
        empty = {"Optical": False, "Media": "", "MediaCompatibility": ["optical_cd"], "MediaAvailable": False}

        assert refusals(changed(disc, drive_path("sr0"), DRIVE, **empty), sysfs) == [StickRefusal.OPTICAL]

    def test_while_it_is_locked_it_is_one_empty_stick(self, sysfs: FakeSysfs, disc: ManagedObjects) -> None:
        sysfs.plug_usb("sda", size=0, partitions=())
        locked = changed(bare_stick(), drive_path("sda"), DRIVE, MediaAvailable=False)

        assert refusals(disc | locked, sysfs) == [StickRefusal.NO_MEDIUM]

    def test_once_unlocked_it_is_one_ordinary_stick(self, sysfs: FakeSysfs, disc: ManagedObjects) -> None:
        sysfs.plug_usb("sda")

        assert refusals(disc | stick(), sysfs) == [None]


class TestWhatIsOnIt:
    @pytest.mark.parametrize(
        ("says", "refusal"),
        [
            ({"IdUsage": "", "IdType": ""}, StickRefusal.NO_FILESYSTEM),
            ({"IdUsage": "filesystem", "IdType": "ntfs"}, StickRefusal.UNSUPPORTED_FS),
            ({"IdUsage": "filesystem", "IdType": "ext4"}, StickRefusal.UNSUPPORTED_FS),
            ({"IdUsage": "raid", "IdType": "LVM2_member"}, StickRefusal.UNSUPPORTED_FS),
            ({"IdUsage": "crypto", "IdType": "crypto_LUKS"}, StickRefusal.ENCRYPTED),
            ({"IdUsage": "crypto", "IdType": "BitLocker"}, StickRefusal.ENCRYPTED),
            ({"Size": 0}, StickRefusal.NO_FILESYSTEM),
            ({"ReadOnly": True}, StickRefusal.WRITE_PROTECTED),
        ],
    )
    def test_a_partition_that_cannot_be_written(
        self, sysfs: FakeSysfs, says: dict[str, Any], refusal: StickRefusal
    ) -> None:
        sysfs.plug_usb()

        assert refusals(changed(stick(), block_path("sda1"), BLOCK, **says), sysfs) == [refusal]

    def test_a_blank_stick(self, sysfs: FakeSysfs) -> None:
        sysfs.plug_usb(partitions=())
        objects = bare_stick()
        objects[block_path("sda")] = {BLOCK: block_properties("sda", "sda")}

        assert refusals(objects, sysfs) == [StickRefusal.NO_FILESYSTEM]

    def test_a_type_that_was_recognised_without_a_way_to_mount_it(self, sysfs: FakeSysfs) -> None:
        sysfs.plug_usb()
        objects = stick()
        del objects[block_path("sda1")][FILESYSTEM]

        assert refusals(objects, sysfs) == [StickRefusal.UNSUPPORTED_FS]

    def test_a_disc_image_with_partitions(self, sysfs: FakeSysfs) -> None:
        sysfs.plug_usb(partitions=("sda1", "sda2"))
        objects = changed(stick(), block_path("sda"), BLOCK, **filesystem("iso9660", "DEBIAN"))
        objects[block_path("sda2")] = stick("sda")[block_path("sda1")]

        assert refusals(objects, sysfs) == [StickRefusal.UNSUPPORTED_FS]

    def test_a_file_system_and_partitions_at_once(self, sysfs: FakeSysfs) -> None:
        sysfs.plug_usb()

        objects = changed(stick(), block_path("sda"), BLOCK, **filesystem())
        objects[block_path("sda")][FILESYSTEM] = {"MountPoints": []}

        assert refusals(objects, sysfs) == [StickRefusal.SEVERAL_VOLUMES]

    def test_a_hidden_one_to_start_computers_from_counts_as_one(self, sysfs: FakeSysfs) -> None:
        """The words must be of the partitions, and not of somebody who allows nothing."""
        sysfs.plug_usb(partitions=("sda1", "sda2"))
        objects = changed(stick(), block_path("sda1"), BLOCK, HintIgnore=True)
        objects[block_path("sda2")] = {
            BLOCK: block_properties("sda2", "sda", **filesystem("vfat")),
            PARTITION: {},
        }

        assert refusals(objects, sysfs) == [StickRefusal.SEVERAL_VOLUMES]

    @pytest.mark.parametrize("second", [filesystem("vfat"), filesystem("ext4"), {}])
    def test_two_partitions_whatever_the_second_is(self, sysfs: FakeSysfs, second: dict[str, Any]) -> None:
        sysfs.plug_usb(partitions=("sda1", "sda2"))
        objects = stick()
        objects[block_path("sda2")] = {BLOCK: block_properties("sda2", "sda", **second), PARTITION: {}}

        assert refusals(objects, sysfs) == [StickRefusal.SEVERAL_VOLUMES]

    def test_one_partition_in_a_container_is_one(self, sysfs: FakeSysfs) -> None:
        sysfs.plug_usb(partitions=("sda1", "sda2"))
        objects = stick()
        container = {BLOCK: block_properties("sda2", "sda"), PARTITION: {"IsContainer": True}}
        objects[block_path("sda2")] = container

        assert refusals(objects, sysfs) == [None]

    def test_a_partition_udisks_does_not_know_yet_keeps_the_stick_back(self, sysfs: FakeSysfs) -> None:
        sysfs.plug_usb(partitions=("sda1", "sda2"))

        assert refusals(stick(), sysfs) == [StickRefusal.NO_FILESYSTEM]

    def test_a_switch_on_the_stick(self, sysfs: FakeSysfs) -> None:
        sysfs.plug_usb(read_only=True)

        assert refusals(stick(), sysfs) == [StickRefusal.WRITE_PROTECTED]


class TestWhatTheMachineDoesWithIt:
    @pytest.mark.parametrize("device", ["8:0", "8:1"])
    def test_mounted_as_the_kernel_sees_it(self, sysfs: FakeSysfs, device: str) -> None:
        sysfs.plug_usb()
        sysfs.say_mounts(f"22 27 {device} / / rw - vfat /dev/sdx rw")

        assert refusals(stick(), sysfs) == [StickRefusal.IN_USE]

    def test_mounted_by_a_file_system_with_a_number_of_its_own(self, sysfs: FakeSysfs) -> None:
        sysfs.plug_usb()
        sysfs.say_mounts("22 27 0:44 / / rw - btrfs /dev/sda1 rw")

        assert refusals(stick(), sysfs) == [StickRefusal.IN_USE]

    def test_mounted_where_only_udisks_sees_it(self, sysfs: FakeSysfs) -> None:
        sysfs.plug_usb()

        assert refusals(
            changed(stick(), block_path("sda1"), FILESYSTEM, MountPoints=[b"/media/x\0"]), sysfs
        ) == [StickRefusal.IN_USE]

    def test_what_this_program_mounted_itself_is_not_in_use_by_others(self, sysfs: FakeSysfs) -> None:
        sysfs.plug_usb()
        sysfs.say_mounts("22 27 8:1 / /media/x ro - vfat /dev/sda1 ro")
        objects = changed(stick(), block_path("sda1"), FILESYSTEM, MountPoints=[b"/media/x\0"])

        (target,) = found(objects, sysfs, ours={"sda"})

        assert target.stick.refusal is None

    def test_swap_and_what_is_built_on_it_count_even_then(self, sysfs: FakeSysfs) -> None:
        sysfs.plug_usb()
        sysfs.say_swaps("/dev/sda1")
        assert [target.stick.refusal for target in found(stick(), sysfs, ours={"sda"})] == [
            StickRefusal.IN_USE
        ]
        sysfs.say_swaps()
        sysfs.hold("sda", "dm-0", "sda1")
        assert [target.stick.refusal for target in found(stick(), sysfs, ours={"sda"})] == [
            StickRefusal.IN_USE
        ]

    def test_an_unlocked_container_is_in_use(self, sysfs: FakeSysfs) -> None:
        sysfs.plug_usb()
        objects = changed(stick(), block_path("sda1"), BLOCK, IdUsage="crypto", IdType="crypto_LUKS")
        objects[block_path("sda1")][f"{SERVICE}.Encrypted"] = {"CleartextDevice": block_path("dm_2d0")}

        assert refusals(objects, sysfs) == [StickRefusal.IN_USE]


def test_a_stick_larger_than_the_bank_wants_is_refused(sysfs: FakeSysfs) -> None:
    sysfs.plug_usb(size=64 * MIB)

    assert refusals(stick(), sysfs, Policy(largest=64 * MIB)) == [None]
    assert refusals(stick(), sysfs, Policy(largest=64 * MIB - 1)) == [StickRefusal.TOO_LARGE]


def test_only_registered_sticks_where_the_bank_keeps_a_list(sysfs: FakeSysfs) -> None:
    sysfs.plug_usb(ids=("0951", "1666"), serial="KNOWN")
    sysfs.plug_usb("sdb", ids=("0951", "1666"), serial="UNKNOWN", port="1-3", number=(8, 16))

    def registered(usb: UsbFacts) -> bool:
        return (usb.vid, usb.pid, usb.serial) == ("0951", "1666", "KNOWN")

    objects = stick("sda") | stick("sdb")
    assert refusals(objects, sysfs, Policy(registered=registered)) == [None, StickRefusal.NOT_REGISTERED]


@pytest.mark.rule("I-19")
def test_hostile_names_reach_nobody(sysfs: FakeSysfs) -> None:
    sysfs.plug_usb(serial="\x1b]0;x\x07\u202eABCDEF\x9b")
    objects = stick(label="\x1b[31m\u202egpj.exe")
    changed(objects, drive_path("sda"), DRIVE, Vendor="A\x1b[2JB\n" * 20, Model="\u200b[bold]田\u2028" * 20)
    changed(objects, block_path("sda1"), BLOCK, IdType="vfat\x07")

    (target,) = found(objects, sysfs)

    assert target.stick.refusal is StickRefusal.UNSUPPORTED_FS
    shown = target.stick
    assert (shown.label, shown.serial_tail, shown.filesystem) == ("[31mgpj.exe", "ABCDEF", "vfat")
    assert (shown.vendor, shown.model) == (
        "A[2JBA[2JBA[2JBA[2JBA[2JBA[2JBA[",
        "[bold]田[bold]田[bold]田[bold]田",
    )


def test_whatever_udisks_answers_is_no_reason_to_fall_over(sysfs: FakeSysfs) -> None:
    sysfs.plug_usb()
    objects: ManagedObjects = {
        "/a": {DRIVE: {"ConnectionBus": 5, "MediaCompatibility": "x"}},
        "/b": {BLOCK: {"Device": "sda", "Drive": ["/a"], "Size": "big", "Symlinks": [1]}},
        "/c": {BLOCK: {"Device": b"\xff/sda\0", "Drive": "/a"}, FILESYSTEM: {"MountPoints": [1, None]}},
        "/d": {},
        "/e": {DRIVE: drive_properties(), BLOCK: {}},
    }

    assert found(objects, sysfs) == ()

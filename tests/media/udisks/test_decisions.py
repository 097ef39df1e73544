"""Whatever hangs on a machine, in whatever state: only what keeps every condition is offered (E-88)."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as some
from rich.cells import cell_len

from kiosk.media.udisks.bus import ManagedObjects
from kiosk.media.udisks.objects import read_objects
from kiosk.media.udisks.references import plug_in_of
from kiosk.media.udisks.targets import Policy, Target, find_targets
from kiosk.media.volumes import Stick
from tests.support.fake_sysfs import KEYBOARD, MASS_STORAGE, MIB, FakeSysfs
from tests.support.udisks_objects import (
    BLOCK,
    DRIVE,
    FILESYSTEM,
    NOTHING,
    PARTITION,
    block_path,
    block_properties,
    drive_path,
    drive_properties,
)

pytestmark = pytest.mark.rule("E-88")

IN_MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  # removing a tree from a disk takes its time


@dataclass(frozen=True)
class Device:
    """A disk with everything that decides about it; as it is here, it is an ordinary stick."""

    bus: str = "usb"
    at_usb_port: bool = True
    has_drive: bool = True
    interfaces: tuple[str, ...] = (MASS_STORAGE,)
    removable: bool = True
    media_removable: bool = True
    media_available: bool = True
    optical: bool = False
    size: int = 64 * MIB
    switch: bool = False
    block_read_only: bool = False
    hint: str = ""
    whole_type: str = ""
    part_types: tuple[str, ...] = ("vfat",)
    mounted: str = ""
    swap: bool = False
    held: bool = False
    gone: bool = False

    @property
    def may_be_shown(self) -> bool:
        return self.bus == "usb" and self.at_usb_port and self.has_drive and not self.gone

    @property
    def may_be_offered(self) -> bool:
        conditions = (
            self.may_be_shown,
            self.interfaces and all(code.startswith("08") for code in self.interfaces),
            self.removable and self.media_removable and self.media_available and not self.optical,
            self.size > 0 and not self.switch and not self.block_read_only and not self.hint,
            not self.mounted and not self.swap and not self.held,
            (self.whole_type, *self.part_types) in (("vfat",), ("", "vfat"), ("exfat",), ("", "exfat")),
        )
        return all(conditions)


yes = (
    some.just(True) | some.booleans()
)  # mostly what lets a device through, or every machine would be refused at once
no = some.just(False) | some.booleans()
kinds = some.sampled_from(["vfat", "vfat", "exfat", "ntfs", "ext4", "iso9660", "crypto_LUKS", "swap", ""])
devices = some.builds(
    Device,
    bus=some.sampled_from(["usb", "usb", "usb", "ata", "sdio", "ieee1394", ""]),
    at_usb_port=yes,
    has_drive=yes,
    interfaces=some.just((MASS_STORAGE,))
    | some.lists(some.sampled_from([MASS_STORAGE, KEYBOARD, "080662", "ff0000"]), max_size=3).map(tuple),
    removable=yes,
    media_removable=yes,
    media_available=yes,
    optical=no,
    size=some.sampled_from([64 * MIB, 64 * MIB, 0]),
    switch=no,
    block_read_only=no,
    hint=some.sampled_from(["", "", "", "HintSystem", "HintIgnore"]),
    whole_type=some.just("") | kinds,
    part_types=some.just(("vfat",)) | some.lists(kinds, max_size=3).map(tuple),
    mounted=some.sampled_from(["", "", "", "kernel", "udisks"]),
    swap=no,
    held=no,
    gone=no,
)
machines = some.lists(devices | some.just(Device()), max_size=4)


@given(machines)
@example([Device()])
@example([Device(part_types=(), whole_type="exfat")])
@example([Device(), Device(bus="ata", at_usb_port=False, mounted="kernel"), Device(has_drive=False)])
@example([Device(interfaces=(MASS_STORAGE, KEYBOARD)), Device(optical=True)])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_offered_is_what_keeps_every_condition_and_nothing_else_is(machine: list[Device]) -> None:
    names = [f"sd{letter}" for letter in "abcd"[: len(machine)]]

    targets = targets_on(machine)

    offered = {target.disk for target in targets if target.stick.refusal is None}
    shown = {target.disk for target in targets}
    assert offered == {name for name, device in zip(names, machine, strict=True) if device.may_be_offered}
    assert shown == {name for name, device in zip(names, machine, strict=True) if device.may_be_shown}
    assert len({target.stick.ref for target in targets}) == len(targets)
    for target in targets:
        assert plug_in_of(target.stick.ref).partition == target.partition


raw = some.text(some.characters(codec=None, categories=None), max_size=80)
on_the_wire = some.text(some.characters(codec="utf-8"), max_size=80).filter(lambda text: "\0" not in text)


@pytest.mark.rule("I-19")
@given(on_the_wire, on_the_wire, on_the_wire, on_the_wire, raw)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_name_steers_a_terminal_or_takes_more_than_its_place(
    vendor: str, model: str, label: str, kind: str, serial: str
) -> None:
    serial = serial.replace("\n", "").encode("utf-8", "replace").decode()
    with tempfile.TemporaryDirectory(dir=IN_MEMORY) as folder:
        sysfs = FakeSysfs(Path(folder) / "kernel")
        sysfs.plug_usb(serial=serial)
        objects = objects_of("sda", Device())
        objects[drive_path("sda")][DRIVE].update(Vendor=vendor, Model=model)
        objects[block_path("sda1")][BLOCK].update(IdLabel=label, IdType=kind)
        (target,) = find_targets(read_objects(objects), sysfs.kernel, Policy())

    for text in texts_of(target.stick):
        assert text.isprintable()
        assert cell_len(text) <= 32
    assert len(target.stick.serial_tail) <= 6


def texts_of(stick: Stick) -> tuple[str, ...]:
    return (stick.vendor, stick.model, stick.serial_tail, stick.label, stick.filesystem)


def targets_on(machine: list[Device]) -> tuple[Target, ...]:
    with tempfile.TemporaryDirectory(dir=IN_MEMORY) as folder:
        sysfs = FakeSysfs(Path(folder) / "kernel")
        objects: ManagedObjects = {}
        for at, device in enumerate(machine):
            name = f"sd{'abcd'[at]}"
            plug(sysfs, name, device, (8, 16 * at))
            objects |= objects_of(name, device)
        mounts = [
            f"2{at} 1 8:{16 * at} / / rw - x y rw"
            for at, one in enumerate(machine)
            if one.mounted == "kernel"
        ]
        sysfs.say_mounts(*mounts)
        sysfs.say_swaps(*(f"/dev/sd{'abcd'[at]}" for at, one in enumerate(machine) if one.swap))
        return find_targets(read_objects(objects), sysfs.kernel, Policy())


def plug(sysfs: FakeSysfs, name: str, device: Device, number: tuple[int, int]) -> None:
    if device.gone:
        return
    parts = [f"{name}{at}" for at in range(1, len(device.part_types) + 1)]
    if device.at_usb_port:
        sysfs.plug_usb(
            name,
            partitions=parts,
            size=device.size,
            read_only=device.switch,
            interfaces=device.interfaces,
            port=f"1-{name}",
            number=number,
        )
    else:
        sysfs.plug_inside(name, partitions=parts, number=number)
    if device.held:
        sysfs.hold(name, "dm-0", *parts[:1])


def objects_of(name: str, device: Device) -> ManagedObjects:
    drive = drive_properties(
        ConnectionBus=device.bus,
        Removable=device.removable,
        MediaRemovable=device.media_removable,
        MediaAvailable=device.media_available,
        Optical=device.optical,
    )
    objects: ManagedObjects = {drive_path(name): {DRIVE: drive}}
    for at, kind in enumerate((device.whole_type, *device.part_types)):
        block = f"{name}{at}" if at else name
        says: dict[str, Any] = {"Size": device.size, "ReadOnly": device.block_read_only, **says_of(kind)}
        if not device.has_drive:
            says["Drive"] = NOTHING
        if device.hint:
            says[device.hint] = True
        objects[block_path(block)] = {BLOCK: block_properties(block, name, **says)}
        if at:
            objects[block_path(block)][PARTITION] = {"IsContainer": False}
        if says["IdUsage"] == "filesystem":
            places = [b"/media/x\0"] if device.mounted == "udisks" else []
            objects[block_path(block)][FILESYSTEM] = {"MountPoints": places}
    return objects


def says_of(kind: str) -> dict[str, str]:
    usage = {"": "", "crypto_LUKS": "crypto", "swap": "other"}.get(kind, "filesystem")
    return {"IdUsage": usage, "IdType": kind}

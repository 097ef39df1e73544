"""Which drive of Windows may be written to: decided from answers alone (E-88)."""

import pytest

from kiosk.media.volumes import StickRefusal
from kiosk.media.windows.asking import targets_of
from kiosk.media.windows.calls import BUS_USB, DeviceAnswer, DriveType
from kiosk.media.windows.decisions import Policy, UsbIdentity
from tests.support.windows_double import BUS_SATA, SYSTEM_DISK, WindowsRig

FIXED_MEDIUM = DeviceAnswer("Samsung", "T7", "S6", BUS_USB, False)


@pytest.fixture
def rig() -> WindowsRig:
    return WindowsRig.fresh()


def refusals(rig: WindowsRig, policy: Policy | None = None) -> list[StickRefusal | None]:
    return [target.stick.refusal for target in targets_of(rig.windows, policy or Policy())]


@pytest.mark.rule("E-88")
@pytest.mark.parametrize(
    "facts",
    [
        {"disk": SYSTEM_DISK},
        {"device": DeviceAnswer("ATA", "Disk", "1", BUS_SATA, True)},
        {"parent": "PCI\\VEN_8086&DEV_06EF\\3"},
        {"type": DriveType.REMOTE},
        {"type": DriveType.RAMDISK},
        {"fails": {"device": 1}},
        {"fails": {"node": 433}},
    ],
    ids=["on the disk of Windows", "not USB", "no USB parent", "network", "memory", "no device", "no node"],
)
def test_what_is_no_stick_is_not_even_shown(rig: WindowsRig, facts: dict[str, object]) -> None:
    rig.put_in(**facts)
    assert refusals(rig) == []


@pytest.mark.rule("E-88")
@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({}, None),
        ({"filesystem": "exFAT"}, None),
        ({"filesystem": "NTFS"}, StickRefusal.UNSUPPORTED_FS),
        ({"filesystem": ""}, StickRefusal.UNSUPPORTED_FS),
        ({"type": DriveType.CDROM}, StickRefusal.OPTICAL),
        ({"type": DriveType.FIXED}, StickRefusal.FIXED_DISK),
        ({"device": FIXED_MEDIUM}, StickRefusal.FIXED_DISK),
        ({"parent": "USB\\VID_0951&PID_1666&MI_00\\7&1"}, StickRefusal.COMPOSITE_DEVICE),
        ({"read_only": True}, StickRefusal.WRITE_PROTECTED),
        ({"protected": True}, StickRefusal.WRITE_PROTECTED),
        ({"fails": {"require_writable": 5}}, StickRefusal.BLOCKED_BY_POLICY),
        ({"fails": {"volume": 21}}, StickRefusal.NO_MEDIUM),
        ({"fails": {"disks": 21}}, StickRefusal.NO_MEDIUM),
        ({"fails": {"volume": 1005}}, StickRefusal.NO_FILESYSTEM),
        ({"fails": {"volume": 0x80310000}}, StickRefusal.ENCRYPTED),
        ({"fails": {"volume_name": 87}}, StickRefusal.NO_FILESYSTEM),
        ({"fails": {"space": 5}}, StickRefusal.BLOCKED_BY_POLICY),
        ({"fails": {"disks": 87}}, StickRefusal.BLOCKED_BY_POLICY),
    ],
)
def test_what_is_a_stick_is_shown_with_the_reason_it_is_refused_for(
    rig: WindowsRig, facts: dict[str, object], refusal: StickRefusal | None
) -> None:
    rig.put_in(**facts)
    assert refusals(rig) == [refusal]


@pytest.mark.rule("E-88")
def test_of_two_volumes_on_one_stick_none_is_chosen(rig: WindowsRig) -> None:
    rig.put_in(disk=4)
    rig.put_in(disk=4)
    rig.put_in(disk=5)
    assert refusals(rig) == [StickRefusal.SEVERAL_VOLUMES, StickRefusal.SEVERAL_VOLUMES, None]


@pytest.mark.rule("E-88")
def test_the_policy_of_the_bank_decides_about_disks_size_and_registration(rig: WindowsRig) -> None:
    rig.put_in(type=DriveType.FIXED, device=FIXED_MEDIUM)
    assert refusals(rig, Policy(allow_fixed_disks=True)) == [None]
    assert refusals(rig, Policy(allow_fixed_disks=True, largest=1_000)) == [StickRefusal.TOO_LARGE]
    assert refusals(rig, Policy(allow_fixed_disks=True, registered=lambda usb: usb.vid == "0951")) == [None]
    assert refusals(rig, Policy(registered=lambda _: False)) == [StickRefusal.NOT_REGISTERED]


def test_sticks_stand_in_the_order_of_plugging_in(rig: WindowsRig) -> None:
    late = rig.put_in(arrived=20)
    early = rig.put_in(arrived=10)
    assert [target.stick.ref for target in targets_of(rig.windows, Policy())] == [early.ref, late.ref]


@pytest.mark.rule("E-88")
def test_what_a_stick_calls_itself_cannot_speak_to_the_terminal(rig: WindowsRig) -> None:
    hostile = "\x1b[2J\u202e\x07A"
    rig.put_in(
        device=DeviceAnswer(hostile, hostile, hostile, BUS_USB, True), label=hostile, filesystem=hostile
    )
    (target,) = targets_of(rig.windows, Policy())
    stick = target.stick
    for text in (stick.vendor, stick.model, stick.serial_tail, stick.label, stick.filesystem):
        assert text.isprintable()


@pytest.mark.parametrize(
    ("parent", "identity"),
    [
        ("USB\\VID_0951&PID_1666\\60A4", UsbIdentity("0951", "1666", "60A4", is_one_of_several=False)),
        ("USB\\VID_046D&PID_C52B&MI_01\\7&2", UsbIdentity("046d", "c52b", "7&2", is_one_of_several=True)),
        ("usb\\vid_0951&pid_1666\\60A4", UsbIdentity("0951", "1666", "60A4", is_one_of_several=False)),
        ("USBSTOR\\DISK&VEN_X\\1", None),
        ("USB\\ROOT_HUB30\\4", None),
        ("", None),
    ],
)
def test_the_device_in_the_port_is_read_from_its_instance(parent: str, identity: UsbIdentity | None) -> None:
    assert UsbIdentity.of(parent) == identity

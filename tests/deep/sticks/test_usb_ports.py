"""The adapter for real sticks on a whole emulated terminal, as an account without rights: USB, udev, UDisks, polkit."""

import unicodedata
from statistics import median
from typing import Any

import pytest

from kiosk.errors import LeftBehind
from kiosk.media.volumes import StickRefusal, WriteStep
from tests.deep.sticks.guest_usb import PULLED_AFTER, PULLED_WHILE
from tests.support.machines.at_the_ports import NAME
from tests.support.machines.telling import the_one

pytestmark = [pytest.mark.deep, pytest.mark.timeout(1800)]

ALL_STEPS = [WriteStep.PREPARING, WriteStep.WRITING, WriteStep.READING_BACK, WriteStep.CONFIRMING]
MESSAGE_WITHIN = 3.0
SHOWN_WITHIN = 1.0
"""Seconds beyond udev's own time."""
Told = list[dict[str, Any]]


def played(in_qemu: Told, what: str) -> dict[str, Any]:
    """What happened in a scene; a scene that broke off fails here."""
    scene = the_one(in_qemu, what=what)
    assert "failed" not in scene, scene["failed"]
    return scene


def files_on(in_qemu: Told, image: str) -> dict[str, str]:
    """What another computer finds on the stick afterwards."""
    return dict(the_one(in_qemu, what=f"image {image}")["files"])


def says_no_more_than_is_true(in_qemu: Told, scene: dict[str, Any], image: str) -> None:
    """`left_behind` covers what another computer finds; nothing damaged bears the final name."""
    found = files_on(in_qemu, image)
    assert found.get(NAME, "whole") == "whole"
    assert NAME not in found or scene["left_behind"] == LeftBehind.COMPLETE_UNCONFIRMED
    assert not found or scene["left_behind"] != LeftBehind.NOTHING


@pytest.mark.parametrize("filesystem", ["fat32", "exfat"])
@pytest.mark.rule("E-83", "E-88", "I-20")
def test_a_stick_is_seen_written_proven_and_switched_off(in_qemu: Told, filesystem: str) -> None:
    scene = played(in_qemu, f"whole way {filesystem}")
    assert scene["stick"]["refusal"] is None
    assert scene["stick"]["filesystem"] == {"fat32": "vfat"}.get(filesystem, filesystem)
    assert scene["stick"]["label"] == "STICK"
    assert 30_000_000 < scene["free"] < scene["stick"]["size"]
    assert (scene["ended"], scene["verified"]) == ("written", ["device", "direct"])
    assert scene["steps"] == ALL_STEPS
    assert scene["other_is_there"] is False
    assert scene["ejected"] == "may be pulled"
    assert files_on(in_qemu, f"way-{filesystem}") == {NAME: "whole"}


@pytest.mark.rule("E-88")
def test_a_stick_is_shown_within_a_second_of_udev(in_qemu: Told) -> None:
    seconds = the_one(in_qemu, what="shown")["beyond_udev"]
    assert len(seconds) > len(PULLED_AFTER)
    assert median(seconds) <= SHOWN_WITHIN  # one of many may meet a machine that is busy with something else


@pytest.mark.parametrize(("filesystem", "call"), PULLED_AFTER)
@pytest.mark.rule("E-83", "I-20")
def test_a_pull_after_a_call_ends_in_a_message_and_damages_nothing(
    in_qemu: Told, filesystem: str, call: str
) -> None:
    scene = played(in_qemu, f"pulled after {filesystem} {call}")
    assert scene["ended"] == "StickRemoved"
    assert scene["after_the_pull"] < MESSAGE_WITHIN
    says_no_more_than_is_true(in_qemu, scene, f"pulled-{filesystem}-{call.replace(': ', '-')}")


@pytest.mark.parametrize("step", PULLED_WHILE)
@pytest.mark.rule("E-83", "I-20")
def test_a_pull_during_a_step_ends_in_a_message_and_damages_nothing(in_qemu: Told, step: WriteStep) -> None:
    scene = played(in_qemu, f"pulled while {step}")
    assert scene["after_the_pull"] < MESSAGE_WITHIN
    if step is WriteStep.EJECTING:
        # It was unmounted before: whichever was faster, the file is there.
        assert scene["ejected"] in {"StickRemoved", "may be pulled"}
        assert files_on(in_qemu, f"pulled-while-{step}") == {NAME: "whole"}
    else:
        assert scene["ended"] == "StickRemoved"
        says_no_more_than_is_true(in_qemu, scene, f"pulled-while-{step}")


@pytest.mark.rule("E-88", "I-20")
def test_of_two_sticks_that_look_alike_only_the_chosen_one_is_written(in_qemu: Told) -> None:
    scene = played(in_qemu, "two sticks")
    assert scene["shown"] == 2
    assert scene["same_names"]
    assert scene["ended"] == "written"
    assert scene["the_other_stays"]
    assert scene["to_the_pulled_one"] == "StickRemoved"
    assert files_on(in_qemu, "two-second") == {NAME: "whole"}
    assert files_on(in_qemu, "two-first") == {}


@pytest.mark.rule("E-88", "I-20")
def test_a_clone_in_the_same_port_is_not_the_chosen_stick(in_qemu: Told) -> None:
    scene = played(in_qemu, "swapped")
    assert scene["alike"]
    assert scene["names"][0] == scene["names"][1]  # even the kernel calls it the same
    assert not scene["same_reference"]
    assert (scene["ended"], scene["left_behind"]) == ("NotTheSameStick", LeftBehind.NOTHING)
    assert files_on(in_qemu, "clone-a") == {}
    assert files_on(in_qemu, "clone-b") == {}


@pytest.mark.parametrize(
    ("kind", "refusal", "ended"),
    [
        ("ntfs", StickRefusal.UNSUPPORTED_FS, "StickUnsupported"),
        ("blank", StickRefusal.NO_FILESYSTEM, "StickUnsupported"),
        ("fixed", StickRefusal.FIXED_DISK, "StickNotAllowed"),
        ("locked", StickRefusal.WRITE_PROTECTED, "StickReadOnly"),
    ],
)
@pytest.mark.rule("E-88")
def test_what_may_not_be_used_is_shown_with_its_reason(
    in_qemu: Told, kind: str, refusal: StickRefusal, ended: str
) -> None:
    scene = played(in_qemu, f"refused {kind}")
    assert scene["stick"]["refusal"] == refusal
    assert (scene["ended"], scene["left_behind"]) == (ended, LeftBehind.NOTHING)


@pytest.mark.rule("E-88")
def test_a_stick_that_types_is_no_stick(in_qemu: Told) -> None:
    scene = played(in_qemu, "gadget keyboard")
    assert scene["stick"]["refusal"] == StickRefusal.COMPOSITE_DEVICE
    assert scene["ended"] == "StickNotAllowed"


@pytest.mark.parametrize("scene", ["hostile label", "gadget names"])
@pytest.mark.rule("E-88")
def test_no_name_of_a_stick_reaches_the_terminal_raw(in_qemu: Told, scene: str) -> None:
    stick = played(in_qemu, scene)["stick"]
    for text in (stick["vendor"], stick["model"], stick["serial_tail"], stick["label"]):
        assert all(unicodedata.category(character)[0] != "C" for character in text), ascii(text)
        assert len(text) <= 32


@pytest.mark.rule("E-83", "E-88")
def test_a_stick_with_a_hostile_name_is_written_like_any_other(in_qemu: Told) -> None:
    scene = played(in_qemu, "hostile label")
    assert (scene["ended"], scene["ejected"]) == ("written", "may be pulled")
    assert files_on(in_qemu, "hostile") == {NAME: "whole"}


@pytest.mark.rule("E-83")
def test_a_full_stick_keeps_the_file_of_its_owner_and_gets_no_other(in_qemu: Told) -> None:
    scene = played(in_qemu, "full")
    assert (scene["ended"], scene["left_behind"]) == ("StickFull", LeftBehind.NOTHING)
    assert list(files_on(in_qemu, "full")) == ["BALLAST.BIN"]


@pytest.mark.rule("E-83")
def test_a_stick_with_files_is_refused_where_it_must_be_new(in_qemu: Told) -> None:
    scene = played(in_qemu, "not empty")
    assert scene["refusal"] == StickRefusal.NOT_EMPTY
    assert (scene["ended"], scene["left_behind"]) == ("StickNotEmpty", LeftBehind.NOTHING)


@pytest.mark.rule("E-83")
def test_a_slow_stick_is_waited_for(in_qemu: Told) -> None:
    assert played(in_qemu, "slow")["ended"] == "written"
    assert files_on(in_qemu, "slow") == {NAME: "whole"}


@pytest.mark.rule("E-83")
def test_a_slow_stick_that_is_pulled_ends_in_a_message_all_the_same(in_qemu: Told) -> None:
    scene = played(in_qemu, "slow and pulled")
    assert scene["ended"] == "StickRemoved"
    assert scene["after_the_pull"] < MESSAGE_WITHIN
    says_no_more_than_is_true(in_qemu, scene, "slow-pulled")


@pytest.mark.parametrize("number", [5, 28])
@pytest.mark.rule("I-20")
def test_a_stick_whose_writes_fail_is_not_called_written(in_qemu: Told, number: int) -> None:
    scene = played(in_qemu, f"failing {number}")
    assert scene["ended"] in {"StickIoFailure", "StickCorrupt", "StickFull", "ReadBackDiffers"}
    says_no_more_than_is_true(in_qemu, scene, f"failing-{number}")


@pytest.mark.rule("E-88")
def test_the_account_of_the_counter_may_mount_a_stick_and_nothing_more(in_qemu: Told) -> None:
    scene = played(in_qemu, "denied")
    assert scene["user"] != 0
    assert scene["reads the device"] == "PermissionError"
    assert scene["writes to a place for mounts"] == "PermissionError"
    for asked in ("formats", "opens the device", "ejects the medium"):
        assert scene[asked] == "MediaUnavailable", asked

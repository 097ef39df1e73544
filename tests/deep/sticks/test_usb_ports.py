"""The adapter for real sticks on a whole emulated terminal, as an account without rights: USB, udev, UDisks, polkit."""

import signal
import unicodedata
from statistics import median
from typing import Any

import pytest

from kiosk.errors import LeftBehind
from kiosk.media.volumes import StickRefusal, WriteStep
from screens.wording.sticks import WHAT_TO_DO
from tests.deep.sticks.guest_killed import KILLED_AFTER
from tests.deep.sticks.guest_usb import PULLED_AFTER, PULLED_WHILE
from tests.deep.sticks.usb import Told, files_on, played
from tests.support.machines.at_the_ports import NAME
from tests.support.machines.telling import the_one

pytestmark = [pytest.mark.deep, pytest.mark.timeout(1800)]

ALL_STEPS = [WriteStep.PREPARING, WriteStep.WRITING, WriteStep.READING_BACK, WriteStep.CONFIRMING]
MESSAGE_WITHIN = 3.0
"""Seconds from the pull; of most pulls, for any one may meet a machine that is busy with something else."""
MESSAGE_AT_LAST = 20.0
"""Of every pull, on an emulated processor; waiting for the stick to answer would take sixty."""
SHOWN_WITHIN = 1.0
"""Seconds beyond udev's own time."""


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


@pytest.mark.rule("E-83", "I-24")
def test_a_pull_is_told_within_three_seconds(in_qemu: Told) -> None:
    seconds = [scene["after_the_pull"] for scene in in_qemu if "after_the_pull" in scene]
    assert len(seconds) > len(PULLED_AFTER) + len(PULLED_WHILE)
    assert median(seconds) < MESSAGE_WITHIN


@pytest.mark.parametrize(("filesystem", "call"), PULLED_AFTER)
@pytest.mark.rule("E-83", "I-20")
def test_a_pull_after_a_call_ends_in_a_message_and_damages_nothing(
    in_qemu: Told, filesystem: str, call: str
) -> None:
    scene = played(in_qemu, f"pulled after {filesystem} {call}")
    assert scene["ended"] == "StickRemoved"
    assert scene["after_the_pull"] < MESSAGE_AT_LAST
    says_no_more_than_is_true(in_qemu, scene, f"pulled-{filesystem}-{call.replace(': ', '-')}")


@pytest.mark.parametrize("step", PULLED_WHILE)
@pytest.mark.rule("E-83", "I-20")
def test_a_pull_during_a_step_ends_in_a_message_and_damages_nothing(in_qemu: Told, step: WriteStep) -> None:
    scene = played(in_qemu, f"pulled while {step}")
    assert scene["after_the_pull"] < MESSAGE_AT_LAST
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
        ("ext4", StickRefusal.UNSUPPORTED_FS, "StickUnsupported"),
        ("blank", StickRefusal.NO_FILESYSTEM, "StickUnsupported"),
        ("luks", StickRefusal.ENCRYPTED, "StickUnsupported"),
        ("bitlocker", StickRefusal.ENCRYPTED, "StickUnsupported"),
        ("pieces", StickRefusal.SEVERAL_VOLUMES, "StickUnsupported"),
        ("efi", StickRefusal.SEVERAL_VOLUMES, "StickUnsupported"),
        ("fixed", StickRefusal.FIXED_DISK, "StickNotAllowed"),
        ("locked", StickRefusal.WRITE_PROTECTED, "StickReadOnly"),
        ("disc", StickRefusal.OPTICAL, "StickNotAllowed"),
    ],
)
@pytest.mark.rule("E-88")
def test_what_may_not_be_used_is_shown_with_its_reason(
    in_qemu: Told, kind: str, refusal: StickRefusal, ended: str
) -> None:
    scene = played(in_qemu, f"refused {kind}")
    assert scene["stick"]["refusal"] == refusal
    assert not scene["was_offered"]
    assert (scene["ended"], scene["left_behind"]) == (ended, LeftBehind.NOTHING)


@pytest.mark.rule("E-83", "E-88")
def test_a_stick_without_a_table_of_partitions_is_written(in_qemu: Told) -> None:
    scene = played(in_qemu, "bare")
    assert scene["stick"]["refusal"] is None
    assert scene["ended"] == "written"


@pytest.mark.parametrize("kind", ["lockable", "reader"])
@pytest.mark.rule("E-88", "I-20")
def test_a_stick_that_is_unlocked_or_a_card_that_is_put_in_is_offered_at_once(
    in_qemu: Told, kind: str
) -> None:
    scene = played(in_qemu, f"slot {kind}")
    assert scene["empty"]["refusal"] == StickRefusal.NO_MEDIUM
    assert "ロックを解除" in WHAT_TO_DO[scene["empty"]["refusal"]]
    assert scene["to_the_empty_one"] == "StickRemoved"
    assert scene["usable"]["refusal"] is None
    assert scene["to_what_was_there_before"] == "NotTheSameStick"
    assert scene["ended"] == "written"


@pytest.mark.rule("E-88")
def test_a_counter_with_a_list_writes_to_no_stick_that_is_not_on_it(in_qemu: Told) -> None:
    scene = played(in_qemu, "registered")
    not_on_it = {"expired": StickRefusal.NOT_REGISTERED, "unlisted": StickRefusal.NOT_REGISTERED}
    assert scene["refusals"] == {"listed": None, "twin": None} | not_on_it
    assert scene["ended"] == {"listed": "written", "twin": "written"} | dict.fromkeys(
        not_on_it, "StickNotAllowed"
    )
    # The list takes a twin for the stick that it names: a serial number is an inventory and no proof.
    assert files_on(in_qemu, "list-listed") == files_on(in_qemu, "list-twin") == {NAME: "whole"}
    assert files_on(in_qemu, "list-expired") == files_on(in_qemu, "list-unlisted") == {}


@pytest.mark.rule("E-88")
def test_no_disk_of_the_terminal_itself_is_ever_shown(in_qemu: Told) -> None:
    scene = played(in_qemu, "inner disks")
    inner = {name for name in scene["known"] if name not in scene["on_usb"]}
    assert {"sda", "vda"} <= inner
    assert scene["known"]["sda1"] == "vfat"  # it would do, were it on a USB port
    assert scene["shown"] == 0
    assert not inner & set(the_one(in_qemu, what="shown")["ever"])


@pytest.mark.rule("I-20", "E-86")
def test_after_every_pull_and_fault_the_terminal_itself_holds_nothing_of_the_file(in_qemu: Told) -> None:
    assert the_one(in_qemu, what="own disks")["holding"] == []


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
    assert scene["after_the_pull"] < MESSAGE_AT_LAST
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


@pytest.mark.parametrize("call", KILLED_AFTER)
@pytest.mark.rule("E-83", "E-85", "I-20")
def test_a_program_that_was_killed_finds_its_stick_again(in_qemu: Told, call: str) -> None:
    scene = played(in_qemu, f"killed after {call}")
    had_its_name = call == "sync: folder"
    assert scene["died_of"] == signal.SIGKILL
    assert (scene["shown"], scene["same_reference"]) == (
        None,
        True,
    )  # what it left mounted is in nobody's way
    assert scene["finished"] is had_its_name
    assert scene["looked"] == StickRefusal.NOT_EMPTY
    assert scene["ended"] == ("FileAlreadyThere" if had_its_name else "written")
    assert scene["ejected"] == "may be pulled"
    assert files_on(in_qemu, f"killed-{call.replace(': ', '-')}")[NAME] == "whole"

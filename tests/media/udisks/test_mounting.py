"""What UDisks refuses, cannot do or does not answer, and what is told then; over its own bus, with real mounts."""

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk.errors import (
    LeftBehind,
    MediaError,
    MediaUnavailable,
    StickCorrupt,
    StickEjectFailed,
    StickInUse,
    StickReadOnly,
    StickRemoved,
    StickTimedOut,
    StickUnsupported,
)
from kiosk.media.udisks.bus import SERVICE
from kiosk.media.volumes import StickRef, WriteStep
from tests.media.contract import DATA, MESSAGE_WITHIN, NAME, no_progress
from tests.support.stick_rigs import UDisksRig, usb_ports

pytestmark = pytest.mark.deep


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[UDisksRig]:
    with usb_ports(tmp_path) as ports:
        yield ports


async def failure_of(
    rig: UDisksRig, ref: StickRef, progress: Callable[[WriteStep], None] = no_progress
) -> MediaError:
    with pytest.raises(MediaError) as failed:
        await rig.media.write_verified(ref, NAME, DATA, progress)
    return failed.value


@pytest.mark.rule("E-88", "I-24")
@pytest.mark.parametrize(
    ("reason", "text", "told"),
    [
        ("AlreadyMounted", "Device /dev/sda1 is already mounted", StickInUse),
        ("DeviceBusy", "busy", StickInUse),
        ("Failed", "Error mounting: wrong fs type, bad option, bad superblock", StickCorrupt),
        ("Failed", "Error mounting: /dev/sda1 is write-protected", StickReadOnly),
        ("Failed", "Error mounting: Read-only file system", StickReadOnly),
        ("Failed", "mount: wrong fs type, cannot mount /dev/sda1 read-only", StickCorrupt),
        ("NotSupported", "Filesystem type x not configured in kernel", StickUnsupported),
        ("Timedout", "", StickTimedOut),
        ("NotAuthorizedCanObtain", "", MediaUnavailable),
        ("Failed", "Error creating mount point `/media/x': No space left on device", MediaUnavailable),
        ("Failed", "Error creating mount point `/media/x': Read-only file system", MediaUnavailable),
        ("Failed", "Adding read ACL for uid 1000 to `/media/x' failed: Not supported", MediaUnavailable),
        ("OptionNotPermitted", "Mount option `dirsync' is not allowed", MediaUnavailable),
    ],
)
async def test_a_mount_that_is_refused_says_why_and_nothing_was_written(
    rig: UDisksRig, reason: str, text: str, told: type[MediaError]
) -> None:
    ref = rig.put_in()
    rig.udisks.refuse("Mount", reason, text)

    failure = await failure_of(rig, ref)

    assert (type(failure), failure.left_behind) == (told, LeftBehind.NOTHING)
    assert await rig.files(ref) == {}


@pytest.mark.rule("E-88")
async def test_what_somebody_else_mounted_in_between_is_not_unmounted(rig: UDisksRig) -> None:
    ref = rig.put_in()
    rig.udisks.refuse("Mount", "AlreadyMounted", "Device /dev/sda1 is already mounted")

    for work in (
        rig.media.write_verified(ref, NAME, DATA, no_progress),
        rig.media.look(ref),
        rig.media.looks_finished(ref, NAME, "0" * 64),
    ):
        with pytest.raises(StickInUse):
            await work

    assert [member for member, _, _ in rig.udisks.called if member == "Unmount"] == []


@pytest.mark.rule("E-84", "E-88", "I-24")
@pytest.mark.parametrize("step", list(WriteStep)[:4])
async def test_pulled_at_any_step_it_is_told_within_seconds(rig: UDisksRig, step: WriteStep) -> None:
    ref = rig.put_in()
    pulled: list[float] = []
    for member in ("Mount", "Unmount"):
        rig.udisks.delay(member, 0.3)

    def pull(now: WriteStep) -> None:
        if now is step:
            rig.take_out("sda")
            pulled.append(time.monotonic())

    failure = await failure_of(rig, ref, pull)

    assert time.monotonic() - pulled[0] < MESSAGE_WITHIN
    assert type(failure) is StickRemoved
    assert await rig.media.list() == ()


@pytest.mark.rule("I-24")
@pytest.mark.parametrize("member", ["GetManagedObjects", "Mount", "Unmount"])
async def test_pulled_while_udisks_does_not_answer_it_is_told_within_seconds(
    rig: UDisksRig, member: str
) -> None:
    ref = rig.put_in()
    rig.udisks.delay(member, 20)
    asking = asyncio.create_task(failure_of(rig, ref))
    await asyncio.sleep(0.7)
    rig.take_out("sda")
    pulled = time.monotonic()

    failure = await asking

    assert time.monotonic() - pulled < MESSAGE_WITHIN
    assert type(failure) is StickRemoved


@pytest.mark.rule("I-24")
async def test_a_udisks_that_never_answers_is_given_up_at_the_deadline(rig: UDisksRig) -> None:
    ref = rig.put_in()
    rig.udisks.delay("Mount", 20)
    media = rig.media_with(deadline=0.7)
    begun = time.monotonic()

    with pytest.raises(StickTimedOut) as failed:
        await media.write_verified(ref, NAME, DATA, no_progress)

    assert time.monotonic() - begun < 0.7 + MESSAGE_WITHIN
    assert failed.value.left_behind is LeftBehind.NOTHING


async def test_what_breaks_inside_udisks_is_answered_at_once(rig: UDisksRig) -> None:
    ref = rig.put_in()
    rig.udisks.devices.clear()

    failure = await failure_of(rig, ref)

    assert (type(failure), failure.left_behind) == (StickCorrupt, LeftBehind.NOTHING)


@pytest.mark.rule("E-84")
async def test_a_stick_that_stays_busy_could_not_be_confirmed(rig: UDisksRig) -> None:
    ref = rig.put_in()
    rig.udisks.refuse("Unmount", "DeviceBusy", "target is busy")

    failure = await failure_of(rig, ref)

    assert (type(failure), failure.left_behind) == (StickInUse, LeftBehind.COMPLETE_UNCONFIRMED)


@pytest.mark.rule("E-84", "I-24")
async def test_a_udisks_that_goes_away_in_the_middle_is_no_fault_of_the_stick(rig: UDisksRig) -> None:
    ref = rig.put_in()

    failure = await failure_of(
        rig, ref, lambda step: rig.udisks.go_away() if step is WriteStep.CONFIRMING else None
    )

    assert type(failure) in {MediaUnavailable, StickTimedOut}
    assert failure.left_behind is LeftBehind.COMPLETE_UNCONFIRMED


@pytest.mark.rule("E-84")
async def test_a_stick_is_written_by_one_at_a_time_and_not_ejected_meanwhile(rig: UDisksRig) -> None:
    ref = rig.put_in()
    other = rig.media_with()
    begun = asyncio.Event()
    rig.udisks.delay("Mount", 0.5)
    writing = asyncio.create_task(rig.media.write_verified(ref, NAME, DATA, lambda _: begun.set()))
    await begun.wait()

    for work in (
        other.write_verified(ref, NAME, DATA, no_progress),
        other.look(ref),
        other.looks_finished(ref, NAME, "0" * 64),
        other.eject(ref),
    ):
        with pytest.raises(StickInUse):
            await work

    await writing
    assert await rig.files(ref) == {NAME: DATA}


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("DeviceBusy", StickInUse),
        ("Failed", StickEjectFailed),
        ("NotAuthorized", StickEjectFailed),
    ],
)
async def test_a_drive_that_cannot_be_switched_off_says_why(
    rig: UDisksRig, reason: str, told: type[MediaError]
) -> None:
    ref = rig.put_in()
    rig.udisks.refuse("PowerOff", reason, "Error syncing")

    with pytest.raises(told):
        await rig.media.eject(ref)


async def test_a_medium_is_never_ejected_before_its_drive_is_switched_off(rig: UDisksRig) -> None:
    ref = rig.put_in()

    await rig.media.eject(ref)

    assert [member for member, _, _ in rig.udisks.called] == ["Unmount", "PowerOff"]
    assert not any(f"{SERVICE}.Drive" in known for known in rig.udisks.objects.values())

"""The adapter for Windows keeps the contract of sticks, over a double of the calls of Windows (I-20, E-88)."""

import asyncio
import time
from collections import Counter
from pathlib import Path

import pytest

from kiosk.config import MediaSettings
from kiosk.config.loading import training_settings
from kiosk.errors import (
    LeftBehind,
    MediaError,
    MediaUnavailable,
    NotTheSameStick,
    ReadBackDiffers,
    StickCorrupt,
    StickEjectFailed,
    StickFull,
    StickInUse,
    StickIoFailure,
    StickNotAllowed,
    StickReadOnly,
    StickRemoved,
    StickTimedOut,
)
from kiosk.media.absent import NoMedia
from kiosk.media.choosing import media_for
from kiosk.media.windows.calls import VetoAnswer
from kiosk.media.windows.errors import Vetoed
from kiosk.media.windows.media import WindowsMedia
from tests.media.contract import DATA, NAME, MediaContract, no_progress
from tests.support.clock import SteppedClock
from tests.support.windows_double import WindowsRig

WRITING = (
    "exists",
    "entries",
    "space",
    "create_new",
    "write",
    "flush",
    "read_past_cache",
    "move_new",
    "dismount",
)
"""The calls a write consists of, beside the questions whether it is still the same stick."""


@pytest.fixture
def rig() -> WindowsRig:
    return WindowsRig.fresh()


class TestTheContract(MediaContract):
    """As every other adapter."""


async def calls_of_a_write(rig: WindowsRig) -> int:
    """How many calls one takes."""
    made = Counter[str]()
    rig.windows.before = lambda call: made.update([call])
    await rig.media.write_verified(rig.put_in().ref, NAME, DATA, no_progress)
    assert set(WRITING) <= set(made)
    return made.total()


def at_call(rig: WindowsRig, number: int, act: object) -> None:
    """Let something happen before the `number`-th call from now."""
    left = number

    def count(_: str) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            assert callable(act)
            act()

    rig.windows.before = count


@pytest.mark.rule("E-83", "E-84", "E-88", "I-20", "I-24")
async def test_a_stick_pulled_before_any_call_is_called_removed_and_what_it_may_hold_is_told() -> None:
    calls = await calls_of_a_write(WindowsRig.fresh())
    told = Counter[LeftBehind]()
    for number in range(1, calls + 1):
        rig = WindowsRig.fresh()
        drive = rig.put_in()
        at_call(rig, number, lambda rig=rig, drive=drive: rig.windows.take_out(drive))
        with pytest.raises(StickRemoved) as error:
            await rig.media.write_verified(drive.ref, NAME, DATA, no_progress)
        left = error.value.left_behind
        told[left] += 1
        held = list(drive.files.values())
        if not held:
            assert left is LeftBehind.NOTHING, number
        elif held == [DATA]:
            assert left is not LeftBehind.NOTHING, number
        else:
            assert left is LeftBehind.INCOMPLETE_POSSIBLE, number
        assert rig.windows.open_handles == 0
    assert set(told) == set(LeftBehind)


@pytest.mark.rule("E-88", "I-20")
async def test_a_clone_put_in_before_any_call_is_never_taken_for_the_stick() -> None:
    calls = await calls_of_a_write(WindowsRig.fresh())
    for number in range(1, calls + 1):
        rig = WindowsRig.fresh()
        drive = rig.put_in()
        at_call(rig, number, lambda rig=rig, drive=drive: rig.swap_for_a_clone(drive.ref))
        try:
            await rig.media.write_verified(drive.ref, NAME, DATA, no_progress)
        except (NotTheSameStick, StickRemoved):
            pass
        else:
            assert drive.files[NAME] == DATA, "it was swapped after the proof"
        (clone,) = rig.windows.drives[1:]
        assert NAME not in clone.files


@pytest.mark.rule("E-84", "I-24")
@pytest.mark.parametrize("call", WRITING)
@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (5, StickNotAllowed),
        (19, StickReadOnly),
        (23, StickIoFailure),
        (39, StickFull),
        (112, StickFull),
        (1117, StickIoFailure),
        (1392, StickCorrupt),
        (32, StickInUse),
        (121, StickTimedOut),
        (99_999, StickIoFailure),
    ],
)
async def test_a_call_that_fails_is_told_as_what_it_means_and_leaves_nothing(
    rig: WindowsRig, call: str, code: int, kind: type[MediaError]
) -> None:
    drive = rig.put_in()
    rig.windows.before = lambda now: (
        drive.fails.update({call: code}) if now == "entries" or call == "exists" else None
    )
    if call in {"space", "exists"}:  # asked for the list as well, or again while tidying up
        rig.windows.before = lambda now: drive.fails.update({call: code}) if now == "exists" else None
    locked_out = (
        call == "dismount" and kind is StickNotAllowed
    )  # who may write may lock, unless a file is open
    with pytest.raises(StickInUse if locked_out else kind) as error:
        await rig.media.write_verified(drive.ref, NAME, DATA, no_progress)
    assert error.value.left_behind is LeftBehind.NOTHING
    assert await rig.files(drive.ref) == {}
    assert rig.windows.open_handles == 0


@pytest.mark.rule("E-83", "I-20")
@pytest.mark.parametrize(
    "kept", [lambda _: b"", lambda data: data[:-1] + b"?", lambda data: bytes(len(data))]
)
async def test_a_stick_that_does_not_keep_the_data_is_found_out(rig: WindowsRig, kept: object) -> None:
    drive = rig.put_in(keeps=kept)
    with pytest.raises(ReadBackDiffers) as error:
        await rig.media.write_verified(drive.ref, NAME, DATA, no_progress)
    assert error.value.left_behind is LeftBehind.INCOMPLETE_POSSIBLE


@pytest.mark.rule("E-83", "I-20")
async def test_what_only_the_cache_held_is_found_out_after_the_dismount(rig: WindowsRig) -> None:
    drive = rig.put_in()
    rig.windows.before = lambda call: drive.files.update({NAME: b""}) if call == "dismount" else None
    with pytest.raises(ReadBackDiffers):
        await rig.media.write_verified(drive.ref, NAME, DATA, no_progress)


async def test_a_scanner_that_holds_the_new_file_for_a_moment_is_waited_for(rig: WindowsRig) -> None:
    drive = rig.put_in(fails={"dismount": 5})
    tries = Counter[str]()

    def lets_go_in_time(call: str) -> None:
        tries.update([call])
        if tries["dismount"] == 3:
            drive.fails.clear()

    rig.windows.before = lets_go_in_time
    await rig.media.write_verified(drive.ref, NAME, DATA, no_progress)
    assert await rig.files(drive.ref) == {NAME: DATA}


async def test_a_stick_that_hangs_is_given_up_and_nothing_new_is_begun_on_it() -> None:
    rig = WindowsRig.fresh(deadline=0.2)
    drive = rig.put_in()
    rig.windows.before = lambda call: time.sleep(0.6) if call == "flush" else None
    with pytest.raises(StickTimedOut) as error:
        await rig.media.write_verified(drive.ref, NAME, DATA, no_progress)
    assert error.value.left_behind is LeftBehind.COMPLETE_UNCONFIRMED
    with pytest.raises(StickInUse):
        await rig.media.look(drive.ref)
    await asyncio.sleep(0.8)
    assert NAME not in drive.files
    assert rig.windows.open_handles == 0


@pytest.mark.rule("E-88")
@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (2, StickInUse),
        (3, StickInUse),
        (5, StickInUse),
        (6, StickEjectFailed),
        (7, StickEjectFailed),
        (99, StickEjectFailed),
    ],
)
async def test_who_vetoed_an_eject_is_named_and_cannot_speak_to_the_terminal(
    rig: WindowsRig, kind: int, error: type[MediaError]
) -> None:
    drive = rig.put_in()
    rig.windows.vetoes.append(VetoAnswer(kind, "C:\\evil\x1b[2J.exe"))
    with pytest.raises(error) as refused:
        await rig.media.eject(drive.ref)
    assert isinstance(refused.value.__cause__, Vetoed)
    assert str(refused.value.__cause__).endswith("C:\\evil[2J.exe")
    await rig.media.eject(drive.ref)


async def test_a_stick_that_windows_does_not_let_go_of_is_not_said_to_be_out() -> None:
    rig = WindowsRig.fresh(deadline=0.3)
    rig.windows.stays = True
    with pytest.raises(StickEjectFailed):
        await rig.media.eject(rig.put_in().ref)


async def test_without_the_disks_of_windows_nothing_is_offered(rig: WindowsRig) -> None:
    rig.put_in()
    rig.windows.drives[0].fails["disks"] = 5
    with pytest.raises(MediaUnavailable):
        await rig.media.list()


def test_on_another_system_it_says_so_and_importing_it_does_no_harm() -> None:
    with pytest.raises(MediaUnavailable):
        WindowsMedia()


def test_only_the_calls_themselves_need_windows() -> None:
    folder = Path(__file__).parents[3] / "kiosk" / "media" / "windows"
    needing = [file.name for file in folder.glob("*.py") if "WinDLL" in file.read_text(encoding="utf-8")]
    assert needing == ["api.py"]


def test_settings_that_name_it_elsewhere_leave_the_counter_without_sticks(tmp_path: Path) -> None:
    settings = training_settings(tmp_path).model_copy(update={"media": MediaSettings(adapter="windows")})
    assert isinstance(media_for(settings, clock=SteppedClock()), NoMedia)

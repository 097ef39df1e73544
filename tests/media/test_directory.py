"""Directories as sticks for training."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from threading import Event

import pytest

from kiosk.errors import (
    FileAlreadyThere,
    LeftBehind,
    MediaUnavailable,
    NotTheSameStick,
    StickFull,
    StickInUse,
    StickRemoved,
    StickTimedOut,
)
from kiosk.media.calls import FileCalls
from kiosk.media.directory import DirectoryMedia
from kiosk.media.volumes import Media, StickRef, StickRefusal, WriteStep
from tests.media.contract import DATA, NAME, MediaContract, next_look, no_progress
from tests.media.rigs import DirectoryRig
from tests.support.clock import MONDAY_MORNING, SteppedClock


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[DirectoryRig]:
    folder = tmp_path / "sticks"
    folder.mkdir()
    made = DirectoryRig(DirectoryMedia(folder, training=True, clock=SteppedClock(), every=0.02))
    yield made
    made.tidy_up()


class TestDirectoriesKeepTheContract(MediaContract):
    """All of it."""


def test_simulated_media_cannot_be_had_outside_training(tmp_path: Path) -> None:
    with pytest.raises(MediaUnavailable):
        DirectoryMedia(tmp_path, training=False)


async def test_every_receipt_and_stick_says_simulated(rig: DirectoryRig) -> None:
    media: Media = rig.media
    ref = await rig.plug()

    receipt = await media.write_verified(ref, NAME, DATA, no_progress)

    assert media.simulated
    assert all(stick.simulated for stick in await media.list())
    assert "device" not in receipt.verified
    assert receipt.verified[0] == "directory"
    assert receipt.verified[1] in {"direct", "reopened"}
    assert receipt.finished == MONDAY_MORNING


async def test_a_folder_that_is_not_there_is_a_fault_of_the_terminal(tmp_path: Path) -> None:
    media = DirectoryMedia(tmp_path / "nowhere", training=True, every=0.02)

    with pytest.raises(MediaUnavailable):
        await media.list()
    assert await next_look(media.watch()) == ()


async def test_files_links_and_hidden_directories_are_no_sticks(rig: DirectoryRig, tmp_path: Path) -> None:
    (rig.media.folder / "README.txt").write_text("not a stick")
    (rig.media.folder / ".trash").mkdir()
    (rig.media.folder / "link").symlink_to(tmp_path)

    assert await rig.media.list() == ()


async def test_a_stick_replaced_by_a_link_is_not_followed(rig: DirectoryRig, tmp_path: Path) -> None:
    ref = await rig.plug()
    elsewhere = tmp_path / "elsewhere"
    rig.where(ref).rename(elsewhere)
    rig.where(ref).symlink_to(elsewhere)

    with pytest.raises(StickRemoved):
        await rig.media.write_verified(ref, NAME, DATA, no_progress)
    assert list(elsewhere.iterdir()) == []


@pytest.mark.rule("I-19")
async def test_labels_carry_nothing_that_steers_a_terminal(rig: DirectoryRig) -> None:
    (rig.media.folder / "\x1b]0;owned\x07\u202eSTICK").mkdir()
    (rig.media.folder / os.fsdecode(b"\xff\xfe-broken")).mkdir()
    (rig.media.folder / ("あ" * 60)).mkdir()

    labels = sorted(stick.label for stick in await rig.media.list())

    assert all(label.isprintable() and 0 < len(label) <= 32 for label in labels)
    assert "あ" * 32 in labels


async def test_sticks_with_strange_names_can_be_written_to(rig: DirectoryRig) -> None:
    (rig.media.folder / os.fsdecode(b"\xff\x1b[31m")).mkdir()
    (stick,) = await rig.media.list()

    await rig.media.write_verified(stick.ref, NAME, DATA, no_progress)

    assert await rig.files(stick.ref) == {NAME: DATA}


@pytest.mark.rule("E-88")
async def test_a_setting_admits_sticks_that_hold_other_files(rig: DirectoryRig) -> None:
    rig.media.require_empty = False
    ref = await rig.plug()
    await rig.put_file(ref, "holiday.jpg", b"sea")

    assert [stick.refusal for stick in await rig.media.list()] == [None]
    await rig.media.write_verified(ref, NAME, DATA, no_progress)
    assert await rig.files(ref) == {"holiday.jpg": b"sea", NAME: DATA}


@pytest.mark.rule("E-45", "I-20")
async def test_a_name_that_fat_would_call_the_same_is_taken(rig: DirectoryRig) -> None:
    """`Tanaka01` and `tanaka01` are two users, and one name on a stick."""
    rig.media.require_empty = False
    ref = await rig.plug()
    await rig.put_file(ref, NAME.upper(), b"of the other user")

    with pytest.raises(FileAlreadyThere):
        await rig.media.write_verified(ref, NAME, DATA, no_progress)
    assert await rig.files(ref) == {NAME.upper(): b"of the other user"}


@pytest.mark.rule("I-20")
@pytest.mark.parametrize("kind", ["directory", "link to nowhere", "link to a file"])
async def test_whatever_has_the_name_keeps_it(rig: DirectoryRig, tmp_path: Path, kind: str) -> None:
    rig.media.require_empty = False
    ref = await rig.plug()
    there, target = rig.where(ref) / NAME, tmp_path / "target"
    match kind:
        case "directory":
            there.mkdir()
        case "link to nowhere":
            there.symlink_to(target)
        case _:
            target.write_bytes(b"untouched")
            there.symlink_to(target)

    with pytest.raises(FileAlreadyThere):
        await rig.media.write_verified(ref, NAME, DATA, no_progress)
    assert [path.name for path in rig.where(ref).iterdir()] == [NAME]
    assert not target.exists() or target.read_bytes() == b"untouched"


async def test_free_space_alone_is_no_news(rig: DirectoryRig) -> None:
    ref = await rig.plug()
    looks = rig.media.watch()
    assert [stick.ref for stick in await next_look(looks)] == [ref]
    (rig.media.folder.parent / "ballast").write_bytes(bytes(5_000_000))
    waiting = asyncio.ensure_future(anext(looks))
    await asyncio.sleep(0.2)
    assert not waiting.done()
    await rig.put_file(ref, "something", b"")

    (stick,) = await waiting

    assert stick.refusal is StickRefusal.NOT_EMPTY


class HeldCalls(FileCalls):
    """Stops before the rename until it is let go."""

    def __init__(self) -> None:
        self.reached = Event()
        self.go_on = Event()

    def rename_new(self, folder: int, old: str, new: str) -> None:
        self.reached.set()
        assert self.go_on.wait(20)
        super().rename_new(folder, old, new)


@pytest.fixture
async def held(rig: DirectoryRig) -> AsyncIterator[HeldCalls]:
    calls = HeldCalls()
    rig.media.calls = calls
    yield calls
    calls.go_on.set()


async def test_one_writer_at_a_time(rig: DirectoryRig, held: HeldCalls) -> None:
    ref, other = await rig.plug("STICK-A"), await rig.plug("STICK-B")
    first = asyncio.ensure_future(rig.media.write_verified(ref, NAME, DATA, no_progress))
    await asyncio.to_thread(held.reached.wait, 20)

    assert [stick.refusal for stick in await rig.media.list()] == [StickRefusal.IN_USE, None]
    with pytest.raises(StickInUse):
        await rig.media.write_verified(ref, "another.p12", DATA, no_progress)
    with pytest.raises(StickInUse):
        await rig.media.eject(ref)
    held.go_on.set()
    await rig.media.write_verified(other, NAME, DATA, no_progress)
    await first
    assert await rig.files(ref) == {NAME: DATA}


@pytest.mark.rule("E-84")
async def test_who_stops_waiting_does_not_stop_the_write(rig: DirectoryRig, held: HeldCalls) -> None:
    ref = await rig.plug()
    writing = asyncio.ensure_future(rig.media.write_verified(ref, NAME, DATA, no_progress))
    await asyncio.to_thread(held.reached.wait, 20)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    with pytest.raises(StickInUse):
        await rig.media.eject(ref)

    held.go_on.set()

    await until_free(rig, ref)
    assert await rig.files(ref) == {NAME: DATA}


async def test_a_stick_that_does_not_answer_is_given_up_with_an_open_result(
    rig: DirectoryRig, held: HeldCalls
) -> None:
    rig.media.deadline = 0.1
    ref = await rig.plug()

    with pytest.raises(StickTimedOut) as given_up:
        await rig.media.write_verified(ref, NAME, DATA, no_progress)

    assert given_up.value.left_behind is LeftBehind.COMPLETE_UNCONFIRMED
    held.go_on.set()
    await until_free(rig, ref)


@pytest.mark.rule("I-24")
async def test_a_stick_moved_away_during_the_write_is_never_called_written(
    rig: DirectoryRig, held: HeldCalls, tmp_path: Path
) -> None:
    ref = await rig.plug()
    writing = asyncio.ensure_future(rig.media.write_verified(ref, NAME, DATA, no_progress))
    await asyncio.to_thread(held.reached.wait, 20)
    rig.where(ref).rename(tmp_path / "pulled")
    held.go_on.set()

    with pytest.raises(StickRemoved) as removed:
        await writing
    assert removed.value.left_behind is LeftBehind.COMPLETE_UNCONFIRMED


@pytest.mark.rule("I-24")
async def test_a_stick_swapped_during_the_write_is_told_apart(
    rig: DirectoryRig, held: HeldCalls, tmp_path: Path
) -> None:
    ref = await rig.plug()
    writing = asyncio.ensure_future(rig.media.write_verified(ref, NAME, DATA, no_progress))
    await asyncio.to_thread(held.reached.wait, 20)
    rig.where(ref).rename(tmp_path / "pulled")
    rig.where(ref).mkdir()
    held.go_on.set()

    with pytest.raises(NotTheSameStick):
        await writing
    assert list(rig.where(ref).iterdir()) == []


async def test_progress_that_fails_does_not_harm_the_write(rig: DirectoryRig) -> None:
    """The screen that looked on may be gone."""
    ref = await rig.plug()
    loop = asyncio.get_running_loop()
    told: list[dict[str, object]] = []
    loop.set_exception_handler(lambda _, context: told.append(context))

    def gone(step: WriteStep) -> None:
        raise LookupError(step)

    await rig.media.write_verified(ref, NAME, DATA, gone)

    assert await rig.files(ref) == {NAME: DATA}
    assert len(told) == 2


@pytest.mark.rule("E-85")
async def test_after_a_crash_a_finished_file_is_recognised(rig: DirectoryRig) -> None:
    ref = await rig.plug()
    receipt = await rig.media.write_verified(ref, NAME, DATA, no_progress)
    again = DirectoryMedia(rig.media.folder, training=True)

    assert await again.looks_finished(ref, NAME, receipt.sha256)
    assert not await again.looks_finished(ref, "another.p12", receipt.sha256)
    await rig.put_file(ref, NAME, DATA[:-1])
    assert not await again.looks_finished(ref, NAME, receipt.sha256)
    await rig.pull(ref)
    with pytest.raises(StickRemoved):
        await again.looks_finished(ref, NAME, receipt.sha256)


@pytest.mark.rule("E-85")
async def test_what_is_no_file_is_never_a_finished_one(rig: DirectoryRig, tmp_path: Path) -> None:
    ref = await rig.plug()
    os.mkfifo(rig.where(ref) / "pipe.p12")
    (rig.where(ref) / "folder.p12").mkdir()
    (tmp_path / "outside").write_bytes(DATA)
    (rig.where(ref) / "link.p12").symlink_to(tmp_path / "outside")

    for name in ("pipe.p12", "folder.p12", "link.p12"):
        assert not await rig.media.looks_finished(ref, name, "0" * 64)


@pytest.mark.deep
@pytest.mark.rule("E-88", "I-24")
async def test_a_stick_without_room_for_another_name_is_full(rig: DirectoryRig) -> None:
    ref = await rig.plug_tmpfs("nr_inodes=1,size=1m")

    with pytest.raises(StickFull) as full:
        await rig.media.write_verified(ref, NAME, DATA, no_progress)
    assert full.value.left_behind is LeftBehind.NOTHING


@pytest.mark.deep
@pytest.mark.rule("E-88", "I-24")
async def test_a_stick_that_fills_up_during_the_write_keeps_nothing(rig: DirectoryRig) -> None:
    ref = await rig.plug_tmpfs("size=1m")
    ballast = rig.where(ref) / "ballast"

    class Crowded(FileCalls):
        """Somebody else takes the room that was there a moment ago."""

        def create(self, folder: int, name: str) -> int:
            ballast.write_bytes(bytes(1024 * 1024 - 2 * 4096))
            return super().create(folder, name)

    rig.media.calls = Crowded()

    with pytest.raises(StickFull) as full:
        await rig.media.write_verified(ref, NAME, DATA * 3, no_progress)
    assert full.value.left_behind is LeftBehind.NOTHING
    assert set(await rig.files(ref)) == {"ballast"}


async def until_free(rig: DirectoryRig, ref: StickRef) -> None:
    """Wait until nobody writes to the stick."""
    looks = rig.media.watch()
    while any(stick.ref == ref and stick.refusal is StickRefusal.IN_USE for stick in await next_look(looks)):
        pass

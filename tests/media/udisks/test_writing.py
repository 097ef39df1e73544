"""A write to a real block device with a real file system on it: what it leaves, and what it refuses."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from kiosk.errors import (
    FileAlreadyThere,
    LeftBehind,
    MediaError,
    MediaUnavailable,
    NotTheSameStick,
    StickFull,
    StickInUse,
    StickNotAllowed,
    StickNotEmpty,
    StickReadOnly,
    StickRemoved,
    StickTimedOut,
    StickUnsupported,
)
from kiosk.media.calls import FileCalls
from kiosk.media.threads import on_a_loop_apart
from kiosk.media.udisks.claims import Claim
from kiosk.media.udisks.sequence import holds, look, write
from kiosk.media.volumes import StickRefusal, WriteStep
from kiosk.media.writing import ReadBack
from tests.media.contract import DATA, NAME, no_progress
from tests.support.disks import fill
from tests.support.loop_sticks import (
    LoopStick,
    an_empty_ext4,
    changed,
    files_on,
    mounted_elsewhere,
    plugged_in,
)

pytestmark = pytest.mark.deep


@pytest.fixture
def stick(tmp_path: Path) -> Iterator[LoopStick]:
    with plugged_in(tmp_path, an_empty_ext4(tmp_path / "stick.img")) as plugged:
        yield plugged


async def refusal(stick: LoopStick, **given: object) -> MediaError:
    with Claim.of(stick.plug_in) as claim, pytest.raises(MediaError) as refused:
        await write(stick.at(claim, **given), NAME, DATA, no_progress)
    assert not stick.place.is_mount()
    return refused.value


@pytest.mark.rule("E-83", "I-20")
async def test_written_means_on_the_device_under_its_name_and_mounted_nowhere(
    stick: LoopStick, tmp_path: Path
) -> None:
    seen: list[WriteStep] = []
    with Claim.of(stick.plug_in) as claim:
        how = await write(stick.at(claim), NAME, DATA, seen.append)

    assert how is ReadBack.DIRECT
    assert files_on(stick.medium, tmp_path) == {NAME: DATA}
    assert not stick.place.is_mount()
    assert seen == [WriteStep.PREPARING, WriteStep.WRITING, WriteStep.READING_BACK, WriteStep.CONFIRMING]


@pytest.mark.rule("E-83")
async def test_the_last_reading_is_from_a_mount_for_reading_only(stick: LoopStick) -> None:
    with Claim.of(stick.plug_in) as claim:
        await write(stick.at(claim), NAME, DATA, no_progress)

    steps = [line.split() for line in stick.mounts.done]
    assert [words[0] for words in steps] == ["mount", "umount", "mount", "umount"]
    assert "dirsync" in steps[0][4]
    assert ",ro," in steps[2][4]
    assert all({"nosuid", "nodev", "noexec"} <= set(words[4].split(",")) for words in (steps[0], steps[2]))


@pytest.mark.rule("E-83")
async def test_file_directory_and_file_system_are_synced_after_the_rename(stick: LoopStick) -> None:
    class Noting(FileCalls):
        def __init__(self) -> None:
            self.done: list[str] = []
            self.file = -1

        def create(self, folder: int, name: str) -> int:
            self.file = super().create(folder, name)
            return self.file

        def rename_new(self, folder: int, old: str, new: str) -> None:
            super().rename_new(folder, old, new)
            self.done.append("rename")

        def sync(self, file: int) -> None:
            super().sync(file)
            self.done.append("file" if file == self.file else "directory")

        def sync_file_system(self, file: int) -> None:
            super().sync_file_system(file)
            self.done.append("file system")

    calls = Noting()
    with Claim.of(stick.plug_in) as claim:
        await write(stick.at(claim, calls=calls), NAME, DATA, no_progress)

    assert calls.done == ["file", "rename", "file", "directory", "file system"]


@pytest.mark.rule("E-88")
async def test_a_stick_that_holds_anything_is_refused_and_left_as_it_was(
    stick: LoopStick, tmp_path: Path
) -> None:
    with changed(stick.medium, tmp_path) as place:
        (place / "holiday.jpg").write_bytes(b"sea")

    failure = await refusal(stick)

    assert (type(failure), failure.left_behind) == (StickNotEmpty, LeftBehind.NOTHING)
    assert files_on(stick.medium, tmp_path) == {"holiday.jpg": b"sea"}


@pytest.mark.rule("E-88")
async def test_where_other_files_may_be_they_stay_as_they_were(stick: LoopStick, tmp_path: Path) -> None:
    with changed(stick.medium, tmp_path) as place:
        (place / "holiday.jpg").write_bytes(b"sea")

    with Claim.of(stick.plug_in) as claim:
        await write(stick.at(claim), NAME, DATA, no_progress, require_empty=False)

    assert files_on(stick.medium, tmp_path) == {"holiday.jpg": b"sea", NAME: DATA}


@pytest.mark.rule("I-20", "E-45")
async def test_a_file_of_that_name_is_left_untouched(stick: LoopStick, tmp_path: Path) -> None:
    with changed(stick.medium, tmp_path) as place:
        (place / NAME).write_bytes(b"another certificate")

    assert type(await refusal(stick)) is FileAlreadyThere
    assert files_on(stick.medium, tmp_path) == {NAME: b"another certificate"}


@pytest.mark.rule("I-20")
async def test_a_name_taken_during_the_write_is_left_untouched(stick: LoopStick, tmp_path: Path) -> None:
    class Raced(FileCalls):
        def rename_new(self, folder: int, old: str, new: str) -> None:
            (stick.place / new).write_bytes(b"of somebody else")
            super().rename_new(folder, old, new)

    failure = await refusal(stick, calls=Raced())

    assert (type(failure), failure.left_behind) == (FileAlreadyThere, LeftBehind.NOTHING)
    assert files_on(stick.medium, tmp_path) == {NAME: b"of somebody else"}


@pytest.mark.rule("E-88", "I-24")
async def test_a_full_stick_says_so_before_a_byte_is_written(stick: LoopStick, tmp_path: Path) -> None:
    with changed(stick.medium, tmp_path) as place:
        fill(place, leaving=32 * 1024)

    with Claim.of(stick.plug_in) as claim, pytest.raises(StickFull) as refused:
        await write(stick.at(claim), NAME, DATA, no_progress, require_empty=False)

    assert refused.value.left_behind is LeftBehind.NOTHING
    assert set(files_on(stick.medium, tmp_path)) == {"ballast"}


@pytest.mark.rule("E-88", "I-24")
async def test_a_protected_stick_is_refused(tmp_path: Path) -> None:
    image = an_empty_ext4(tmp_path / "stick.img")
    with plugged_in(tmp_path, image, read_only=True) as stick:
        failure = await refusal(stick)

        assert (type(failure), failure.left_behind) == (StickReadOnly, LeftBehind.NOTHING)
        assert stick.mounts.done == []


@pytest.mark.rule("E-88")
@pytest.mark.parametrize(
    ("why", "told"),
    [
        (StickRefusal.COMPOSITE_DEVICE, StickNotAllowed),
        (StickRefusal.ENCRYPTED, StickUnsupported),
        (StickRefusal.IN_USE, StickInUse),
        (StickRefusal.NO_MEDIUM, StickRemoved),
    ],
)
async def test_what_is_no_target_is_never_mounted(
    stick: LoopStick, why: StickRefusal, told: type[MediaError]
) -> None:
    target = replace(stick.target, stick=replace(stick.target.stick, refusal=why))

    failure = await refusal(stick, target=target)

    assert type(failure) is told
    assert stick.mounts.done == []


@pytest.mark.rule("E-88")
async def test_a_file_system_that_is_not_accepted_is_not_written_to(stick: LoopStick, tmp_path: Path) -> None:
    failure = await refusal(stick, filesystems=frozenset({"vfat", "exfat"}))

    assert (type(failure), failure.left_behind) == (StickUnsupported, LeftBehind.NOTHING)
    assert files_on(stick.medium, tmp_path) == {}


@pytest.mark.rule("E-88", "I-24")
async def test_a_stick_that_was_pulled_or_swapped_is_found_out_before_anything_is_mounted(
    stick: LoopStick,
) -> None:
    stick.put_another()
    assert type(await refusal(stick)) is NotTheSameStick
    stick.put_back()
    stick.pull()
    assert type(await refusal(stick)) is StickRemoved
    assert stick.mounts.done == []


@pytest.mark.rule("E-88", "I-20")
@pytest.mark.parametrize("at", ["create", "rename_new", "sync_file_system"])
async def test_a_stick_swapped_for_another_of_the_same_name_is_never_called_written(
    stick: LoopStick, at: str
) -> None:
    """Same name, same device number, same size: only the sequence number is another."""
    calls = FileCalls()
    real = getattr(calls, at)

    def swapping(*given: object) -> object:
        setattr(calls, at, real)
        stick.put_another()
        return real(*given)

    setattr(calls, at, swapping)

    assert type(await refusal(stick, calls=calls)) is NotTheSameStick


@pytest.mark.rule("I-20")
async def test_what_somebody_else_mounted_is_neither_written_to_nor_unmounted(
    stick: LoopStick, tmp_path: Path
) -> None:
    with mounted_elsewhere(stick, tmp_path / "elsewhere") as place:
        assert type(await refusal(stick)) is StickInUse
        assert place.is_mount()
        assert list(place.iterdir()) == []


@pytest.mark.rule("E-84")
async def test_two_writers_of_one_stick_are_refused_wherever_they_come_from(stick: LoopStick) -> None:
    with Claim.of(stick.plug_in), pytest.raises(StickInUse):
        Claim.of(replace(stick.plug_in, partition=f"{stick.loop}p1"))

    with Claim.of(stick.plug_in) as claim:
        await write(stick.at(claim), NAME, DATA, no_progress)


@pytest.mark.rule("I-24")
async def test_a_terminal_without_a_thread_left_writes_nothing_and_keeps_no_claim(
    stick: LoopStick, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_left(*_: object) -> int:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("kiosk.media.threads.start_new_thread", none_left)
    failure = await refusal(stick)

    assert (type(failure), failure.left_behind) == (MediaUnavailable, LeftBehind.NOTHING)
    with Claim.of(stick.plug_in):
        pass


@pytest.mark.rule("I-24")
async def test_a_deadline_that_passes_between_two_steps_keeps_no_claim(stick: LoopStick) -> None:
    failure = await refusal(stick, deadline=0.0)

    assert (type(failure), failure.left_behind) == (StickTimedOut, LeftBehind.NOTHING)
    with Claim.of(stick.plug_in) as claim:
        await write(stick.at(claim), NAME, DATA, no_progress)


@pytest.mark.rule("E-83", "E-85")
async def test_cancelling_the_caller_does_not_stop_a_write_half_way(stick: LoopStick, tmp_path: Path) -> None:
    going, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    class Slow(FileCalls):
        def rename_new(self, folder: int, old: str, new: str) -> None:
            going.set()
            assert go_on.wait(10)
            super().rename_new(folder, old, new)

    async def work() -> None:
        try:
            with Claim.of(stick.plug_in) as claim:
                await write(stick.at(claim, calls=Slow()), NAME, DATA, no_progress)
        finally:
            ended.set()

    caller = asyncio.create_task(on_a_loop_apart(work))
    assert await asyncio.to_thread(going.wait, 10)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    go_on.set()
    assert await asyncio.to_thread(ended.wait, 10)

    assert files_on(stick.medium, tmp_path) == {NAME: DATA}
    assert not stick.place.is_mount()


@pytest.mark.rule("E-85")
async def test_whether_the_file_is_there_is_looked_up_without_writing(
    stick: LoopStick, tmp_path: Path
) -> None:
    digest = sha256(DATA).hexdigest()
    with Claim.of(stick.plug_in) as claim:
        assert not await holds(stick.at(claim), NAME, digest)
        await write(stick.at(claim), NAME, DATA, no_progress)
        before = stick.medium.read_bytes()

        assert await holds(stick.at(claim), NAME, digest.upper())
        assert not await holds(stick.at(claim), NAME, sha256(b"another").hexdigest())
        assert not await holds(stick.at(claim), "another.p12", digest)
    with changed(stick.medium, tmp_path) as place:
        (place / "folder.p12").mkdir()
        (place / "link.p12").symlink_to(NAME)
    before = stick.medium.read_bytes()
    with Claim.of(stick.plug_in) as claim:
        assert not await holds(stick.at(claim), "folder.p12", digest)
        assert not await holds(stick.at(claim), "link.p12", digest)
    assert stick.medium.read_bytes() == before
    assert not stick.place.is_mount()


@pytest.mark.rule("E-88")
async def test_a_look_tells_the_free_space_and_whether_anything_is_there(
    stick: LoopStick, tmp_path: Path
) -> None:
    with Claim.of(stick.plug_in) as claim:
        seen = await look(stick.at(claim))
    assert seen.refusal is None
    assert seen.free is not None
    assert 0 < seen.free < seen.size

    with changed(stick.medium, tmp_path) as place:
        (place / "holiday.jpg").write_bytes(b"sea")
    with Claim.of(stick.plug_in) as claim:
        assert (await look(stick.at(claim))).refusal is StickRefusal.NOT_EMPTY
        assert (await look(stick.at(claim), require_empty=False)).refusal is None
    assert not stick.place.is_mount()


@pytest.mark.rule("I-24")
async def test_a_look_at_a_damaged_stick_says_damaged(stick: LoopStick) -> None:
    stick.medium.write_bytes(b"\xff" * stick.medium.stat().st_size)

    with Claim.of(stick.plug_in) as claim, pytest.raises(MediaError) as refused:
        await look(stick.at(claim))

    assert refused.value.code == "EM07"

"""Media that fail and lie: errors from below the file system, dropped writes, flipped bits (E-83, E-84, I-24)."""

import errno
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kiosk.errors import (
    LeftBehind,
    MediaError,
    ReadBackDiffers,
    StickIoFailure,
    StickUnsupported,
)
from kiosk.media.calls import FileCalls
from kiosk.media.udisks.claims import Claim
from kiosk.media.udisks.sequence import write
from kiosk.media.udisks.targets import Target
from kiosk.media.volumes import WriteStep
from tests.media.contract import DATA, NAME, no_progress
from tests.support.deep import need
from tests.support.faulty_disk import FaultyDisk, a_faulty_disk
from tests.support.loop_sticks import CommandMounts, LoopStick, an_empty_ext4, files_on, plugged_in
from tests.support.stick_calls import Watched, a_stick, calls_of_a_write

pytestmark = pytest.mark.deep


@pytest.fixture
def failing(tmp_path: Path) -> Iterator[tuple[LoopStick, FaultyDisk]]:
    medium = an_empty_ext4(tmp_path / "stick.img")
    with a_faulty_disk(tmp_path, medium) as disk, plugged_in(tmp_path, medium, file=disk.file) as stick:
        try:
            yield stick, disk
        finally:
            disk.fails()


async def failure_of(stick: LoopStick, calls: FileCalls) -> MediaError:
    with Claim.of(stick.plug_in) as claim, pytest.raises(MediaError) as failed:
        await write(stick.at(claim, calls=calls), NAME, DATA, no_progress)
    assert not stick.place.is_mount()
    return failed.value


class Before(FileCalls):
    """The disk changes before a call of this name is made for the n-th time."""

    def __init__(self, disk: FaultyDisk, call: str, *faults: str, nth: int = 1) -> None:
        self._disk, self._call, self._faults, self._left = disk, call, faults, nth

    def __getattribute__(self, name: str) -> object:
        if not name.startswith("_") and name == self._call:
            self._left -= 1
            if self._left == 0:
                self._disk.fails(*self._faults)
        return object.__getattribute__(self, name)


@pytest.mark.rule("E-84", "I-20", "I-24")
@pytest.mark.parametrize(
    ("call", "nth", "number"),
    [
        ("create", 1, "EIO"),
        ("create", 1, "ENOSPC"),
        ("sync", 1, "EIO"),
        ("sync", 1, "ENOSPC"),
        ("sync", 1, "EROFS"),
        ("sync", 1, "ENODEV"),
        ("rename_new", 1, "EIO"),
        ("sync", 3, "EIO"),
        ("sync_file_system", 1, "EIO"),
    ],
)
async def test_a_medium_that_fails_for_good_is_never_called_written_nor_clean_when_it_is_not(
    failing: tuple[LoopStick, FaultyDisk], tmp_path: Path, number: str, call: str, nth: int
) -> None:
    stick, disk = failing
    calls = Before(disk, call, f"write:{number}", f"sync:{number}", nth=nth)

    failure = await failure_of(stick, calls)
    disk.fails()

    kept = files_on(stick.medium, tmp_path)
    assert isinstance(failure, MediaError)
    assert kept.get(NAME, DATA) == DATA
    assert failure.left_behind is not LeftBehind.NOTHING or kept == {}
    assert DATA not in kept.values() or failure.left_behind is LeftBehind.COMPLETE_UNCONFIRMED


@pytest.mark.rule("E-83", "E-84", "I-20", "I-24")
@pytest.mark.parametrize("for_good", [False, True])
async def test_whichever_call_fails_what_is_said_is_what_is_on_the_stick(
    tmp_path: Path, for_good: bool
) -> None:
    calls = await calls_of_a_write(tmp_path / "counted")
    for nth in range(1, len(calls) + 1):
        with a_stick(tmp_path / f"fails{nth}") as stick:
            failing = Failing(nth=nth, for_good=for_good)
            failure = await failure_or_none(stick, failing)
            kept = files_on(stick.medium, tmp_path)
        where = (nth, failing.made)
        if failure is None:
            assert set(failing.failed) == {"close"}, where
            assert kept == {NAME: DATA}
            continue
        assert kept.get(NAME, DATA) == DATA, where
        assert failure.left_behind is not LeftBehind.NOTHING or kept == {}, where
        assert DATA not in kept.values() or failure.left_behind is LeftBehind.COMPLETE_UNCONFIRMED, where
        if not for_good:
            assert kept == {}, where


@dataclass
class Failing(Watched):
    """The n-th call fails, or all of them from there on."""

    for_good: bool = False
    failed: list[str] = field(default_factory=list)

    def _call(self, name: str, real: Callable[..., object], *given: object, **named: object) -> object:
        self.made.append(name)
        fails = len(self.made) == self.nth or (self.for_good and len(self.made) > self.nth)
        if not fails or name == "close":
            real_answer = real(*given, **named)
        if fails:
            self.failed.append(name)
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return real_answer


async def failure_or_none(stick: LoopStick, calls: FileCalls) -> MediaError | None:
    with Claim.of(stick.plug_in) as claim:
        try:
            await write(stick.at(claim, calls=calls), NAME, DATA, no_progress)
        except MediaError as failure:
            return failure
    return None


@pytest.mark.rule("E-83")
async def test_a_medium_that_drops_every_write_is_found_out_by_the_first_reading(
    failing: tuple[LoopStick, FaultyDisk],
) -> None:
    stick, disk = failing

    failure = await failure_of(stick, Before(disk, "create", "drop"))

    assert type(failure) is ReadBackDiffers
    assert failure.left_behind is LeftBehind.INCOMPLETE_POSSIBLE


@pytest.mark.rule("E-83")
async def test_a_medium_that_drops_writes_after_the_first_reading_is_found_out_by_the_last(
    failing: tuple[LoopStick, FaultyDisk], tmp_path: Path
) -> None:
    """What it kept is the whole file under the name before the last: not what was asked, and not nothing either."""
    stick, disk = failing
    seen: list[WriteStep] = []

    with Claim.of(stick.plug_in) as claim, pytest.raises(ReadBackDiffers) as failed:
        await write(stick.at(claim, calls=Before(disk, "rename_new", "drop")), NAME, DATA, seen.append)

    assert seen[-1] is WriteStep.CONFIRMING
    assert list(files_on(stick.medium, tmp_path).values()) == [DATA]
    assert failed.value.left_behind is LeftBehind.COMPLETE_UNCONFIRMED


@pytest.mark.rule("E-83")
async def test_bits_that_flip_on_reading_are_found_although_the_cache_knows_better(
    failing: tuple[LoopStick, FaultyDisk],
) -> None:
    stick, disk = failing

    failure = await failure_of(stick, Before(disk, "open", "flip"))

    assert isinstance(failure, ReadBackDiffers)


@dataclass
class RotsInBetween(CommandMounts):
    """One byte of the file is another one between the two readings."""

    medium: Path = Path()

    async def mount(self, target: Target, *, read_only: bool) -> bytes:
        kept = bytearray(self.medium.read_bytes())
        if read_only and DATA in kept:
            kept[kept.index(DATA) + 7] ^= 1
            self.medium.write_bytes(kept)
        return await super().mount(target, read_only=read_only)


@pytest.mark.rule("E-83")
async def test_a_byte_that_rots_between_the_two_readings_is_found_and_the_file_taken_back(
    tmp_path: Path,
) -> None:
    medium = an_empty_ext4(tmp_path / "stick.img")
    with plugged_in(tmp_path, medium) as stick:
        stick.mounts = RotsInBetween(stick.place, medium=medium)

        failure = await failure_of(stick, FileCalls())

        assert type(failure) is ReadBackDiffers
        assert failure.left_behind is LeftBehind.INCOMPLETE_POSSIBLE
        assert files_on(medium, tmp_path) == {}


@pytest.mark.rule("E-84", "I-24")
async def test_a_stick_that_cannot_be_mounted_a_second_time_was_not_written(tmp_path: Path) -> None:
    medium = an_empty_ext4(tmp_path / "stick.img")

    class Fails(CommandMounts):
        times = 0

        async def mount(self, target: Target, *, read_only: bool) -> bytes:
            if read_only and Fails.times:
                Fails.times -= 1
                raise StickIoFailure
            return await super().mount(target, read_only=read_only)

    with plugged_in(tmp_path, medium) as stick:
        stick.mounts = Fails(stick.place)
        for Fails.times, left in ((1, LeftBehind.NOTHING), (2, LeftBehind.COMPLETE_UNCONFIRMED)):
            failure = await failure_of(stick, FileCalls())

            # Taken back both times; only the first time was it seen.
            assert (type(failure), failure.left_behind) == (StickIoFailure, left)
            assert files_on(medium, tmp_path) == {}


@pytest.fixture
def exfat(tmp_path: Path) -> Iterator[LoopStick]:
    """Through a driver in user space, which has neither a rename that spares a taken name nor links."""
    need("root", "mount", "mkfs.exfat", "mount.exfat-fuse")
    medium = tmp_path / "stick.img"
    with medium.open("wb") as file:
        file.truncate(32 << 20)
    subprocess.run(["mkfs.exfat", medium], check=True, capture_output=True)
    with plugged_in(tmp_path, medium) as stick:
        stick.mounts = CommandMounts(stick.place, "exfat-fuse", more="umask=0077")
        yield stick


@pytest.mark.rule("I-20", "I-24")
async def test_a_file_system_that_cannot_spare_a_taken_name_is_refused_and_left_empty(
    exfat: LoopStick,
) -> None:
    failure = await failure_of(exfat, FileCalls())

    assert (type(failure), failure.left_behind) == (StickUnsupported, LeftBehind.NOTHING)
    with mounted_again(exfat) as place:
        assert list(place.iterdir()) == []


@pytest.mark.rule("E-83")
async def test_without_that_promise_the_rest_of_the_way_works_on_exfat_too(exfat: LoopStick) -> None:
    class Renaming(FileCalls):
        def rename_new(self, folder: int, old: str, new: str) -> None:
            Path(f"/proc/self/fd/{folder}/{old}").rename(f"/proc/self/fd/{folder}/{new}")

    with Claim.of(exfat.plug_in) as claim:
        await write(exfat.at(claim, calls=Renaming()), NAME, DATA, no_progress)

    with mounted_again(exfat) as place:
        assert [(path.name, path.read_bytes()) for path in place.iterdir()] == [(NAME, DATA)]


@contextmanager
def mounted_again(stick: LoopStick) -> Iterator[Path]:
    subprocess.run(["mount", "-t", "exfat-fuse", "-o", "ro", f"/dev/{stick.loop}", stick.place], check=True)
    try:
        yield stick.place
    finally:
        subprocess.run(["umount", stick.place], check=True)

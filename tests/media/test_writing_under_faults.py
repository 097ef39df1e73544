"""Every call of a write fails once, for every n; what is said afterwards must be what is on the stick."""

import errno
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from kiosk.errors import (
    LeftBehind,
    MediaError,
    ReadBackDiffers,
    StickFull,
    StickIoFailure,
    StickReadOnly,
    StickUnsupported,
)
from kiosk.media.calls import FileCalls
from kiosk.media.directory import DirectoryMedia
from kiosk.media.faults import explained
from kiosk.media.volumes import StickRef, WriteReceipt
from tests.media.contract import DATA, NAME, no_progress

CALLS = ("create", "open", "write", "read", "sync", "rename_new", "unlink", "stat", "close")


@dataclass
class FailingCalls(FileCalls):
    """The real calls, of which the `nth` fails, and with `for_good` every later one as well."""

    nth: int = 0
    number: int = errno.EIO
    for_good: bool = False
    after: bool = False
    """The call does its work before it fails, as a device that answers too late."""
    made: list[str] = field(default_factory=list)

    def __getattribute__(self, name: str) -> object:
        real = object.__getattribute__(self, name)
        if name not in CALLS:
            return real
        return partial(object.__getattribute__(self, "_call"), name, real)

    def _call(self, name: str, real: Callable[..., object], *given: object, **named: object) -> object:
        self.made.append(name)
        place = len(self.made)
        fails = place == self.nth or (self.for_good and 0 < self.nth <= place)
        if not fails:
            return real(*given, **named)
        if name == "close" or (self.after and name not in {"create", "open"}):
            real(*given, **named)
        raise OSError(self.number, os.strerror(self.number))


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    place = tmp_path / "sticks" / "STICK-A"
    place.mkdir(parents=True)
    return place


async def write(stick: Path, calls: FileCalls) -> WriteReceipt:
    media = DirectoryMedia(stick.parent, training=True, calls=calls)
    return await media.write_verified(await the_ref(media), NAME, DATA, no_progress)


async def the_ref(media: DirectoryMedia) -> StickRef:
    (only,) = await media.list()
    return only.ref


def files(stick: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in stick.iterdir()}


async def number_of_calls(stick: Path) -> int:
    counting = FailingCalls()
    await write(stick, counting)
    empty(stick)
    return len(counting.made)


def empty(stick: Path) -> None:
    for path in stick.iterdir():
        path.unlink()


async def write_or_failure(stick: Path, calls: FileCalls) -> MediaError | None:
    try:
        await write(stick, calls)
    except MediaError as failure:
        return failure
    return None


@contextmanager
def no_handle_left_open() -> Iterator[None]:
    before = open_handles()
    yield
    after = open_handles()
    assert after <= before


def open_handles() -> int:
    handles = Path("/proc/self/fd")
    return len(list(handles.iterdir())) if handles.exists() else 0


@pytest.mark.rule("E-83", "I-20")
async def test_the_file_and_then_the_directory_are_synced_after_the_rename(stick: Path) -> None:
    """FAT keeps size and place of a renamed file only then."""

    class Noting(FileCalls):
        """Remembers what was done to which handle."""

        def __init__(self) -> None:
            self.done: list[object] = []

        def create(self, folder: int, name: str) -> int:
            self.file, self.folder = super().create(folder, name), folder
            return self.file

        def sync(self, file: int) -> None:
            self.done.append({self.file: "sync file", self.folder: "sync directory"}[file])
            super().sync(file)

        def rename_new(self, folder: int, old: str, new: str) -> None:
            self.done.append("rename")
            super().rename_new(folder, old, new)

        def open(self, folder: int, name: str, *, direct: bool) -> int:
            file = super().open(folder, name, direct=direct)
            self.done.append(f"read back {name.rpartition('.')[2]}")
            return file

    calls = Noting()
    await write(stick, calls)

    assert calls.done == [
        "sync file",
        "read back tmp",
        "rename",
        "sync file",
        "sync directory",
        "read back p12",
    ]


@pytest.mark.rule("E-86", "I-24")
async def test_what_is_taken_back_was_wiped_before(stick: Path, tmp_path: Path) -> None:
    held = tmp_path / "held"

    class Held(FileCalls):
        def rename_new(self, folder: int, old: str, new: str) -> None:
            held.hardlink_to(stick / old)
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    with pytest.raises(StickIoFailure):
        await write(stick, Held())

    assert held.read_bytes() == bytes(len(DATA))


@pytest.mark.rule("E-83", "E-84", "I-20", "I-24")
@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC, errno.EROFS, errno.ENODEV, errno.ENOENT])
@pytest.mark.parametrize("after", [False, True])
async def test_one_failing_call_leaves_a_verified_file_or_none(stick: Path, number: int, after: bool) -> None:
    for nth in range(1, await number_of_calls(stick) + 1):
        calls = FailingCalls(nth=nth, number=number, after=after)
        with no_handle_left_open():
            failure = await write_or_failure(stick, calls)
        if failure is None:
            assert calls.made[nth - 1] == "close"
            assert files(stick) == {NAME: DATA}
            empty(stick)
        else:
            lies = isinstance(failure, ReadBackDiffers)
            assert failure.left_behind is (LeftBehind.INCOMPLETE_POSSIBLE if lies else LeftBehind.NOTHING)
            assert files(stick) == {}, (nth, calls.made)


@pytest.mark.rule("E-84", "I-20", "I-24")
@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC, errno.EROFS, errno.ENODEV, errno.ENOENT])
async def test_a_stick_that_fails_for_good_is_never_called_clean_when_it_is_not(
    stick: Path, number: int
) -> None:
    for nth in range(1, await number_of_calls(stick) + 1):
        calls = FailingCalls(nth=nth, number=number, for_good=True)
        failure = await write_or_failure(stick, calls)
        there = files(stick)
        empty(stick)
        if failure is None:
            assert calls.made[nth - 1 :] == ["close"] * (len(calls.made) - nth + 1)
        elif DATA in there.values():
            assert failure.left_behind is LeftBehind.COMPLETE_UNCONFIRMED, (nth, calls.made)
        elif there:
            assert failure.left_behind is not LeftBehind.NOTHING, (nth, calls.made)


@pytest.mark.rule("E-83")
@pytest.mark.parametrize("which", [1, 2])
async def test_a_flipped_bit_is_found_before_and_after_the_rename(stick: Path, which: int) -> None:
    class Flipping(FileCalls):
        reads = 0

        def read(self, file: int, into: memoryview, offset: int) -> int:
            came = super().read(file, into, offset)
            if offset == 0:
                Flipping.reads += 1
                if Flipping.reads == which:
                    into[100] ^= 1
            return came

    with pytest.raises(ReadBackDiffers) as found:
        await write(stick, Flipping())

    assert found.value.left_behind is LeftBehind.INCOMPLETE_POSSIBLE
    assert files(stick) == {}


@pytest.mark.rule("E-83")
async def test_a_bit_flipped_on_the_stick_itself_is_found(stick: Path) -> None:
    class Rotting(FileCalls):
        def rename_new(self, folder: int, old: str, new: str) -> None:
            super().rename_new(folder, old, new)
            kept = bytearray((stick / new).read_bytes())
            kept[-1] ^= 0x80
            (stick / new).write_bytes(kept)

    with pytest.raises(ReadBackDiffers):
        await write(stick, Rotting())
    assert files(stick) == {}


@pytest.mark.rule("E-83")
@pytest.mark.parametrize("keeps", ["nothing", "half", "more"])
async def test_a_stick_that_keeps_another_length_is_found(stick: Path, keeps: str) -> None:
    class Lying(FileCalls):
        def write(self, file: int, data: memoryview, offset: int) -> int:
            match keeps:
                case "nothing":
                    return len(data)
                case "half":
                    super().write(file, data[: len(data) // 2], offset)
                case _:
                    super().write(file, memoryview(bytes(data) + b"more"), offset)
            return len(data)

    with pytest.raises(ReadBackDiffers):
        await write(stick, Lying())


async def test_a_short_write_is_carried_on(stick: Path) -> None:
    class Slow(FileCalls):
        def write(self, file: int, data: memoryview, offset: int) -> int:
            return super().write(file, data[:100], offset)

    await write(stick, Slow())

    assert files(stick) == {NAME: DATA}


@pytest.mark.rule("I-24")
async def test_a_write_that_takes_nothing_means_full(stick: Path) -> None:
    class Stubborn(FileCalls):
        def write(self, file: int, data: memoryview, offset: int) -> int:
            return 0

    with pytest.raises(StickFull):
        await write(stick, Stubborn())
    assert files(stick) == {}


@pytest.mark.rule("I-20")
async def test_a_name_taken_during_the_write_is_left_untouched(stick: Path) -> None:
    class Raced(FileCalls):
        def rename_new(self, folder: int, old: str, new: str) -> None:
            (stick / new).write_bytes(b"of somebody else")
            super().rename_new(folder, old, new)

    with pytest.raises(MediaError) as taken:
        await write(stick, Raced())

    assert taken.value.code == "EM05"
    assert files(stick) == {NAME: b"of somebody else"}


async def test_without_direct_reads_the_receipt_says_reopened(stick: Path) -> None:
    class Cached(FileCalls):
        def open(self, folder: int, name: str, *, direct: bool) -> int:
            if direct:
                raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
            return super().open(folder, name, direct=direct)

    assert (await write(stick, Cached())).verified == ("directory", "reopened")


async def test_without_a_rename_that_spares_a_taken_name_a_link_does_it(
    stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """exFAT and NTFS in user space offer only one of the two."""

    def refuse(folder: int, old: str, new: str) -> None:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    monkeypatch.setattr("kiosk.media.calls._renameat2", refuse)
    await write(stick, FileCalls())
    assert files(stick) == {NAME: DATA}

    (stick / NAME).rename(stick / "other")
    calls = FileCalls()
    folder = os.open(stick, os.O_RDONLY)
    (stick / NAME).write_bytes(b"untouched")
    with pytest.raises(FileExistsError):
        calls.rename_new(folder, "other", NAME)
    os.close(folder)
    assert (stick / NAME).read_bytes() == b"untouched"


@pytest.mark.parametrize(
    ("number", "meaning"),
    [
        (errno.ENOSPC, StickFull),
        (errno.EDQUOT, StickFull),
        (errno.EROFS, StickReadOnly),
        (errno.EACCES, StickReadOnly),
        (errno.EOPNOTSUPP, StickUnsupported),
        (errno.EIO, StickIoFailure),
        (errno.ENODEV, StickIoFailure),
        (errno.ENOTCONN, StickIoFailure),
        (99_999, StickIoFailure),
    ],
)
def test_an_error_number_on_a_stick_that_is_still_there_has_one_meaning(
    number: int, meaning: type[MediaError]
) -> None:
    told = explained(OSError(number, "x"), LeftBehind.INCOMPLETE_POSSIBLE)

    assert type(told) is meaning
    assert told.left_behind is LeftBehind.INCOMPLETE_POSSIBLE


LIMITED = """
import asyncio, resource, sys
from pathlib import Path
from kiosk.errors import MediaError
from kiosk.media.directory import DirectoryMedia

async def main() -> None:
    media = DirectoryMedia(Path(sys.argv[1]), training=True)
    (stick,) = await media.list()
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
    try:
        await media.write_verified(stick.ref, "limited.p12", bytes(5000), lambda step: None)
    except MediaError as error:
        print(type(error).__name__, error.left_behind)

asyncio.run(main())
"""


@pytest.mark.rule("I-24")
def test_a_limit_of_the_system_on_file_sizes_reads_as_full(stick: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", LIMITED, str(stick.parent)], capture_output=True, text=True, check=False
    )

    assert ran.stdout == "StickFull nothing\n", ran.stderr
    assert files(stick) == {}

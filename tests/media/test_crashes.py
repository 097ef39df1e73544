"""The program dies, or the power goes, at every point of a write."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest

from kiosk.media.calls import FileCalls
from kiosk.media.directory import DirectoryMedia
from kiosk.media.folders import opened
from kiosk.media.writing import NewFile
from tests.media.contract import DATA, NAME, no_progress
from tests.support.deep import need

EXT4_WRITES_BACK_SELDOM = "loop,commit=300"


class Counted(FileCalls):
    """Calls `at_call` with the number of every call that changes something, before it is made."""

    def __init__(self, at_call: Callable[[int], None]) -> None:
        self._at_call = at_call
        self.number = 0

    def create(self, folder: int, name: str) -> int:
        self._next()
        return super().create(folder, name)

    def write(self, file: int, data: memoryview, offset: int) -> int:
        self._next()
        half = super().write(file, data[: max(1, len(data) // 2)], offset)
        self._next()
        return half

    def sync(self, file: int) -> None:
        self._next()
        super().sync(file)

    def rename_new(self, folder: int, old: str, new: str) -> None:
        self._next()
        super().rename_new(folder, old, new)

    def _next(self) -> None:
        self.number += 1
        self._at_call(self.number)


def put(stick: Path, calls: FileCalls) -> None:
    with opened(stick) as folder:
        file = NewFile(folder, NAME, calls)
        file.put(DATA, no_progress)
        file.close()


def number_of_calls(stick: Path) -> int:
    calls = Counted(lambda _: None)
    put(stick, calls)
    (stick / NAME).unlink()
    return calls.number


@pytest.mark.filterwarnings(
    "ignore:This process:DeprecationWarning"
)  # the child execs nothing and takes no lock
@pytest.mark.rule("I-2", "I-20", "E-85")
async def test_killed_at_any_point_the_name_stands_for_the_whole_file_or_for_none(tmp_path: Path) -> None:
    stick = tmp_path / "sticks" / "STICK-A"
    stick.mkdir(parents=True)
    media = DirectoryMedia(stick.parent, training=True)
    (plugged,) = await media.list()
    for nth in range(1, number_of_calls(stick) + 1):
        kill_at(nth, stick)

        finished = await media.looks_finished(plugged.ref, NAME, sha256(DATA).hexdigest())

        left = {path.name: path.read_bytes() for path in stick.iterdir()}
        assert finished is (NAME in left)
        assert left.get(NAME, DATA) == DATA
        assert len(left) <= 1
        for name in left:
            (stick / name).unlink()


def kill_at(nth: int, stick: Path) -> None:
    """In a process of its own: kill -9 before the `nth` call."""

    def die(number: int) -> None:
        if number == nth:
            os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        put(stick, Counted(die))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)


@pytest.fixture
def image(tmp_path: Path) -> Path:
    need("mount", "mkfs.ext4")
    made = tmp_path / "stick.img"
    with made.open("wb") as file:
        file.truncate(16 * 1024 * 1024)
    subprocess.run(["mkfs.ext4", "-q", "-F", made], check=True)
    return made


@contextmanager
def mounted(image: Path, place: Path) -> Iterator[Path]:
    place.mkdir(exist_ok=True)
    subprocess.run(["mount", "-o", EXT4_WRITES_BACK_SELDOM, image, place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)


def after_a_power_cut(image: Path, number: int) -> dict[str, bytes]:
    """What the device holds at this moment; the page cache is lost."""
    copy = image.with_name(f"cut{number}.img")
    shutil.copyfile(image, copy)
    with mounted(copy, image.with_name(f"after{number}")) as place:
        return {path.name: path.read_bytes() for path in place.iterdir() if path.name != "lost+found"}


@pytest.mark.deep
@pytest.mark.rule("I-3", "E-83")
def test_what_was_called_written_survives_a_power_cut(image: Path, tmp_path: Path) -> None:
    with mounted(image, tmp_path / "stick") as stick:
        put(stick, FileCalls())

        assert after_a_power_cut(image, 0) == {NAME: DATA}


@pytest.mark.deep
@pytest.mark.rule("I-3", "I-20")
def test_a_power_cut_at_any_point_leaves_the_whole_file_or_no_final_name(image: Path, tmp_path: Path) -> None:
    seen: list[dict[str, bytes]] = []
    with mounted(image, tmp_path / "stick") as stick:
        put(stick, Counted(lambda number: seen.append(after_a_power_cut(image, number))))

    assert len(seen) > 5
    assert all(left.get(NAME, DATA) == DATA for left in seen)


@pytest.mark.deep
def test_the_power_cut_of_these_tests_does_lose_what_was_not_synced(image: Path, tmp_path: Path) -> None:
    """The control: without it the tests above would prove nothing."""

    class Careless(FileCalls):
        def sync(self, file: int) -> None:
            pass

    with mounted(image, tmp_path / "stick") as stick:
        put(stick, Careless())

        assert after_a_power_cut(image, 0).get(NAME) != DATA

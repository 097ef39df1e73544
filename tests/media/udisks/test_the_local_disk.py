"""The key never lands on the terminal's own disk, least of all when a mount fails or falls away (I-20, E-86)."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kiosk.errors import (
    LeftBehind,
    MediaError,
    NotTheSameStick,
    StickCorrupt,
    StickIoFailure,
    StickReadOnly,
)
from kiosk.media.calls import FileCalls
from kiosk.media.udisks.claims import Claim
from kiosk.media.udisks.sequence import write
from kiosk.media.udisks.targets import Target
from kiosk.media.writing import NewFile
from tests.media.contract import DATA, NAME, no_progress
from tests.support.loop_sticks import CommandMounts, LoopStick, an_empty_ext4, files_on, plugged_in

pytestmark = pytest.mark.deep


@pytest.fixture
def stick(tmp_path: Path) -> Iterator[LoopStick]:
    with plugged_in(tmp_path, an_empty_ext4(tmp_path / "stick.img")) as plugged:
        yield plugged


@dataclass
class FailsToMount(CommandMounts):
    """The place is there all the same, an empty directory like any other."""

    async def mount(self, target: Target, *, read_only: bool) -> bytes:
        raise StickCorrupt


@dataclass
class SaysMounted(CommandMounts):
    """The answer of a system that mounted nothing, or whose mount was taken away by the next program at once."""

    async def mount(self, target: Target, *, read_only: bool) -> bytes:
        return os.fsencode(self.place)


@dataclass
class MountsAndDetaches(CommandMounts):
    """The mount falls away before anybody has looked at it."""

    async def mount(self, target: Target, *, read_only: bool) -> bytes:
        path = await super().mount(target, read_only=read_only)
        await super().detach(target)
        return path


@dataclass
class FallsBackToReading(CommandMounts):
    """mount(8) does that, with a warning nobody reads and with exit code 0."""

    async def mount(self, target: Target, *, read_only: bool) -> bytes:
        return await super().mount(target, read_only=True)


@dataclass
class MountsALink(CommandMounts):
    """The place is a link: to the stick now, and to anything else a moment later."""

    async def mount(self, target: Target, *, read_only: bool) -> bytes:
        await super().mount(target, read_only=read_only)
        link = self.place.with_name("link")
        link.symlink_to(self.place)
        return os.fsencode(link)


def everything_below(folder: Path) -> list[tuple[str, int, int]]:
    """Of the terminal's disk: a mounted stick is looked under, never into."""
    found = []
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            facts = (Path(place) / name).lstat()
            if name != "stick.img":
                found.append((f"{place}/{name}", facts.st_mode, facts.st_size))
    return sorted(found)


@pytest.mark.rule("I-20", "E-86", "I-24")
@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (FailsToMount, StickCorrupt),
        (SaysMounted, NotTheSameStick),
        (MountsAndDetaches, NotTheSameStick),
        (FallsBackToReading, StickReadOnly),
        (MountsALink, StickIoFailure),
    ],
)
async def test_without_the_right_mount_not_a_byte_goes_anywhere(
    stick: LoopStick, tmp_path: Path, kind: type[CommandMounts], told: type[MediaError]
) -> None:
    stick.mounts = kind(stick.place)
    before = everything_below(tmp_path)

    with Claim.of(stick.plug_in) as claim, pytest.raises(MediaError) as refused:
        await write(stick.at(claim), NAME, DATA, no_progress)

    assert type(refused.value) is told
    assert refused.value.left_behind is LeftBehind.NOTHING
    (tmp_path / "link").unlink(missing_ok=True)
    assert everything_below(tmp_path) == before
    assert files_on(stick.medium, tmp_path) == {}


@pytest.mark.rule("I-20", "E-86")
@pytest.mark.parametrize("nth", range(1, 11))
async def test_a_mount_that_falls_away_in_the_middle_leaves_the_terminal_as_it_was(
    stick: LoopStick, tmp_path: Path, nth: int
) -> None:
    """The handle stays on the stick, whatever becomes of the path."""
    before = everything_below(tmp_path)
    calls = Detaching(stick.place, nth)

    with Claim.of(stick.plug_in) as claim:
        await write(stick.at(claim, calls=calls), NAME, DATA, no_progress)

    assert calls.number >= nth
    assert not stick.place.is_mount()
    assert everything_below(tmp_path) == before
    assert files_on(stick.medium, tmp_path) == {NAME: DATA}


class Detaching(FileCalls):
    """Somebody detaches the mount before the n-th call."""

    NAMES = ("create", "open", "write", "read", "sync", "rename_new", "sync_file_system")

    def __init__(self, place: Path, nth: int) -> None:
        self._place = place
        self._nth = nth
        self.number = 0

    def __getattribute__(self, name: str) -> object:
        if name in Detaching.NAMES:
            self.number += 1
            if self.number == self._nth:
                subprocess.run(["umount", "--lazy", self._place], check=False)
        return object.__getattribute__(self, name)


@pytest.mark.rule("I-20", "E-86")
def test_a_file_that_came_to_lie_on_another_device_is_taken_back_before_a_byte_is_in_it(
    tmp_path: Path,
) -> None:
    folder = os.open(tmp_path, os.O_RDONLY)
    file = NewFile(folder, NAME, FileCalls(), device=os.fstat(folder).st_dev + 1)

    with pytest.raises(NotTheSameStick):
        file.put(DATA, no_progress)

    assert [path.stat().st_size for path in tmp_path.iterdir()] == [0]
    assert file.take_back()
    assert list(tmp_path.iterdir()) == []
    file.close()
    os.close(folder)


@pytest.mark.rule("I-20", "E-86")
def test_the_tests_above_would_see_a_file_on_the_local_disk(stick: LoopStick, tmp_path: Path) -> None:
    """The control: what a program that trusts the path does."""
    before = everything_below(tmp_path)

    (stick.place / NAME).write_bytes(DATA)

    assert everything_below(tmp_path) != before

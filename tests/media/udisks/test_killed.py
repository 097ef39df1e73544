"""The program dies at every call of a write to a stick (E-85, I-2)."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest

from kiosk.media.udisks.claims import Claim
from kiosk.media.udisks.sequence import holds, write
from tests.media.contract import DATA, NAME, no_progress
from tests.support.loop_sticks import CommandMounts, LoopStick, an_empty_ext4, files_on, plugged_in
from tests.support.stick_calls import Watched, WatchedMounts, number_of_calls

pytestmark = [
    pytest.mark.deep,
    pytest.mark.filterwarnings("ignore:This process:DeprecationWarning"),  # the child execs nothing of ours
]


@pytest.mark.rule("I-2", "I-20", "E-85")
def test_killed_at_any_call_the_name_stands_for_the_whole_file_or_for_none(tmp_path: Path) -> None:
    calls = number_of_calls(tmp_path / "counted")
    assert calls > 12
    for nth in range(1, calls + 1):
        with plugged_in(fresh(tmp_path, nth), an_empty_ext4(tmp_path / "stick.img")) as stick:
            killed_while(partial(written, stick, Watched(nth=nth, before_nth=die)))
            only_the_whole_file_or_none(stick, tmp_path)


@pytest.mark.rule("I-2", "I-20", "E-85")
@pytest.mark.parametrize("nth", [1, 2, 3, 4])
def test_killed_before_any_mount_or_unmount_the_same_holds(tmp_path: Path, nth: int) -> None:
    with plugged_in(fresh(tmp_path, nth), an_empty_ext4(tmp_path / "stick.img")) as stick:
        stick.mounts = WatchedMounts(stick.place, nth=nth, before_nth=die)
        killed_while(partial(written, stick, Watched()))
        stick.mounts = CommandMounts(stick.place)
        only_the_whole_file_or_none(stick, tmp_path)


def fresh(tmp_path: Path, nth: int) -> Path:
    folder = tmp_path / f"kill{nth}"
    folder.mkdir()
    return folder


def written(stick: LoopStick, calls: Watched) -> None:
    async def work() -> None:
        with Claim.of(stick.plug_in) as claim:
            await write(stick.at(claim, calls=calls), NAME, DATA, no_progress)

    asyncio.run(work())


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def killed_while(work: Callable[[], None]) -> None:
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)


def only_the_whole_file_or_none(stick: LoopStick, tmp_path: Path) -> None:
    """Asked of the stick as the next start of the program would, after it was plugged in again."""
    kept = files_on(stick.medium, tmp_path)
    assert kept.get(NAME, DATA) == DATA
    assert len(kept) <= 1
    if stick.place.is_mount():
        subprocess.run(["umount", stick.place], check=True)
    asyncio.run(says_the_same(stick, tmp_path))


async def says_the_same(stick: LoopStick, tmp_path: Path) -> None:
    with Claim.of(stick.plug_in) as claim:
        finished = await holds(stick.at(claim), NAME, sha256(DATA).hexdigest())
    assert finished is (NAME in files_on(stick.medium, tmp_path))

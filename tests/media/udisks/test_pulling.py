"""The stick is pulled, or stops answering, at every point of a write; what is said must be what is true."""

import asyncio
import errno
import os
import threading
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from kiosk.errors import LeftBehind, MediaError, NotTheSameStick, StickInUse, StickRemoved, StickTimedOut
from kiosk.media.udisks.claims import Claim
from kiosk.media.udisks.sequence import holds, look, write
from kiosk.media.udisks.targets import Target
from tests.media.contract import DATA, MESSAGE_WITHIN, NAME, no_progress
from tests.support.faulty_disk import FaultyDisk, a_faulty_disk
from tests.support.loop_sticks import CommandMounts, LoopStick, an_empty_ext4, files_on, plugged_in
from tests.support.stick_calls import Watched, WatchedMounts, calls_of_a_write

pytestmark = pytest.mark.deep

PROMISED = 3.0
"""Seconds from the pull to the sentence on the screen."""


@pytest.fixture
def stick(tmp_path: Path) -> Iterator[LoopStick]:
    with plugged_in(tmp_path, an_empty_ext4(tmp_path / "stick.img")) as plugged:
        yield plugged


@pytest.mark.rule("E-84", "E-88", "I-20", "I-24")
async def test_pulled_before_any_call_the_whole_file_or_none_is_on_it_and_never_called_written(
    tmp_path: Path,
) -> None:
    said, seconds = set(), []
    for nth in range(1, len(await calls_of_a_write(tmp_path / "counted")) + 1):
        folder = tmp_path / f"pull{nth}"
        folder.mkdir()
        with a_failing_stick(folder) as (stick, disk):
            calls = Watched(nth=nth, before_nth=partial(pull, stick, disk))
            with Claim.of(stick.plug_in) as claim, pytest.raises(StickRemoved) as refused:
                await write(stick.at(claim, calls=calls), NAME, DATA, no_progress)
            seconds.append(time.monotonic() - stick.pulled)
            kept = files_on(stick.medium, folder)
        left = refused.value.left_behind
        said.add(left)
        assert kept.get(NAME, DATA) == DATA
        assert left is not LeftBehind.NOTHING or kept == {}, (nth, calls.made)
        assert DATA not in kept.values() or left is LeftBehind.COMPLETE_UNCONFIRMED, (nth, calls.made)
    assert said == {LeftBehind.INCOMPLETE_POSSIBLE, LeftBehind.COMPLETE_UNCONFIRMED}
    assert median(seconds) < PROMISED


@pytest.mark.rule("E-84", "E-88", "I-20", "I-24")
@pytest.mark.parametrize("nth", [1, 2, 3, 4])
async def test_pulled_before_any_mount_or_unmount_it_is_called_removed(tmp_path: Path, nth: int) -> None:
    with a_failing_stick(tmp_path) as (stick, disk):
        stick.mounts = WatchedMounts(stick.place, nth=nth, before_nth=partial(pull, stick, disk))
        with Claim.of(stick.plug_in) as claim, pytest.raises(StickRemoved) as refused:
            await write(stick.at(claim), NAME, DATA, no_progress)
        kept = files_on(stick.medium, tmp_path)

    assert refused.value.left_behind is (LeftBehind.NOTHING if nth == 1 else LeftBehind.COMPLETE_UNCONFIRMED)
    assert kept == ({} if nth == 1 else {NAME: DATA})


@pytest.mark.rule("E-84", "E-88", "I-24")
async def test_another_stick_that_came_while_it_was_mounted_gets_no_byte(stick: LoopStick) -> None:
    """Under the same name and number, before anybody asked again: what is mounted now is the other one."""
    calls = Watched()
    stick.mounts = WatchedMounts(stick.place, nth=1, before_nth=stick.put_another)

    with Claim.of(stick.plug_in) as claim, pytest.raises(NotTheSameStick) as refused:
        await write(stick.at(claim, calls=calls), NAME, DATA, no_progress)

    assert refused.value.left_behind is LeftBehind.NOTHING
    assert calls.made == []


@pytest.mark.rule("E-88")
async def test_another_stick_that_came_while_it_was_mounted_is_not_looked_into(stick: LoopStick) -> None:
    stick.mounts = WatchedMounts(stick.place, nth=1, before_nth=stick.put_another)

    with Claim.of(stick.plug_in) as claim, pytest.raises(NotTheSameStick):
        await look(stick.at(claim))


@pytest.mark.rule("E-88")
@pytest.mark.parametrize("gone", ["pull", "put_another"])
async def test_pulled_when_it_was_just_looked_into_it_is_not_called_usable(
    stick: LoopStick, gone: str
) -> None:
    """Nothing but this look stands between the stick and a certificate that cannot be taken back."""
    stick.mounts = WatchedMounts(stick.place, nth=2, before_nth=getattr(stick, gone))

    with Claim.of(stick.plug_in) as claim, pytest.raises((StickRemoved, NotTheSameStick)):
        await look(stick.at(claim))


@contextmanager
def a_failing_stick(folder: Path) -> Iterator[tuple[LoopStick, FaultyDisk]]:
    medium = an_empty_ext4(folder / "stick.img")
    with a_faulty_disk(folder, medium) as disk, plugged_in(folder, medium, file=disk.file) as stick:
        try:
            yield stick, disk
        finally:
            disk.fails()


def pull(stick: LoopStick, disk: FaultyDisk) -> None:
    disk.fails("write:ENODEV", "sync:ENODEV", "read:ENODEV")
    stick.pull()


class Hanging:
    """A kernel call that comes back when it is let, and not before."""

    def __init__(self) -> None:
        self.reached, self.let_go = threading.Event(), threading.Event()

    def __call__(self) -> None:
        self.reached.set()
        self.let_go.wait(30)


@pytest.mark.rule("E-84", "I-24")
@pytest.mark.parametrize("call", ["create", "write", "sync", "read", "rename_new", "sync_file_system"])
async def test_a_stick_pulled_while_a_call_hangs_is_told_at_once_and_the_call_is_left_behind(
    stick: LoopStick, tmp_path: Path, call: str
) -> None:
    hanging = Hanging()
    nth = (await calls_of_a_write(tmp_path / "counted")).index(call) + 1
    calls = Watched(nth=nth, before_nth=hanging)

    with Claim.of(stick.plug_in) as claim:
        writing = asyncio.create_task(write(stick.at(claim, calls=calls), NAME, DATA, no_progress))
        await asyncio.to_thread(hanging.reached.wait, 10)
        stick.pull()
        pulled = time.monotonic()
        with pytest.raises(StickRemoved) as refused:
            await writing
    assert time.monotonic() - pulled < MESSAGE_WITHIN
    assert calls.made[-1] == call
    assert refused.value.left_behind is not LeftBehind.NOTHING
    with pytest.raises(StickInUse):  # the thread may still write
        Claim.of(stick.plug_in)

    stick.put_back()
    hanging.let_go.set()
    await until_free(stick)
    # Nobody waited for it any more, so what it had put was taken back.
    assert files_on(stick.medium, tmp_path) == {}


async def until_free(stick: LoopStick) -> None:
    async with asyncio.timeout(10):
        while True:
            try:
                with Claim.of(stick.plug_in):
                    return
            except StickInUse:
                await asyncio.sleep(0.02)


@pytest.mark.rule("I-24")
async def test_a_stick_that_stops_answering_is_given_up_at_the_deadline(tmp_path: Path) -> None:
    """Not one call of ours, the medium itself: the file system waits for it in the kernel."""
    with a_failing_stick(tmp_path) as (stick, disk):
        calls = Watched()
        calls.nth, calls.before_nth = 3, partial(disk.fails, "hang")
        begun = time.monotonic()
        with Claim.of(stick.plug_in) as claim, pytest.raises(StickTimedOut) as refused:
            await write(stick.at(claim, calls=calls, deadline=1.5), NAME, DATA, no_progress)
        assert time.monotonic() - begun < 1.5 + MESSAGE_WITHIN
        assert refused.value.left_behind is LeftBehind.COMPLETE_UNCONFIRMED
        disk.fails()
        await until_free(stick)


@pytest.mark.rule("I-24")
@pytest.mark.parametrize("work", ["look", "holds"])
async def test_a_look_at_a_stick_that_is_pulled_meanwhile_ends_too(stick: LoopStick, work: str) -> None:
    hanging = asyncio.Event()

    @dataclass
    class Never(CommandMounts):
        async def mount(self, target: Target, *, read_only: bool) -> bytes:
            hanging.set()
            await asyncio.Event().wait()
            raise AssertionError

    stick.mounts = Never(stick.place)
    with Claim.of(stick.plug_in) as claim:
        at = stick.at(claim)
        asked: Coroutine[Any, Any, object] = look(at) if work == "look" else holds(at, NAME, "0" * 64)
        asking = asyncio.create_task(asked)
        await hanging.wait()
        stick.pull()
        begun = time.monotonic()
        with pytest.raises(StickRemoved):
            await asking
    assert time.monotonic() - begun < MESSAGE_WITHIN


@pytest.mark.rule("E-88")
@pytest.mark.parametrize(
    "number", [errno.EIO, errno.ENODEV, errno.ENOENT, errno.ENOSPC, errno.ESTALE, errno.EROFS]
)
@pytest.mark.parametrize("pulled", [True, False])
async def test_no_error_number_says_removed_and_none_hides_it(
    stick: LoopStick, number: int, pulled: bool
) -> None:
    def fail() -> None:
        if pulled:
            stick.pull()
        raise OSError(number, os.strerror(number))

    calls = Watched(nth=2, before_nth=fail)

    with Claim.of(stick.plug_in) as claim, pytest.raises(MediaError) as refused:
        await write(stick.at(claim, calls=calls), NAME, DATA, no_progress)

    assert isinstance(refused.value, StickRemoved) is pulled

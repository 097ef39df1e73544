"""Waiting for a stick ends when it answers, when it is gone, and at the deadline, whichever comes first."""

import asyncio
import time
from pathlib import Path

import pytest

from kiosk.errors import NotTheSameStick, StickRemoved, StickTimedOut
from kiosk.media.udisks.presence import StickPresence
from kiosk.media.udisks.references import PlugIn
from kiosk.media.udisks.waiting import Waiting
from tests.support.fake_sysfs import FakeSysfs


@pytest.fixture
def sysfs(tmp_path: Path) -> FakeSysfs:
    return FakeSysfs(tmp_path)


def a_wait(sysfs: FakeSysfs, *, seconds: float = 10.0) -> Waiting:
    seq = sysfs.plug_usb("sda")
    plug_in = PlugIn(sysfs.kernel.boot_id(), "sda", "sda", seq)
    return Waiting(StickPresence(plug_in, sysfs.kernel), time.monotonic() + seconds, 0.02)


async def never() -> None:
    await asyncio.Event().wait()


async def test_an_answer_is_handed_on_and_so_is_an_error(sysfs: FakeSysfs) -> None:
    async def answer() -> int:
        await asyncio.sleep(0.05)
        return 42

    async def fail() -> int:
        raise OSError("of the stick")

    waiting = a_wait(sysfs)
    assert await waiting.answer(answer()) == 42
    with pytest.raises(OSError, match="of the stick"):
        await waiting.answer(fail())


async def test_an_answer_that_came_counts_although_the_stick_is_gone(sysfs: FakeSysfs) -> None:
    """Whoever needs it to be there asks after the answer; an answer is never thrown away."""

    async def answer() -> str:
        sysfs.pull("sda")
        return "came"

    assert await a_wait(sysfs).answer(answer()) == "came"


@pytest.mark.rule("E-88", "I-24")
async def test_a_stick_that_goes_ends_the_waiting(sysfs: FakeSysfs) -> None:
    waiting = a_wait(sysfs)
    asyncio.get_running_loop().call_later(0.1, sysfs.pull, "sda")

    with pytest.raises(StickRemoved):
        await waiting.answer(never())


@pytest.mark.rule("E-88", "I-24")
async def test_another_stick_of_the_same_name_ends_it_too(sysfs: FakeSysfs) -> None:
    waiting = a_wait(sysfs)
    sysfs.pull("sda")
    sysfs.plug_usb("sda")

    with pytest.raises(NotTheSameStick):
        await waiting.answer(never())


@pytest.mark.rule("E-88")
async def test_after_a_new_start_of_the_machine_no_stick_is_the_same(sysfs: FakeSysfs) -> None:
    seq = sysfs.plug_usb("sda")
    before = PlugIn("11111111-2222-3333-4444-555555555555", "sda", "sda", seq)

    with pytest.raises(NotTheSameStick):
        StickPresence(before, sysfs.kernel).require()


@pytest.mark.rule("I-24")
async def test_the_deadline_is_one_for_everything_together(sysfs: FakeSysfs) -> None:
    waiting = a_wait(sysfs, seconds=0.2)
    begun = time.monotonic()

    await waiting.answer(asyncio.sleep(0.1))
    for _ in range(2):
        with pytest.raises(StickTimedOut):
            await waiting.answer(never())

    assert time.monotonic() - begun < 2


async def test_what_comes_after_it_was_given_up_disturbs_nobody(sysfs: FakeSysfs) -> None:
    async def stubborn() -> None:
        try:
            await never()
        except asyncio.CancelledError:
            raise OSError("too late") from None

    with pytest.raises(StickTimedOut):
        await a_wait(sysfs, seconds=0.05).answer(stubborn())
    await asyncio.sleep(0.05)


@pytest.mark.rule("E-88", "I-24")
async def test_an_answer_within_another_is_watched_over_by_the_outer_one(sysfs: FakeSysfs) -> None:
    waiting = a_wait(sysfs)

    async def several() -> None:
        assert await waiting.answer(asyncio.sleep(0.05, "came")) == "came"
        sysfs.pull("sda")
        await waiting.answer(never())

    with pytest.raises(StickRemoved):
        await waiting.answer(several())
    with pytest.raises(StickRemoved):  # and after it every answer is watched over again
        await waiting.answer(never())

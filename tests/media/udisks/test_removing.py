"""Deleting the unfinished file of an earlier write, and what is left when that is broken off."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.errors import StickInUse
from kiosk.media.calls import FileCalls
from kiosk.media.udisks.claims import Claim
from kiosk.media.udisks.sequence import remove_leftover
from kiosk.media.udisks.visiting import AtStick
from tests.media.contract import DATA
from tests.support.loop_sticks import LoopStick, an_empty_ext4, changed, files_on, plugged_in

pytestmark = pytest.mark.deep

LEFT = "~1a2b3c4d.tmp"


@pytest.fixture
def stick(tmp_path: Path) -> Iterator[LoopStick]:
    medium = an_empty_ext4(tmp_path / "stick.img")
    with changed(medium, tmp_path) as place:
        (place / LEFT).write_bytes(DATA)
    with plugged_in(tmp_path, medium) as plugged:
        yield plugged


def at_its_leftover(stick: LoopStick, claim: Claim, calls: FileCalls) -> AtStick:
    target = stick.target
    return stick.at(claim, target=replace(target, stick=replace(target.stick, leftover=LEFT)), calls=calls)


@pytest.mark.rule("E-84")
async def test_it_is_deleted_and_the_stick_is_let_go_of(stick: LoopStick, tmp_path: Path) -> None:
    with Claim.of(stick.plug_in) as claim:
        assert await remove_leftover(at_its_leftover(stick, claim, FileCalls()))

    assert not stick.place.is_mount()
    assert files_on(stick.medium, tmp_path) == {}


@pytest.mark.rule("E-84", "I-24")
async def test_a_deletion_that_is_broken_off_leaves_neither_a_mount_nor_a_claim(stick: LoopStick) -> None:
    going, go_on = threading.Event(), threading.Event()

    class Slow(FileCalls):
        def unlink(self, folder: int, name: str) -> None:
            going.set()
            assert go_on.wait(10)
            super().unlink(folder, name)

    async def removing() -> None:
        with Claim.of(stick.plug_in) as claim:
            await remove_leftover(at_its_leftover(stick, claim, Slow()))

    caller = asyncio.create_task(removing())
    assert await asyncio.to_thread(going.wait, 10)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert not stick.place.is_mount()

    go_on.set()
    await until_free(stick)


@pytest.mark.rule("E-84", "I-24")
async def test_a_deletion_that_fails_as_nothing_should_leaves_neither(stick: LoopStick) -> None:
    class Broken(FileCalls):
        def unlink(self, folder: int, name: str) -> None:
            raise ZeroDivisionError

    with Claim.of(stick.plug_in) as claim, pytest.raises(ZeroDivisionError):
        await remove_leftover(at_its_leftover(stick, claim, Broken()))

    assert not stick.place.is_mount()
    await until_free(stick)


async def until_free(stick: LoopStick) -> None:
    """The call that was still going on has kept the claim until its end."""
    for _ in range(200):
        try:
            Claim.of(stick.plug_in).let_go()
        except StickInUse:
            await asyncio.sleep(0.05)
        else:
            return
    pytest.fail("the stick is claimed for ever")

"""When a stick is busy, and when it may be pulled out."""

import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from kiosk.errors import (
    LeftBehind,
    MediaUnavailable,
    StickEjectFailed,
    StickInUse,
    StickRemoved,
)
from kiosk.media.calls import FileCalls
from kiosk.media.udisks.claims import Claim
from kiosk.media.udisks.ejecting import eject
from kiosk.media.udisks.presence import StickPresence
from kiosk.media.udisks.sequence import write
from kiosk.media.udisks.targets import Target
from tests.media.contract import DATA, MESSAGE_WITHIN, NAME, no_progress
from tests.support.loop_sticks import (
    CommandMounts,
    LoopStick,
    an_empty_ext4,
    files_on,
    mounted_elsewhere,
    plugged_in,
)

pytestmark = pytest.mark.deep


@pytest.fixture
def stick(tmp_path: Path) -> Iterator[LoopStick]:
    with plugged_in(tmp_path, an_empty_ext4(tmp_path / "stick.img")) as plugged:
        yield plugged


async def ejected(stick: LoopStick, **given: Any) -> None:
    with Claim.of(stick.plug_in) as claim:
        await eject(stick.at(claim, **given))


@dataclass
class Visited(FileCalls):
    """Somebody looks into the stick just when everything is written, and stays."""

    place: Path
    handle: int = -1

    def sync_file_system(self, file: int) -> None:
        super().sync_file_system(file)
        self.handle = os.open(self.place, os.O_RDONLY)


@dataclass
class PatientVisitor(CommandMounts):
    """The visitor leaves after this many tries to unmount."""

    leaves_after: int = 99
    visit: Visited = field(default_factory=lambda: Visited(Path()))

    async def unmount(self, target: Target) -> None:
        try:
            await super().unmount(target)
        except StickInUse:
            self.leaves_after -= 1
            if self.leaves_after == 0:
                os.close(self.visit.handle)
            raise


@pytest.mark.rule("E-83")
async def test_a_stick_that_is_busy_for_a_moment_is_waited_for(stick: LoopStick, tmp_path: Path) -> None:
    visit = Visited(stick.place)
    stick.mounts = PatientVisitor(stick.place, leaves_after=2, visit=visit)

    with Claim.of(stick.plug_in) as claim:
        await write(stick.at(claim, calls=visit), NAME, DATA, no_progress)

    assert files_on(stick.medium, tmp_path) == {NAME: DATA}


@pytest.mark.rule("E-83", "E-84")
async def test_a_stick_that_stays_busy_could_not_be_confirmed_and_is_let_go_of(stick: LoopStick) -> None:
    visit = Visited(stick.place)

    with Claim.of(stick.plug_in) as claim, pytest.raises(StickInUse) as failed:
        await write(stick.at(claim, calls=visit), NAME, DATA, no_progress)

    assert failed.value.left_behind is LeftBehind.COMPLETE_UNCONFIRMED
    assert not stick.place.is_mount()
    os.close(visit.handle)


@pytest.mark.rule("E-83")
async def test_it_may_be_pulled_when_it_is_unmounted_and_the_kernel_has_let_it_go(stick: LoopStick) -> None:
    with Claim.of(stick.plug_in) as claim:
        await write(stick.at(claim), NAME, DATA, no_progress)
    stick.mounts.done.clear()

    await ejected(stick)

    assert stick.mounts.done == [f"losetup --detach /dev/{stick.loop}"]
    assert not StickPresence(stick.plug_in, stick.kernel).lasts()


async def test_what_stayed_mounted_is_unmounted_first(stick: LoopStick) -> None:
    await stick.mounts.mount(stick.target, read_only=True)

    await ejected(stick)

    assert [line.split()[0] for line in stick.mounts.done] == ["mount", "umount", "losetup"]


async def test_while_somebody_is_in_it_it_must_not_be_pulled(stick: LoopStick) -> None:
    await stick.mounts.mount(stick.target, read_only=True)
    with looked_into(stick), pytest.raises(StickInUse):
        await ejected(stick)

    assert stick.place.is_mount()
    assert "--lazy" not in " ".join(stick.mounts.done)


async def test_while_it_is_written_to_it_is_not_ejected(stick: LoopStick) -> None:
    with Claim.of(stick.plug_in), pytest.raises(StickInUse):
        await ejected(stick)


async def test_a_device_that_stays_on_is_called_not_ejected(stick: LoopStick, tmp_path: Path) -> None:
    """Switched off according to the system, and still there: somebody else has it."""
    with mounted_elsewhere(stick, tmp_path / "elsewhere"), pytest.raises(StickEjectFailed):
        await ejected(stick, deadline=0.6)


@contextmanager
def looked_into(stick: LoopStick) -> Iterator[None]:
    handle = os.open(stick.place, os.O_RDONLY)
    try:
        yield
    finally:
        os.close(handle)


@dataclass
class Switch(CommandMounts):
    """A port that does something else than to switch off."""

    instead: Any = None

    async def power_off(self, target: Target) -> None:
        await self.instead()


async def fails(error: type[Exception]) -> None:
    raise error


async def is_pulled(stick: LoopStick, error: type[Exception] | None) -> None:
    await CommandMounts(stick.place).power_off(stick.target)
    stick.pull()
    if error is not None:
        raise error


async def never() -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (StickEjectFailed, StickEjectFailed),
        (MediaUnavailable, StickEjectFailed),
        (StickInUse, StickInUse),
    ],
)
async def test_a_port_that_cannot_be_switched_off_says_why(
    stick: LoopStick, error: type[Exception], told: type[Exception]
) -> None:
    stick.mounts = Switch(stick.place, instead=partial(fails, error))

    with pytest.raises(told):
        await ejected(stick)


async def test_a_port_that_does_not_answer_is_given_up(stick: LoopStick) -> None:
    stick.mounts = Switch(stick.place, instead=never)
    begun = time.monotonic()

    with pytest.raises(StickEjectFailed):
        await ejected(stick, deadline=0.5)
    assert time.monotonic() - begun < MESSAGE_WITHIN


async def test_pulled_while_the_port_does_not_answer_it_is_out_at_once(stick: LoopStick) -> None:
    async def is_pulled_and_says_nothing() -> None:
        stick.pull()
        await never()

    stick.mounts = Switch(stick.place, instead=is_pulled_and_says_nothing)

    await ejected(stick)

    assert time.monotonic() - stick.pulled < MESSAGE_WITHIN


@pytest.mark.parametrize("error", [None, StickEjectFailed, StickInUse])
async def test_pulled_after_it_was_unmounted_is_as_good_as_ejected(
    stick: LoopStick, error: type[Exception] | None
) -> None:
    stick.mounts = Switch(stick.place, instead=partial(is_pulled, stick, error))

    await ejected(stick)


async def test_pulled_before_it_was_unmounted_is_not(stick: LoopStick) -> None:
    stick.pull()

    with pytest.raises(StickRemoved):
        await ejected(stick)

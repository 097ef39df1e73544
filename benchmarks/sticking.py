"""A p12 onto a healthy stick, from the first question to switched off, against the bare calls in the same order.

`python -m benchmarks sticks`; promised: at most 1.3 times. The stick is a loop device with ext4, mounted by the same
commands on both sides, each run in the same way by the thread that wants it, so what is compared is everything that
this program does around them.
"""

import asyncio
import mmap
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks.lines import Line, compared
from kiosk.errors import MediaError, StickCorrupt
from kiosk.media.calls import FileCalls
from kiosk.media.threads import on_a_loop_apart
from kiosk.media.udisks.claims import Claim
from kiosk.media.udisks.ejecting import eject
from kiosk.media.udisks.presence import StickPresence
from kiosk.media.udisks.sequence import write
from kiosk.media.udisks.visiting import AtStick
from tests.support.loop_sticks import CommandMounts, LoopStick, an_empty_ext4, plugged_in

PROMISED: Final = 1.3
NAME: Final = "tanaka0120260302101530.p12"
DATA: Final = os.urandom(4_000)
PAGE: Final = mmap.PAGESIZE
FILESYSTEMS: Final = frozenset({"ext4"})


def measure(rounds: int) -> list[Line]:
    """The whole way and the bare calls in turn, each on a stick that was just plugged in; nothing without root."""
    if os.geteuid() != 0:
        print("sticks: not measured, only root may attach and mount one", file=sys.stderr)
        return []
    whole: list[float] = []
    bare: list[float] = []
    sides = ((whole, seconds_of_ours), (bare, seconds_of_bare_calls))
    for number in range(rounds):
        for seconds, measured in sides if number % 2 else reversed(sides):  # neither is always the first
            with a_stick() as stick:
                seconds.append(measured(stick))
    return [compared("p12 onto a stick, to switched off", whole, bare, PROMISED)]


class SameCommands(CommandMounts):
    """mount(8) as the bare side runs it. A terminal asks UDisks over its bus, where no thread waits either."""

    _is_mounted = False

    async def _run(self, *command: str, otherwise: type[MediaError] = StickCorrupt) -> None:  # noqa: ARG002  # of the base
        run(*command)
        self._is_mounted = command[0] == "mount"

    def _mounted(self) -> bool:
        return self._is_mounted  # UDisks knows, and the bare side does not ask


@contextmanager
def a_stick() -> Iterator[LoopStick]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        image = an_empty_ext4(folder / "stick.img")
        with image.open("rb+") as made:
            os.fsync(made)  # a stick that is plugged in has nothing left to store
        with plugged_in(folder, image) as stick:
            yield stick


def seconds_of_ours(stick: LoopStick) -> float:
    """As the adapter does it, from a loop that was made for it on the loop apart."""
    stick.mounts = SameCommands(stick.place)
    target, presence = (
        stick.target,
        StickPresence(stick.plug_in, stick.kernel),
    )  # found out before a stick is chosen

    def at(claim: Claim) -> AtStick:
        return AtStick(target, stick.mounts, presence, claim, FILESYSTEMS)

    async def work() -> None:
        with Claim.of(stick.plug_in) as claim:
            await write(at(claim), NAME, DATA, lambda _: None)
        with Claim.of(stick.plug_in) as claim:
            await eject(at(claim))

    begun = time.perf_counter()
    asyncio.run(on_a_loop_apart(work))
    return time.perf_counter() - begun


def seconds_of_bare_calls(stick: LoopStick) -> float:
    """One after the other, with nothing asked and nothing made sure of."""
    device, calls = f"/dev/{stick.loop}", FileCalls()
    begun = time.perf_counter()
    run("mount", "-t", "ext4", "-o", "nosuid,nodev,noexec,dirsync,commit=300", device, str(stick.place))
    folder = os.open(stick.place, os.O_RDONLY | os.O_DIRECTORY)
    file = calls.create(folder, "~bare.tmp")
    os.pwrite(file, DATA, 0)
    os.fsync(file)
    read_past_the_cache(folder, "~bare.tmp")
    calls.rename_new(folder, "~bare.tmp", NAME)
    os.fsync(file)
    os.fsync(folder)
    calls.sync_file_system(folder)
    os.close(file)
    os.close(folder)
    run("umount", str(stick.place))
    run("mount", "-t", "ext4", "-o", "ro,nosuid,nodev,noexec,commit=300", device, str(stick.place))
    folder = os.open(stick.place, os.O_RDONLY | os.O_DIRECTORY)
    read_past_the_cache(folder, NAME)
    os.close(folder)
    run("umount", str(stick.place))
    run("losetup", "--detach", device)
    return time.perf_counter() - begun


def read_past_the_cache(folder: int, name: str) -> None:
    """Into memory that begins on a page."""
    file = os.open(name, os.O_RDONLY | os.O_DIRECT, dir_fd=folder)
    with mmap.mmap(-1, 2 * PAGE) as buffer:
        came = os.preadv(file, [buffer], 0)
        assert buffer[:came] == DATA
    os.close(file)


def run(*command: str) -> None:
    """And look at nothing but whether it went well."""
    subprocess.run(command, check=True, capture_output=True, text=True)

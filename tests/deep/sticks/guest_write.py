"""In User-Mode Linux: the product's whole write, with mount(8) in the place of UDisks, and what can go wrong below."""

import asyncio
import os
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kiosk.errors import MediaError
from kiosk.media.udisks.claims import Claim
from kiosk.media.udisks.kernel import Kernel
from kiosk.media.udisks.presence import StickPresence
from kiosk.media.udisks.references import PlugIn, reference
from kiosk.media.udisks.sequence import write
from kiosk.media.udisks.targets import Target
from kiosk.media.udisks.visiting import AtStick
from kiosk.media.volumes import Stick
from tests.deep.sticks.guest_fat import CALLS, DATA, NAME, found_on
from tests.support.machines import mapper, ramstick
from tests.support.machines.telling import tell
from tests.support.machines.watched import Watch, WatchedCalls
from tests.support.machines.watched_mounts import WatchedMounts

PLACE: Final = Path("/run/place-of-the-mount")
STEPS: Final = (
    *("mount", *CALLS, "sync_file_system", "close", "unmount"),
    *("mount to read", "open", "read", "close", "unmount"),
)
"""What a write consists of, in order; after each of them the stick is pulled out once."""
KERNEL: Final = Kernel()
LIES_FROM: Final = ("", "mount", "create", "write", "sync", "close")
"""The step after which nothing is kept any more; the last one is the first reading back."""
FAILS_FROM: Final = ("", "mount", "write", "rename_new", "unmount", "mount to read")


@dataclass(frozen=True)
class Written:
    """How a write ended."""

    ended: str
    left_behind: str
    seconds: float
    on_local_disk: int
    """Files in the directory where the stick was, after it."""

    @property
    def told(self) -> dict[str, Any]:
        """For the outside."""
        return vars(self)


def target(disk: str, volume: str) -> tuple[Target, PlugIn]:
    """The stick as the adapter would have chosen it."""
    facts = KERNEL.disk(disk)
    assert facts is not None
    plug_in = PlugIn(KERNEL.boot_id(), disk, volume, facts.diskseq)
    seen = Stick(reference(plug_in), "", "", "", "STICK", "vfat", facts.size, None, None)
    return Target(seen, "", "", disk, volume), plug_in


def written(disk: str, volume: str, watch: Watch, *, require_empty: bool = True) -> Written:
    """Write the file onto that stick with the product's own sequence."""
    chosen, plug_in = target(disk, volume)
    PLACE.mkdir(exist_ok=True)

    async def through() -> tuple[str, str]:
        with Claim.of(plug_in) as claim:
            at = AtStick(
                chosen,
                WatchedMounts(watch, PLACE),
                StickPresence(plug_in, KERNEL),
                claim,
                frozenset({"vfat"}),
                WatchedCalls(watch),
                pause=0.1,
            )
            try:
                await write(at, NAME, DATA, lambda _: None, require_empty=require_empty)
            except MediaError as failure:
                return type(failure).__name__, failure.left_behind
        return "written", ""

    begun = time.monotonic()
    ended, left_behind = asyncio.run(through())
    seconds = time.monotonic() - begun
    if PLACE.is_mount():  # a stick that is gone may stay in the tree of files for a while
        subprocess.run(["umount", "--lazy", PLACE], check=True)
    return Written(ended, left_behind, seconds, len(list(PLACE.iterdir())))


def pulled(shape: tuple[str, str], after: int, then: Callable[[], object]) -> dict[str, Any]:
    """Something happens to an empty stick after so many steps; it is looked at after being put in once more."""
    volume = ramstick.formatted(shape)
    watch = Watch(after, then)
    outcome = written(volume.rstrip("1"), volume, watch)
    ramstick.pull()
    return {**outcome.told, "steps": watch.made, **found_on(ramstick.volume(ramstick.plug()))}


def swap() -> None:
    """Out and in again, faster than anybody looks."""
    ramstick.pull()
    ramstick.plug()


def locked() -> dict[str, Any]:
    """The switch on its side is closed."""
    ramstick.formatted(ramstick.FAT32)
    ramstick.pull()
    disk = ramstick.plug(locked=True)
    outcome = written(disk, ramstick.volume(disk), Watch())
    ramstick.pull()
    return {**outcome.told, **found_on(ramstick.volume(ramstick.plug()))}


def full(shape: tuple[str, str]) -> dict[str, Any]:
    """Other files leave no room."""
    volume = ramstick.formatted(shape)
    with ramstick.mounted(volume, "rw") as folder:
        ramstick.fill(folder, leaving=len(DATA) + 4096)
    outcome = written(volume.rstrip("1"), volume, Watch(), require_empty=False)
    return {**outcome.told, **found_on(volume)}


def no_place_for_a_name() -> dict[str, Any]:
    """The root directory of this FAT has 512 places; much room is free beside it."""
    volume = ramstick.formatted(ramstick.FAT16)
    with ramstick.mounted(volume, "rw") as folder:
        free = os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize
        with suppress(OSError):
            for number in range(600):
                (folder / f"F{number}").touch()
    outcome = written(volume, volume, Watch(), require_empty=False)
    return {**outcome.told, "found": found_on(volume)["found"], "free": free}


def failing(fault: str, after: int) -> dict[str, Any]:
    """From that step on the stick drops every write, or fails every call."""
    below = ramstick.formatted(ramstick.FAT16)
    with mapper.over(below) as mapped:
        if after == 0:
            mapped.becomes(fault)
        watch = Watch(after, lambda: mapped.becomes(fault))
        outcome = written(mapped.name, mapped.name, watch)
    return {**outcome.told, "steps": watch.made, **found_on(below)}


def main() -> None:
    """Everything."""
    for shape in ramstick.SHAPES:
        for number in range(len(STEPS) + 1):
            tell(what="write", shape=shape[0], after=number, **pulled(shape, number, ramstick.pull))
        tell(what="full", shape=shape[0], **full(shape))
    for step in ("mount", "rename_new", "unmount"):
        tell(what="swapped", step=step, **pulled(ramstick.FAT32, _number(step), swap))
    tell(what="locked", **locked())
    tell(what="no place for a name", **no_place_for_a_name())
    for step in LIES_FROM:
        tell(what="lies", step=step, **failing(mapper.DROPS, _number(step)))
    for step in FAILS_FROM:
        tell(what="fails", step=step, **failing(mapper.FAILS, _number(step)))


def _number(step: str) -> int:
    return STEPS.index(step) + 1 if step else 0

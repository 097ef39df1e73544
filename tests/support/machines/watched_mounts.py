"""Every mount and unmount of a write, counted like its calls."""

from pathlib import Path
from typing import Final

from kiosk.media.udisks.targets import Target
from tests.support.loop_sticks import CommandMounts
from tests.support.machines.watched import Watch

FAT_AS_UDISKS_MOUNTS_IT: Final = "umask=0077,utf8=1,flush,shortname=mixed,errors=remount-ro"


class WatchedMounts(CommandMounts):
    """The same for mounting."""

    def __init__(self, watch: Watch, place: Path, more: str = FAT_AS_UDISKS_MOUNTS_IT) -> None:
        super().__init__(place, "vfat", more)
        self._watch = watch

    async def mount(self, target: Target, *, read_only: bool) -> bytes:
        path = await super().mount(target, read_only=read_only)
        self._watch.did("mount to read" if read_only else "mount")
        return path

    async def unmount(self, target: Target) -> None:
        await super().unmount(target)
        self._watch.did("unmount")

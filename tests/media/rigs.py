"""Hands for directories that stand for sticks."""

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kiosk.errors import StickRemoved
from kiosk.media.calls import FileCalls
from kiosk.media.directory import DirectoryMedia
from kiosk.media.folders import name_in
from kiosk.media.volumes import StickRef
from tests.media.contract import DATA, NAME, no_progress
from tests.support.deep import need
from tests.support.stick_faults import CutOff

AWAY = ".pulled"
"""A hidden directory is no stick."""


@dataclass
class DirectoryRig:
    """A folder whose sub-directories are sticks."""

    media: DirectoryMedia
    mounts: list[Path] = field(default_factory=list)

    async def plug(self, label: str = "STICK-A") -> StickRef:
        (self.media.folder / label).mkdir()
        return await self.ref_of(label)

    async def plug_full(self, label: str = "STICK-A") -> StickRef:
        return await self.plug_tmpfs("size=16k", label)

    async def plug_protected(self, label: str = "STICK-A") -> StickRef:
        if os.geteuid() == 0:
            return await self.plug_tmpfs("ro", label)
        ref = await self.plug(label)
        self.where(ref).chmod(0o555)
        return ref

    async def plug_tmpfs(self, options: str, label: str = "STICK-A") -> StickRef:
        """A stick with a file system of its own."""
        need("mount")
        self._mount(options, self.media.folder / label)
        return await self.ref_of(label)

    async def pull(self, ref: StickRef) -> None:
        shutil.rmtree(self.where(ref))

    async def swap(self, ref: StickRef) -> None:
        place = self.where(ref)
        shutil.rmtree(place)
        place.mkdir()

    async def cut_off(self, ref: StickRef) -> StickRef:
        place, calls = self.where(ref), CutOff()
        calls.before_the_sync(lambda: place.rename(place.with_name(AWAY)))
        self.media.calls = calls
        with pytest.raises(StickRemoved):
            await self.media.write_verified(ref, NAME, DATA, no_progress)
        self.media.calls = FileCalls()
        place.with_name(AWAY).rename(place)
        return ref

    async def put_file(self, ref: StickRef, name: str, data: bytes) -> None:
        (self.where(ref) / name).write_bytes(data)

    async def put_folder(self, ref: StickRef, name: str) -> None:
        (self.where(ref) / name).mkdir(exist_ok=True)

    async def files(self, ref: StickRef) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.where(ref).iterdir() if path.is_file()}

    async def ref_of(self, label: str) -> StickRef:
        (ref,) = [stick.ref for stick in await self.media.list() if name_in(stick.ref) == label]
        return ref

    def _mount(self, options: str, place: Path) -> None:
        place.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], check=True)
        self.mounts.append(place)

    def where(self, ref: StickRef) -> Path:
        return self.media.folder / name_in(ref)

    def tidy_up(self) -> None:
        for place in self.mounts:
            subprocess.run(["umount", "--lazy", place], check=True)

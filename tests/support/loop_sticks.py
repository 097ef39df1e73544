"""Sticks made of loop devices: a real block device, a real file system, the kernel's own sequence number.

What a loop device cannot do is go away while it is mounted. So the tests look at the kernel through a tree of links,
and a pull takes the link away; the medium itself can be made to fail as well (`tests.support.faulty_disk`).
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

from kiosk.errors import MediaError, StickCorrupt, StickEjectFailed, StickInUse, StickReadOnly
from kiosk.media.threads import in_a_thread
from kiosk.media.udisks.claims import Claim
from kiosk.media.udisks.kernel import Kernel
from kiosk.media.udisks.presence import StickPresence
from kiosk.media.udisks.references import PlugIn, reference
from kiosk.media.udisks.targets import Target
from kiosk.media.udisks.visiting import AtStick
from kiosk.media.volumes import Stick
from tests.support.deep import need

MEGABYTES = 16
_SAFE = "nosuid,nodev,noexec"
_MEANING: tuple[tuple[str, type[MediaError]], ...] = (
    ("already mounted", StickInUse),
    ("busy", StickInUse),
    ("write-protected", StickReadOnly),
)


@dataclass
class CommandMounts:
    """`kiosk.media.udisks.mounting.Mounts` by mount(8), for root."""

    place: Path
    filesystem: str = "ext4"
    more: str = "commit=300"
    """Options of the file system: nothing is written back before it is asked for."""
    done: list[str] = field(default_factory=list)

    async def mount(self, target: Target, *, read_only: bool) -> bytes:
        options = [_SAFE, "ro" if read_only else "dirsync", *filter(None, [self.more])]
        device = f"/dev/{target.partition}"
        await self._run("mount", "-t", self.filesystem, "-o", ",".join(options), device, str(self.place))
        return os.fsencode(self.place)

    async def unmount(self, target: Target) -> None:
        if self._mounted():
            await self._run("umount", str(self.place))

    async def detach(self, target: Target) -> None:
        if self._mounted():
            await self._run("umount", "--lazy", str(self.place))

    async def power_off(self, target: Target) -> None:
        if self._mounted():
            raise StickInUse
        await self._run("losetup", "--detach", f"/dev/{target.disk}", otherwise=StickEjectFailed)

    async def is_gone(self, target: Target) -> bool:
        return not _is_attached(target.disk)

    def _mounted(self) -> bool:
        return self.place.is_mount()

    async def _run(self, *command: str, otherwise: type[MediaError] = StickCorrupt) -> None:
        self.done.append(" ".join(command))
        run = partial(subprocess.run, command, capture_output=True, text=True, check=False)
        ended: subprocess.CompletedProcess[str] = await in_a_thread(run, name="mount")
        if ended.returncode != 0:
            raise next((kind for words, kind in _MEANING if words in ended.stderr), otherwise)


@dataclass
class LoopStick:
    """One plug-in event, from `plugged_in` to `pull`."""

    loop: str
    """As in `loop3`."""
    medium: Path
    """The file that holds what reached the device."""
    place: Path
    kernel: Kernel
    plug_in: PlugIn
    mounts: CommandMounts
    pulled: float = 0.0
    """When, of `time.monotonic`."""

    @property
    def target(self) -> Target:
        stick = Stick(
            ref=reference(self.plug_in),
            vendor="LOOP",
            model="STICK",
            serial_tail="",
            label="STICK",
            filesystem=self.mounts.filesystem,
            size=MEGABYTES << 20,
            free=None,
            refusal=None,
        )
        return Target(stick, f"/block/{self.loop}", f"/drive/{self.loop}", self.loop, self.loop)

    def at(self, claim: Claim, **given: Any) -> AtStick:
        """What a piece of work needs, with short pauses."""
        usual: dict[str, Any] = {
            "target": self.target,
            "mounts": self.mounts,
            "presence": StickPresence(self.plug_in, self.kernel),
            "filesystems": frozenset({"ext4", "fuseblk"}),
            "pause": 0.05,
            "deadline": 20.0,
        }
        return AtStick(claim=claim, **{**usual, **given})

    def pull(self) -> None:
        """The kernel knows the disk no more."""
        self._link.unlink()
        self.pulled = time.monotonic()

    def put_another(self) -> None:
        """The kernel knows another disk of the same name, size and device number."""
        facts = {name: (self._link / name).read_text() for name in ("size", "ro")}
        self.pull()
        self._link.mkdir()
        facts["diskseq"] = str(self.plug_in.diskseq + 1)
        for name, text in facts.items():
            (self._link / name).write_text(text)

    def put_back(self) -> None:
        """The very one again, as no real stick can: every plug-in has its own number."""
        if not self._link.is_symlink():
            shutil.rmtree(self._link, ignore_errors=True)
            self._link.symlink_to(f"/sys/block/{self.loop}")

    @property
    def _link(self) -> Path:
        return self.kernel.sys / "block" / self.loop


@contextmanager
def plugged_in(
    folder: Path, medium: Path, *, file: Path | None = None, read_only: bool = False
) -> Iterator[LoopStick]:
    """A stick over `medium`; `file` is what is attached when that is something else (a faulty disk over it)."""
    need("root", "mount", "losetup")
    protection = ["--read-only"] if read_only else []
    device = _output("losetup", "--find", "--show", *protection, str(file or medium))
    loop = device.removeprefix("/dev/")
    place, kernel = folder / "place", Kernel(sys=_links(folder / "sys", loop))
    place.mkdir()
    seq = int(Path(f"/sys/block/{loop}/diskseq").read_text())
    plug_in = PlugIn(kernel.boot_id(), loop, loop, seq)
    try:
        yield LoopStick(loop, medium, place, kernel, plug_in, CommandMounts(place))
    finally:
        while os.path.ismount(place):
            subprocess.run(["umount", "--lazy", place], check=True)
        if Path(f"/sys/block/{loop}/diskseq").read_text().strip() == str(seq):
            subprocess.run(["losetup", "--detach", device], check=False, capture_output=True)


def an_empty_ext4(image: Path) -> Path:
    """An image in which nothing is at all, not even what mkfs leaves there."""
    image.write_bytes(_template())
    return image


@contextmanager
def changed(medium: Path, folder: Path) -> Iterator[Path]:
    """Its files, to be changed as on another computer; the device must be mounted nowhere."""
    place = folder / "another-computer"
    place.mkdir(exist_ok=True)
    subprocess.run(["mount", "-o", "loop", medium, place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)


@contextmanager
def mounted_elsewhere(stick: LoopStick, place: Path) -> Iterator[Path]:
    """Somebody else was faster."""
    place.mkdir()
    subprocess.run(["mount", f"/dev/{stick.loop}", place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)


def files_on(medium: Path, folder: Path) -> dict[str, bytes]:
    """Names and contents of what reached the device, and nothing that is only in memory."""
    copy = Path(shutil.copyfile(medium, folder / "copy.img"))
    with changed(copy, folder) as place:
        return {path.name: path.read_bytes() for path in place.iterdir()}


@cache
def _template() -> bytes:
    need("root", "mount", "mkfs.ext4")
    folder = Path(_output("mktemp", "--directory"))
    image, place = folder / "empty.img", folder / "place"
    with image.open("wb") as file:
        file.truncate(MEGABYTES << 20)
    subprocess.run(["mkfs.ext4", "-q", "-F", image], check=True)
    place.mkdir()
    subprocess.run(["mount", "-o", "loop", image, place], check=True)
    (place / "lost+found").rmdir()
    subprocess.run(["umount", place], check=True)
    made = image.read_bytes()
    shutil.rmtree(folder)
    return made


def _links(tree: Path, loop: str) -> Path:
    (tree / "block").mkdir(parents=True)
    (tree / "class").mkdir()
    (tree / "block" / loop).symlink_to(f"/sys/block/{loop}")
    (tree / "class/block").symlink_to("/sys/class/block")
    return tree


def _is_attached(loop: str) -> bool:
    return Path(f"/sys/block/{loop}/loop").exists()


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

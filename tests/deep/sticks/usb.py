"""One start of the emulated terminal for everything at its USB ports: the sticks before, and what is on them after."""

from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from tests.deep.sticks.guest_killed import KILLED_AFTER
from tests.deep.sticks.guest_kinds import LISTED
from tests.deep.sticks.guest_usb import PULLED_AFTER, PULLED_WHILE
from tests.support.machines import images, odd_images, qemu
from tests.support.machines.at_the_ports import DATA
from tests.support.machines.telling import the_one

Told = list[dict[str, Any]]


LONGEST: Final = 1200.0
"""Seconds; on a quiet machine it takes four minutes."""
HOSTILE: Final = b"\x1b[2J\x07\xff[b]xy"
"""Eleven bytes: clears a terminal, rings, is text in no encoding, and looks like markup."""
_PLAIN: Final = {
    "way-fat32": "fat32",
    "way-exfat": "exfat",
    "two-first": "fat32",
    "two-second": "fat32",
    "clone-a": "fat32",
    "clone-b": "fat32",
    "slow": "fat32",
    "slow-pulled": "fat32",
    "failing-5": "fat32",
    "failing-28": "fat32",
    "refused-locked": "fat32",
    "refused-fixed": "fat32",
    "refused-ntfs": "ntfs",
    "refused-ext4": "ext4",
    "refused-blank": "blank",
    "refused-disc": "blank",
    **{f"killed-{call.replace(': ', '-')}": "fat32" for call in KILLED_AFTER},
    **{f"list-{name}": "fat32" for name in LISTED},
    **{f"pulled-{kind}-{call.replace(': ', '-')}": kind for kind, call in PULLED_AFTER},
    **{f"pulled-while-{step}": "fat32" for step in PULLED_WHILE},
}


def run(place: Path) -> Told:
    """Make the sticks, let everything happen, look at the sticks; what was told. Raises `MachineFailed`."""
    for name, filesystem in _PLAIN.items():
        images.make(place / f"{name}.img", filesystem)
    images.relabel(images.make(place / "hostile.img", "fat32"), HOSTILE)
    images.fill(images.make(place / "full.img", "fat32"), leaving=4096)
    for kind in ("luks", "bitlocker"):
        odd_images.encrypted(place / f"refused-{kind}.img", kind)
    for kind in ("pieces", "efi"):
        odd_images.in_pieces(place / f"refused-{kind}.img", efi=kind == "efi")
    odd_images.bare(place / "bare.img")
    told = qemu.run("tests.deep.sticks.guest_usb", place, LONGEST, compiled=True)
    kinds = _PLAIN | {"hostile": "fat32", "full": "fat32"}
    readable = {name: kind for name, kind in kinds.items() if kind in {"fat32", "exfat"}}
    return told + [
        {"what": f"image {name}", "files": _files(place, name, kind)} for name, kind in readable.items()
    ]


def _files(place: Path, name: str, kind: str) -> dict[str, str]:
    read = images.files_on_exfat if kind == "exfat" else images.files_on_fat
    return {file: _said(data) for file, data in read(place / f"{name}.img").items()}


def _said(data: bytes) -> str:
    return "whole" if data == DATA else f"{len(data)} bytes, {sha256(data).hexdigest()}"


def played(in_qemu: Told, what: str) -> dict[str, Any]:
    """What happened in a scene; a scene that broke off fails here."""
    scene = the_one(in_qemu, what=what)
    assert "failed" not in scene, scene["failed"]
    return scene


def files_on(in_qemu: Told, image: str) -> dict[str, str]:
    """What another computer finds on the stick afterwards."""
    return dict(the_one(in_qemu, what=f"image {image}")["files"])

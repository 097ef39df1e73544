"""One start of the emulated terminal for everything at its USB ports: the sticks before, and what is on them after."""

from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from tests.deep.sticks.guest_usb import PULLED_AFTER, PULLED_WHILE, REFUSED
from tests.support.machines import images, qemu
from tests.support.machines.at_the_ports import DATA

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
    "refused-blank": "blank",
    **{f"pulled-{kind}-{call.replace(': ', '-')}": kind for kind, call in PULLED_AFTER},
    **{f"pulled-while-{step}": "fat32" for step in PULLED_WHILE},
}


def run(place: Path) -> list[dict[str, Any]]:
    """Make the sticks, let everything happen, look at the sticks; what was told. Raises `MachineFailed`."""
    assert {f"refused-{kind}" for kind in REFUSED} <= set(_PLAIN)
    for name, filesystem in _PLAIN.items():
        images.make(place / f"{name}.img", filesystem)
    images.relabel(images.make(place / "hostile.img", "fat32"), HOSTILE)
    images.fill(images.make(place / "full.img", "fat32"), leaving=4096)
    told = qemu.run("tests.deep.sticks.guest_usb", place, LONGEST)
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

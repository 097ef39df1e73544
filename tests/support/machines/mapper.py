"""A device over another one that can be made to lie or to fail while a file system is mounted from it; in a guest."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

DROPS: Final = "drops writes"
FAILS: Final = "fails every call"
_NAME: Final = "madoguchi"


@dataclass(frozen=True)
class Mapped:
    """Healthy at first."""

    name: str
    """The kernel's (`dm-0`)."""
    below: str
    sectors: int

    def becomes(self, fault: str) -> None:
        """Without anybody above being told."""
        _dmsetup("suspend", "--noflush", "--nolockfs", _NAME)
        _dmsetup("load", _NAME, "--table", self.table(fault))
        _dmsetup("resume", _NAME)

    def table(self, fault: str = "") -> str:
        """What device-mapper is told."""
        kinds = {
            DROPS: f"flakey /dev/{self.below} 0 0 3600 1 drop_writes",
            FAILS: "error",
        }
        return f"0 {self.sectors} {kinds.get(fault, f'linear /dev/{self.below} 0')}"


@contextmanager
def over(below: str) -> Iterator[Mapped]:
    """On top of `/dev/BELOW`."""
    sectors = int(Path("/sys/class/block", below, "size").read_text())
    _dmsetup("create", _NAME, "--table", Mapped("", below, sectors).table())
    numbers = _dmsetup("info", "--columns", "--noheadings", "-o", "blkdevname", _NAME)
    try:
        yield Mapped(numbers.strip(), below, sectors)
    finally:
        _dmsetup("remove", "--force", "--retry", _NAME)


def _dmsetup(verb: str, *rest: str) -> str:
    command = ["dmsetup", verb, "--noudevsync", "--noudevrules", *rest]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout

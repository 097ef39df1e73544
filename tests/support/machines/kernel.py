"""Debian's kernel for an emulated terminal, as `.ci/debian-kernel` unpacks it, and the files it starts with."""

import gzip
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from tests.support.deep import refuse

PROJECT: Final = Path(__file__).resolve().parents[3]
PLACE: Final = PROJECT / ".cache" / "debian-kernel"
_NEEDED: Final = ("virtio_pci", "9pnet_virtio", "9p", "overlay", "virtio_blk", "crc32c_generic", "ext4")
"""To reach the disk of the machine outside; everything else is loaded from there."""


@dataclass(frozen=True)
class Kernel:
    """One version, not installed."""

    place: Path
    image: Path

    @classmethod
    def found(cls) -> Self:
        """The one in the cache. Without it: a loud skip on a laptop, a failure in CI."""
        image = next(iter((PLACE / "boot").glob("vmlinuz-*")), None)
        if image is None:
            refuse("a kernel (run .ci/debian-kernel)")
        return cls(PLACE, image)

    @property
    def drivers(self) -> Path:
        """The folder that modprobe would look into."""
        return self.place / "lib" / "modules" / self.image.name.removeprefix("vmlinuz-")

    def first_files(self, scratch: Path) -> Path:
        """An initramfs with busybox, the drivers needed to see more, and the first program."""
        root = scratch / "first"
        shutil.rmtree(root, ignore_errors=True)
        for folder in ("bin", "modules"):
            (root / folder).mkdir(parents=True)
        busybox = shutil.which("busybox")
        assert busybox is not None
        shutil.copy(busybox, root / "bin" / "busybox")
        shutil.copy(Path(__file__).with_name("first.sh"), root / "init")
        drivers = list(dict.fromkeys(path for name in _NEEDED for path in self._with_what_it_needs(name)))
        for driver in drivers:
            shutil.copy(driver, root / "modules")
        (root / "modules" / "order").write_text("".join(f"{driver.name}\n" for driver in drivers))
        return _packed(root, scratch / "first.gz")

    def _with_what_it_needs(self, name: str) -> Iterator[Path]:
        """Drivers in the order to load them."""
        for line in (self.drivers / "modules.dep").read_text().splitlines():
            path, _, needs = line.partition(":")
            if Path(path).name.partition(".")[0].replace("-", "_") == name:
                yield from (self.drivers / need for need in reversed(needs.split()))
                yield self.drivers / path


def _packed(root: Path, into: Path) -> Path:
    names = "\n".join(str(path.relative_to(root)) for path in sorted(root.rglob("*")))
    packed = subprocess.run(
        ["busybox", "cpio", "-o", "-H", "newc"],
        cwd=root,
        input=names.encode(),
        capture_output=True,
        check=True,
    )
    into.write_bytes(gzip.compress(packed.stdout, compresslevel=1))
    return into

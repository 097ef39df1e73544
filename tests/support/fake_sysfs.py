"""A /sys and a /proc in a folder, shaped like the kernel's: disks that come and go as a test says."""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from kiosk.media.udisks.kernel import Kernel

BOOT_ID: Final = "4141516b-4a8c-4544-b7bd-d4cf90987ed0"
MASS_STORAGE: Final = "080650"
KEYBOARD: Final = "030101"
MIB: Final = 1024 * 1024


@dataclass
class FakeSysfs:
    """Disks are plugged by name; whatever is not said is what an ordinary stick says."""

    folder: Path
    seq: int = 8
    """The `diskseq` of the last disk that came."""
    _places: dict[str, Path] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        for place in ("sys/block", "sys/class/block", "sys/devices", "proc/self", "proc/sys/kernel/random"):
            (self.folder / place).mkdir(parents=True)
        self._write("proc/sys/kernel/random/boot_id", BOOT_ID)
        self.say_mounts()
        self.say_swaps()

    @property
    def kernel(self) -> Kernel:
        return Kernel(self.folder / "sys", self.folder / "proc")

    def plug_usb(
        self,
        name: str = "sda",
        *,
        partitions: Sequence[str] | None = None,
        size: int = 64 * MIB,
        read_only: bool = False,
        interfaces: Sequence[str] = (MASS_STORAGE,),
        ids: tuple[str, str] = ("0951", "1666"),
        serial: str = "AB12CD34EF56",
        port: str = "1-2",
        number: tuple[int, int] = (8, 0),
        partition_number: tuple[int, int] | None = None,
    ) -> int:
        """A disk at a USB port with one partition if nothing else is said; partitions have the numbers after its own.

        Returns its diskseq.
        """
        partitions = (f"{name}1",) if partitions is None else partitions
        device = f"sys/devices/pci0000:00/0000:00:14.0/usb1/{port}"
        for at, codes in enumerate(interfaces):
            for part, code in zip(
                ("Class", "SubClass", "Protocol"), (codes[:2], codes[2:4], codes[4:]), strict=True
            ):
                self._write(f"{device}/{port}:1.{at}/bInterface{part}", code)
        for entry, text in (("idVendor", ids[0]), ("idProduct", ids[1]), ("serial", serial)):
            self._write(f"{device}/{entry}", text)
        place = f"{device}/{port}:1.0/host0/target0:0:0/0:0:0:0/block/{name}"
        return self.plug_at(
            place,
            name,
            partitions=partitions,
            size=size,
            read_only=read_only,
            number=number,
            partition_number=partition_number,
        )

    def plug_inside(
        self, name: str, *, partitions: Sequence[str] = (), number: tuple[int, int] = (254, 0)
    ) -> int:
        """A disk that does not hang on a USB port: built in, or nothing but a file."""
        return self.plug_at(f"sys/devices/virtual/block/{name}", name, partitions=partitions, number=number)

    def plug_at(
        self,
        place: str,
        name: str,
        *,
        partitions: Sequence[str] = (),
        size: int = 64 * MIB,
        read_only: bool = False,
        number: tuple[int, int] = (8, 0),
        partition_number: tuple[int, int] | None = None,
    ) -> int:
        """A disk at any place of the tree. Returns its diskseq."""
        self.seq += 1
        for at, block in enumerate((name, *partitions)):
            inside = place if at == 0 else f"{place}/{block}"
            for entry, value in (("size", size // 512), ("ro", int(read_only))):
                self._write(f"{inside}/{entry}", str(value))
            major, minor = partition_number if at and partition_number else (number[0], number[1] + at)
            self._write(f"{inside}/dev", f"{major}:{minor}")
            (self.folder / inside / "holders").mkdir()
            if at:
                self._write(f"{inside}/partition", str(at))
            (self.folder / "sys/class/block" / block).symlink_to(self.folder / inside)
        self._write(f"{place}/diskseq", str(self.seq))
        (self.folder / "sys/block" / name).symlink_to(self.folder / place)
        self._places[name] = self.folder / place
        return self.seq

    def pull(self, name: str) -> None:
        """The disk is gone at once, as after a hand."""
        place = self._places.pop(name)
        for folder in ("sys/block", "sys/class/block"):
            for link in (self.folder / folder).iterdir():
                if link.readlink() == place or place in link.readlink().parents:
                    link.unlink()
        shutil.rmtree(next((above for above in place.parents if (above / "idVendor").exists()), place))

    def protect(self, name: str) -> None:
        """Slide its switch."""
        (self._places[name] / "ro").write_text("1\n")

    def hold(self, name: str, holder: str, partition: str = "") -> None:
        """Something is built on top of the disk or of a partition of it."""
        (self._places[name] / partition / "holders" / holder).mkdir()

    def say_mounts(self, *lines: str) -> None:
        """What is mounted, in the kernel's own words."""
        self._write("proc/self/mountinfo", "\n".join(lines))

    def say_swaps(self, *devices: str) -> None:
        """Which devices hold swap."""
        head = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority"
        self._write("proc/swaps", "\n".join((head, *(f"{name} partition 1048572 0 -2" for name in devices))))

    def _write(self, file: str, text: str) -> None:
        place = self.folder / file
        if not place.parent.is_dir():
            place.parent.mkdir(parents=True)
        place.write_bytes(os.fsencode(text) + b"\n")

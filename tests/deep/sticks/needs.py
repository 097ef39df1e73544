"""What the machines of these tests are made of."""

from tests.support.deep import need
from tests.support.machines.kernel import Kernel


def need_uml() -> None:
    """User-Mode Linux and what formats its sticks."""
    need("linux.uml", "mkfs.vfat", "sfdisk", "dmsetup")


def need_an_emulated_terminal() -> None:
    """QEMU, a kernel, what a branch's terminal runs, and what makes and reads sticks."""
    need(
        "qemu-system-x86_64",
        "busybox",
        "mkfs.vfat",
        "mkfs.exfat",
        "mkfs.ext4",
        "mkfs.ntfs",
        "sfdisk",
        "mcopy",
    )
    need("udevadm", "pkcheck", "dbus-daemon", "udisksctl", "root", "mount", "mount.exfat-fuse")
    Kernel.found()

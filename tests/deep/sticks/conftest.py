"""Each kind of machine is started once for the whole test run."""

from typing import Any

import pytest

from tests.deep.sticks import usb
from tests.support.deep import need
from tests.support.machines import uml
from tests.support.machines.kernel import Kernel
from tests.support.machines.once import once


@pytest.fixture(scope="session")
def in_uml(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Everything that happened in one start of User-Mode Linux."""
    need("linux.uml", "mkfs.vfat", "sfdisk", "dmsetup")
    return once(tmp_path_factory, "uml", lambda place: uml.run("tests.deep.sticks.guest_uml", place))


@pytest.fixture(scope="session")
def in_qemu(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Everything that happened in one start of the emulated terminal."""
    need("qemu-system-x86_64", "busybox", "mkfs.vfat", "mkfs.exfat", "mkfs.ntfs", "sfdisk", "mcopy")
    need("udevadm", "pkcheck", "dbus-daemon", "udisksctl", "root", "mount", "mount.exfat-fuse")
    Kernel.found()
    return once(tmp_path_factory, "usb", usb.run)

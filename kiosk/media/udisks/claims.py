"""One piece of work at a time on one USB stick: in this program, and in every other one that is of this kind."""

import fcntl
import os
from contextlib import suppress
from typing import Final, NamedTuple, Self

from kiosk.errors import MediaUnavailable, StickInUse
from kiosk.media import claims
from kiosk.media.udisks.kernel import Kernel
from kiosk.media.udisks.references import PlugIn

_KERNEL: Final = Kernel()


class Disk(NamedTuple):
    """A whole disk, whichever of its partitions is meant."""

    boot_id: str
    name: str
    diskseq: int


class Claim(claims.Claim):
    """`kiosk.media.claims.Claim` that other programs see, too.

    What is locked is the kernel's own entry of the disk: it needs no place to lie in, and the kernel unlocks it when
    the program dies, but not before the last call of it that hangs has ended.
    """

    @classmethod
    def of(cls, plug_in: PlugIn, kernel: Kernel = _KERNEL) -> Self:
        """Raises `StickInUse` while somebody else works on that stick, through any of its partitions.

        `MediaUnavailable` where the system does not let it be asked: nothing is claimed then.
        """
        claim = cls.on(Disk(plug_in.boot_id, plug_in.disk, plug_in.diskseq))
        try:
            lock = _locked(kernel, plug_in.disk, fcntl.LOCK_EX)
        except BlockingIOError:
            claim.let_go()
            raise StickInUse from None
        except OSError:
            claim.let_go()
            raise MediaUnavailable from None
        if lock is not None:
            claim.until_freed.callback(os.close, lock)
        return claim


def disks_at_work() -> frozenset[str]:
    """The kernel's names of the disks that this program works on at this moment: their mounts are its own."""
    return frozenset(key.name for key in claims.claimed() if isinstance(key, Disk))


def is_at_work_elsewhere(disk: str, kernel: Kernel) -> bool:
    """Whether another program works on that disk at this moment."""
    if disk in disks_at_work():
        return False
    try:
        lock = _locked(kernel, disk, fcntl.LOCK_SH)
    except BlockingIOError:
        return True
    if lock is not None:
        os.close(lock)
    return False


def _locked(kernel: Kernel, disk: str, how: int) -> int | None:
    """None for a disk that is not there. Raises `BlockingIOError` while another program has the lock."""
    with suppress(FileNotFoundError, NotADirectoryError):
        lock = os.open(f"{kernel.sys}/block/{disk}/diskseq", os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(lock, how | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            raise
        return lock
    return None

"""One piece of work at a time on one stick, in the whole program."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from types import TracebackType
from typing import Final, Self, TypeVar

from kiosk.errors import StickInUse
from kiosk.media.udisks.references import PlugIn

T = TypeVar("T")
Stick = tuple[str, str, int]

_held: Final[dict[Stick, int]] = {}
_lock: Final = Lock()


@dataclass(frozen=True)
class Claim:
    """The right to work on one stick, until it is left and everything begun under it has ended."""

    stick: Stick

    @classmethod
    def of(cls, plug_in: PlugIn) -> Self:
        """Raises `StickInUse` while somebody else works on that stick, through any of its partitions."""
        claim = cls((plug_in.boot_id, plug_in.disk, plug_in.diskseq))
        with _lock:
            if claim.stick in _held:
                raise StickInUse
            _held[claim.stick] = 1
        return claim

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.let_go()

    def under(self, work: Callable[[], T]) -> Callable[[], T]:
        """`work`, which keeps the claim until it ends: it may hang in the kernel long after it was given up.

        Whoever never begins it calls `let_go` instead.
        """
        with _lock:
            _held[self.stick] += 1

        def kept() -> T:
            try:
                return work()
            finally:
                self.let_go()

        return kept

    def let_go(self) -> None:
        """Of one share of the claim; the last one frees the stick."""
        with _lock:
            _held[self.stick] -= 1
            if _held[self.stick] == 0:
                del _held[self.stick]


def disks_at_work() -> frozenset[str]:
    """The kernel's names of the disks that this program works on at this moment: their mounts are its own."""
    with _lock:
        return frozenset(disk for _, disk, _ in _held)

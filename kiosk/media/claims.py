"""One piece of work at a time on one stick, in the whole program, whatever kind of stick it is."""

from collections.abc import Callable, Hashable
from contextlib import ExitStack
from dataclasses import dataclass, field
from threading import Lock
from types import TracebackType
from typing import Final, Self, TypeVar

from kiosk.errors import MediaUnavailable, StickInUse
from kiosk.media.threads import in_a_loose_thread

T = TypeVar("T")

_shares: Final[dict[Hashable, int]] = {}
_lock: Final = Lock()


@dataclass(frozen=True)
class Claim:
    """The right to work on one stick, until it is left and everything begun under it has ended."""

    key: Hashable
    until_freed: ExitStack = field(default_factory=ExitStack, compare=False, repr=False)
    """Closed when the stick is free again."""

    @classmethod
    def on(cls, key: Hashable) -> Self:
        """Raises `StickInUse` while somebody else works on the stick that `key` stands for."""
        with _lock:
            if key in _shares:
                raise StickInUse
            _shares[key] = 1
        return cls(key)

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
            _shares[self.key] += 1

        def kept() -> T:
            try:
                return work()
            finally:
                self.let_go()

        return kept

    async def in_a_thread(self, work: Callable[[], T]) -> T:
        """`work` in a thread that keeps the claim, and may be left behind by whoever waits and by the program's end.

        Raises what the work raises, and `MediaUnavailable` when no thread could be had.
        """
        begun = False

        def first() -> T:
            nonlocal begun
            begun = True
            return work()

        kept = self.under(first)
        try:
            return await in_a_loose_thread(kept)
        except MediaUnavailable:
            if not begun:
                self.let_go()
            raise

    def let_go(self) -> None:
        """Of one share of the claim; the last one frees the stick."""
        with _lock:
            _shares[self.key] -= 1
            if _shares[self.key] == 0:
                self.until_freed.close()
                del _shares[self.key]


def claimed() -> frozenset[Hashable]:
    """What this program works on at this moment."""
    with _lock:
        return frozenset(_shares)

"""What the registry notes about a list that is out, while whoever waited for the list goes on."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Self


class NoteTaker:
    """A thread that waits for the note of one list; to start it takes longer than to hand the note over."""

    def __init__(self) -> None:
        self._thread: Thread | None = None
        self._given: SimpleQueue[Callable[[], None] | None] = SimpleQueue()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._given.put(None)  # when there was no note after all

    def stand_by(self) -> None:
        """Start it, while there is something else to wait for."""
        if self._thread is None:
            # no daemon: a program that comes to its end waits for it
            thread = Thread(target=self._take, name="crl-note")
            try:
                thread.start()
            except RuntimeError:  # no more threads: then the one who waits does it
                return
            self._thread = thread

    def give(self, note: Callable[[], None]) -> Thread | None:
        """Have the note stored, which raises nothing; the thread that does it, None when it is done already."""
        self.stand_by()
        if self._thread is None:
            note()
        else:
            self._given.put(note)
        return self._thread

    def _take(self) -> None:
        note = self._given.get()
        if note is not None:
            note()


@dataclass
class Noting:
    """The note that is being stored, in a thread of its own; one at a time, for it holds the lock of the list's row."""

    _thread: Thread | None = field(default=None, repr=False)

    def begin(
        self,
        note: Callable[[], None],
        transaction: ExitStack,
        tell: Callable[[Exception], None],
        taker: NoteTaker,
    ) -> None:
        """Do `note` and end the transaction that it belongs to; what goes wrong there is told, never raised."""

        def store() -> None:
            try:
                with transaction:
                    note()
            except Exception as failure:  # noqa: BLE001  # in a thread of its own nobody else would hear of it
                tell(failure)

        self._thread = taker.give(store)

    def settle(self) -> None:
        """Wait until it is stored, or told why not; several may wait for the same."""
        thread = self._thread
        if thread is not None:
            thread.join()

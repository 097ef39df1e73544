"""What the registry notes about a list that is out, while whoever waited for the list goes on."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from threading import Thread


@dataclass
class Noting:
    """The note that is being stored, in a thread of its own; one at a time, for it holds the lock of the list's row."""

    _thread: Thread | None = field(default=None, repr=False)

    def begin(
        self, note: Callable[[], None], transaction: ExitStack, tell: Callable[[Exception], None]
    ) -> None:
        """Do `note` and end the transaction that it belongs to; what goes wrong there is told, never raised."""

        def store() -> None:
            try:
                with transaction:
                    note()
            except Exception as failure:  # noqa: BLE001  # in a thread of its own nobody else would hear of it
                tell(failure)

        # no daemon: a program that comes to its end waits for it
        thread = Thread(target=store, name="crl-note")
        try:
            thread.start()
        except RuntimeError:  # no more threads: then the one who waits does it
            store()
        else:
            self._thread = thread

    def settle(self) -> None:
        """Wait until it is stored, or told why not; several may wait for the same."""
        thread = self._thread
        if thread is not None:
            thread.join()

"""A thread beside the one that somebody waits for: a list is drafted in it, and noted once it is out."""

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from typing import TypeVar

Made = TypeVar("Made")


class Beside:
    """One thread that is kept: what it is given is done in this order, and the program does not end before."""

    def __init__(self) -> None:
        self._noted: Future[None] | None = None
        self._open()

    def do(self, work: Callable[[], Made]) -> "Future[Made]":
        """Have it done; where no thread can be had it is done before this returns."""
        if (
            self._process != os.getpid()
        ):  # the thread stayed behind in the process that this one was forked from
            self._open()
        try:
            return self._pool.submit(work)
        except RuntimeError:
            self._open()  # the old one would do it a second time
            return _done(work)

    def note(
        self, note: Callable[[], None], transaction: ExitStack, tell: Callable[[Exception], None]
    ) -> None:
        """Do `note` and end the transaction that it belongs to; what goes wrong there is told, never raised.

        One at a time, for it holds the lock of the list's row.
        """

        def store() -> None:
            try:
                with transaction:
                    note()
            except Exception as failure:  # noqa: BLE001  # in a thread of its own nobody else would hear of it
                tell(failure)

        self._noted = self.do(store)

    def settle(self) -> None:
        """Wait until the last note is stored, or told why not; several may wait for the same."""
        if self._noted is not None:
            self._noted.result()

    def _open(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="crl")
        self._process = os.getpid()


def _done(work: Callable[[], Made]) -> "Future[Made]":
    done = Future[Made]()
    try:
        done.set_result(work())
    except BaseException as failure:  # noqa: BLE001  # raised again where the result is asked for
        done.set_exception(failure)
    return done

"""Several presses in one fixed order of their transactions: each is a generator that yields before every transaction.

A press runs in a thread of its own, but only while its generator is being advanced, so one order gives one history.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from queue import SimpleQueue
from random import Random
from threading import Thread
from typing import Final

from sqlmodel import Session

from db.database import Database, open_database

_WAITS: Final = object()
_DONE: Final = object()


class SteppedDatabase(Database):
    """A registry whose transactions wait for their turn, once somebody keeps turns."""

    @classmethod
    def opened(cls, url: str) -> "SteppedDatabase":
        """Like `open_database`."""
        made = open_database(url)
        return cls(made.engine, made.looking, made.engine.url)

    turns: "Turns | None" = None

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """The transaction of the parent, in its turn."""
        if self.turns is not None:
            self.turns.wait()
        with super().transaction() as session:
            yield session


class Turns:
    """Hands the turn to a press and takes it back before its next transaction."""

    def __init__(self) -> None:
        self._go: SimpleQueue[object] = SimpleQueue()
        self._said: SimpleQueue[object] = SimpleQueue()

    def wait(self) -> None:
        """Called by the press: let others go first."""
        self._said.put(_WAITS)
        self._go.get()

    def steps(self, act: Callable[[], object]) -> Iterator[None]:
        """Run `act`, yielding before each of its transactions."""
        thread = Thread(target=self._run, args=(act,), daemon=True)
        thread.start()
        while self._said.get() is _WAITS:
            yield
            self._go.put(None)
        thread.join()

    def _run(self, act: Callable[[], object]) -> None:
        try:
            act()
        finally:
            self._said.put(_DONE)


def interleaved(presses: Sequence[Iterator[None]], order: Random) -> tuple[int, ...]:
    """Advance the presses in an order drawn from `order` until all have ended; the order, by place."""
    running = dict(enumerate(presses))
    history = []
    while running:
        place = order.choice(list(running))
        history.append(place)
        if next(running[place], _DONE) is _DONE:
            del running[place]
    return tuple(history)

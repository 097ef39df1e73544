"""The next list before it is signed: its entries, its files and its hash, all of which need no key."""

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Self

from cryptography import x509

from kiosk.pki.ca_files import ListAhead, PemAhead
from kiosk.pki.crl_reading import HashAhead
from kiosk.services.crl._beside import Beside
from kiosk.services.crl._orders import Ordered
from kiosk.services.crl.entries import InForce, Taken


class Draft:
    """A list that is ordered; whatever of it was not put in place is gone after the block."""

    def __init__(
        self,
        beside: Beside,
        folder: Path,
        wanted: Ordered,
        ca: x509.Certificate,
        *,
        begin: int,
        before: PemAhead | None,
    ) -> None:
        """`begin` is the octet at which the entries began in the last list, whose lines are `before`."""
        self.wanted = wanted
        self.ahead = ListAhead(folder, wanted.order.entries, begin, before)
        self.hashed = HashAhead(wanted.order, ca)
        self._beside = beside
        self._reckoned: Future[None] | None = None
        self._handed_over: Future[None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.settle()
        self.ahead.give_up()

    def begin(self) -> None:
        """Make lines and hash in the other thread.

        Nothing is written: the disk would do that first, before the commit of whoever waits at that moment.
        """
        self._reckoned = self._beside.do(self._reckon)

    def make(self) -> None:
        """Make the rest and write the files; the disk begins with them, which `settle` waits for."""
        if self._reckoned is None:
            self._reckon()
        else:
            self._reckoned.result()
        self.ahead.make()
        self._handed_over = self._beside.do(self.ahead.hand_over)

    def settle(self) -> None:
        """Wait until nothing of it is at work."""
        for done in (self._reckoned, self._handed_over):
            if done is not None:
                done.exception()

    def _reckon(self) -> None:
        self.ahead.pem.make()
        self.hashed.make()


class NextList:
    """The list of one revocation, drafted while the revocation is stored, signed and published once it is."""

    def __init__(
        self,
        beside: Beside,
        draft: Callable[[Taken], Draft | None],
        publish: Callable[["NextList"], InForce | None],
    ) -> None:
        self._beside = beside
        self._draft = draft
        self._publish = publish
        self._drafted: Future[Draft | None] | None = None

    def begin(self, taken: Taken) -> None:
        """Draft it in another thread; nothing waits for that, and nobody reads a draft."""
        self._drafted = self._beside.do(lambda: self._begun(taken))

    def publish(self) -> InForce | None:
        """Sign and publish it; None when there is no list now, which is journaled and tried again later."""
        return self._publish(self)

    def draft(self) -> Draft | None:
        """What was begun with; None when the list is not just the one before and one entry more."""
        return None if self._drafted is None else self._drafted.result()

    def give_up(self) -> None:
        """Let go of a draft that came to nothing."""
        if self._drafted is not None and self._drafted.exception() is None:
            draft = self._drafted.result()
            if draft is not None:
                draft.settle()
                draft.ahead.give_up()

    def _begun(self, taken: Taken) -> Draft | None:
        draft = self._draft(taken)
        if draft is not None:
            draft.begin()
        return draft

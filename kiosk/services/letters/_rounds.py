"""Many letters over one line: while one is on its way, what became of those before it is stored."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from db.queries.outbox import Claimed
from kiosk.errors import DatabaseUnavailable, KioskError, OutcomeUnknown
from kiosk.mail.delivery import Line, Mailer
from kiosk.rules.notices import NoticeState
from kiosk.secret import Secret
from kiosk.services.letters._mailing import LEAST_LEASE, Batch, Post, Result
from kiosk.services.letters._stubs import Stub, Stubs, kept_in, take_over

MOST_CLAIMED: Final = 25
"""Letters a mailer takes together: an urgent one that is queued meanwhile waits for so many at most."""
STORED_TOGETHER: Final = 8
"""Letters whose end is stored in one transaction, while as many more leave."""
UNSTORED_S: Final = 0.2
"""Seconds after which an end is stored alone."""
STORED_AFTER: Final = (0.2, 1.0, 5.0, 20.0)
"""Seconds between tries to store what the server took; together less than a lease."""

TakeCode = Callable[[int], Secret | None]
"""Gives the code of a letter, once, where it is known."""


@dataclass(frozen=True, kw_only=True)
class Round:
    """What came of the letters that were due."""

    sent: int = 0
    failed: int = 0
    """Refused for good, or given up."""
    put_off: int = 0
    """Queued again."""
    server_away: bool = field(default=False, compare=False)
    """It ended early, because no letter would have got through."""

    def __add__(self, other: "Round") -> "Round":
        return Round(
            sent=self.sent + other.sent,
            failed=self.failed + other.failed,
            put_off=self.put_off + other.put_off,
            server_away=other.server_away,
        )

    @property
    def tried(self) -> int:
        """Letters that were looked at."""
        return self.sent + self.failed + self.put_off


@dataclass(kw_only=True)
class Sending:
    """One round: send what is due, up to a limit, until the server is away or somebody says stop."""

    post: Post
    mailer: Mailer
    take_code: TakeCode
    limit: int
    stopped: Callable[[], bool]
    stubs_in: Path | None
    """Where this mailer and others on this machine keep stubs."""
    _unstored: list[tuple[Claimed, Result]] = field(default_factory=list)
    _first_unstored: float = 0.0
    _storing: "asyncio.Future[None] | None" = None
    _states: list[NoticeState] = field(default_factory=list)
    _server_away: bool = False

    async def run(self) -> Round:
        """Send. Raises `DatabaseUnavailable` and the other failures of storing; what was claimed comes back."""
        left = self.limit
        async with self.mailer.line(paced=True) as line:
            with kept_in(self.stubs_in) as stubs:
                while left > 0 and not self._over():
                    batch = await asyncio.to_thread(self._claim, min(left, MOST_CLAIMED))
                    if not batch.letters:
                        break
                    left -= len(batch.letters)
                    await self._send(line, stubs, batch)
                stubs.discard()
        return self._round()

    def _claim(self, most: int) -> Batch:
        take_over(self.stubs_in, self.post.settle_stubs)
        return self.post.claim(most)

    async def _send(self, line: Line, stubs: Stubs, batch: Batch) -> None:
        tried = 0
        try:
            for claimed in batch.letters:
                if self._over() or self._too_late(batch.leased_until):
                    break
                tried += 1
                await self._try(line, stubs, claimed)
        finally:
            try:
                await self._store_all()
            finally:
                rest = batch.letters[tried:]
                if rest:
                    await asyncio.to_thread(self.post.give_back, rest, batch.leased_until)

    async def _try(self, line: Line, stubs: Stubs, claimed: Claimed) -> None:
        code = self.take_code(claimed.pk)
        try:
            result = await self.post.attempt(line, claimed, code)
        finally:
            if code is not None:
                code.wipe()
        kept = result.at is not None and stubs.keep(Stub(claimed.message_id, result.answer or "", result.at))
        self._server_away = result.server_away
        if not self._unstored:
            self._first_unstored = time.monotonic()
        self._unstored.append((claimed, result))
        waits = time.monotonic() - self._first_unstored
        if len(self._unstored) >= STORED_TOGETHER or waits > UNSTORED_S:
            await self._store_next()
        if result.at is not None and not kept:
            await self._store_all()

    async def _store_next(self) -> None:
        """Begin to store what there is, as soon as the transaction before it has ended."""
        if self._storing is not None:
            await self._storing
        results, self._unstored = self._unstored, []
        self._storing = asyncio.ensure_future(asyncio.to_thread(self._store, results))

    async def _store_all(self) -> None:
        if self._unstored:
            await self._store_next()
        storing, self._storing = self._storing, None
        if storing is not None:
            await storing

    def _store(self, results: Sequence[tuple[Claimed, Result]]) -> None:
        self._states += settled(self.post, results)

    def _over(self) -> bool:
        return self._server_away or self.stopped()

    def _too_late(self, leased_until: datetime) -> bool:
        return self.post.desk.clock.now() > leased_until - LEAST_LEASE

    def _round(self) -> Round:
        count = self._states.count
        return Round(
            sent=count(NoticeState.SENT),
            failed=count(NoticeState.BOUNCED) + count(NoticeState.GAVE_UP),
            put_off=count(NoticeState.QUEUED) + count(NoticeState.SENDING),
            server_away=self._server_away,
        )


def settled(post: Post, results: Sequence[tuple[Claimed, Result]]) -> tuple[NoticeState, ...]:
    """Store, and try for a while when the registry is away: what is forgotten here is sent a second time.

    Raises `DatabaseUnavailable` and the other failures of storing in the end.
    """
    for pause in STORED_AFTER:
        try:
            return post.settle(results)
        except (DatabaseUnavailable, OutcomeUnknown):
            time.sleep(pause)
        except KioskError:
            break  # a journal that takes no entry is not mended by waiting: the lease brings the letter back
    return post.settle(results)

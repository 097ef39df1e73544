"""How long the screens stand still while certificates are issued.

The real kiosk without a terminal shows the screen of step 7 and issues from it; its event loop is asked every two
milliseconds whether it still answers.
"""

import asyncio
import gc
import os
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.issuing import PracticeCounter
from benchmarks.lines import Line
from kiosk.__main__ import settling
from kiosk.pki.signer import KeyAlgorithm
from kiosk.services.views import HandOverCheck
from screens.app import KioskApp
from screens.base import KioskScreen
from screens.issuing.draft import IssueDraft, fresh_operation_id
from screens.issuing.progress import Progress
from screens.kiosk import counter_from, kiosk_app

EVERY: Final = 0.002
PROMISED: Final = 0.025
IDLE: Final = 2.0
"""Seconds in which nothing is done, for the comparison."""


@dataclass
class Gaps:
    """Seconds by which the event loop answered late."""

    whole: list[float] = field(default_factory=list)
    own: list[float] = field(default_factory=list)
    """Without the time in which another program had the processor: that is the machine's, not the kiosk's."""

    def __str__(self) -> str:
        return f"{max(self.own) * 1000:.1f} ms (with other programs {max(self.whole) * 1000:.1f})"


class Ticker:
    """Asks the running event loop again and again, and keeps the delays while somebody wants them."""

    def __init__(self) -> None:
        self._gaps: Gaps | None = None

    @contextmanager
    def keeping(self, gaps: Gaps) -> Iterator[None]:
        """Inside the block every delay goes to `gaps`."""
        self._gaps = gaps
        try:
            yield
        finally:
            self._gaps = None

    @asynccontextmanager
    async def ticking(self) -> AsyncIterator[None]:
        """The ticker runs inside the block."""
        running = asyncio.create_task(self._tick())
        try:
            yield
        finally:
            running.cancel()

    async def _tick(self) -> None:
        schedule = os.open("/proc/thread-self/schedstat", os.O_RDONLY)
        try:
            while True:
                asked, waited = time.perf_counter(), _waited(schedule)
                await asyncio.sleep(EVERY)
                late = time.perf_counter() - asked - EVERY
                if self._gaps is not None:
                    self._gaps.whole.append(late)
                    self._gaps.own.append(late - (_waited(schedule) - waited))
        finally:
            os.close(schedule)


def _waited(schedule: int) -> float:
    """Seconds this thread has waited for a processor so far (the second number of the kernel's schedstat)."""
    return int(os.pread(schedule, 64, 0).split()[1]) / 1e9


class Desk(KioskScreen[None]):
    """Stands below the screen of step 7, as the menu does."""


@dataclass(frozen=True, kw_only=True)
class Watched:
    """What the ticker saw."""

    idle: Gaps = field(default_factory=Gaps)
    drawing: Gaps = field(default_factory=Gaps)
    """Until the screen of step 7 stands: a change of screens, as at every other step."""
    issuing: Gaps = field(default_factory=Gaps)
    """From then to the verified file."""


async def _measured(counter: PracticeCounter, issues: int) -> Watched:
    app = kiosk_app(settling(lambda: counter.services), Desk, counter=counter_from(counter.services))
    watched, ticker = Watched(), Ticker()
    async with app.run_test(size=(120, 36)), ticker.ticking():
        await app.when_ready()
        app.sign_on(counter.actor, Desk())
        await asyncio.sleep(0.5)
        with ticker.keeping(watched.idle):
            await asyncio.sleep(IDLE)
        for _ in range(issues):
            await _issue(app, counter, ticker, watched)
    assert not app.incidents, app.incidents
    return watched


async def _issue(app: KioskApp, counter: PracticeCounter, ticker: Ticker, watched: Watched) -> None:
    reception_no = await asyncio.to_thread(counter.at_step_6)
    services = counter.services
    draft = IssueDraft(
        case=await asyncio.to_thread(services.casework.case, counter.actor, reception_no),
        stick=(await asyncio.to_thread(services.delivering.sticks))[0].ref,
        issue_date=(
            await asyncio.to_thread(services.issuing.preview, counter.actor, reception_no)
        ).issue_date,
    )
    screen = Progress(draft, fresh_operation_id())
    with ticker.keeping(watched.drawing):
        await app.push_screen(screen)
        stands = asyncio.Event()
        screen.call_after_refresh(stands.set)
        await stands.wait()
    with ticker.keeping(watched.issuing):
        await screen.answered()
    assert screen.failure is None, screen.failure
    app.pop_screen()
    await asyncio.to_thread(_clear_away, counter, draft)


def _clear_away(counter: PracticeCounter, draft: IssueDraft) -> None:
    """Hand the file over and empty the stick for the next one."""
    counter.services.handing_over.hand_over(counter.actor, draft.reception_no, frozenset(HandOverCheck))
    directory = counter.settings.media.directory
    assert directory is not None
    assert draft.delivered is not None
    for file in directory.rglob(draft.delivered.file_name):
        file.unlink()


def measure(issues: int) -> list[Line]:
    """The longest gap of so many issues, and of a quiet kiosk."""
    with tempfile.TemporaryDirectory(prefix="madoguchi-bench-") as folder:
        counter = PracticeCounter(Path(folder) / "counter", KeyAlgorithm.RSA_2048)
        try:
            watched = asyncio.run(_measured(counter, issues))
        finally:
            gc.unfreeze()
            counter.services.close()
    return [
        Line(
            what=f"longest gap of the event loop in {issues} issues",
            figure=str(watched.issuing),
            reference=f"{watched.idle} idle",
            promised=f"< {PROMISED * 1000:.0f} ms",
            kept=max(watched.issuing.own) < PROMISED,
        ),
        Line(what="the same until its screen stands", figure=str(watched.drawing), promised="", kept=True),
    ]

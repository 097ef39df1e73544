"""Work beside an event loop, and what of it the end of the program waits for."""

import asyncio
import subprocess
import sys
import threading
import time

import pytest

from kiosk.errors import MediaUnavailable
from kiosk.media.threads import in_a_thread, on_its_own_loop, told_on

HANGS = """
import asyncio, sys, threading
from kiosk.media.threads import in_a_thread

begun = threading.Event()

def hang() -> None:
    begun.set()
    {hanging}
    print("done", flush=True)

async def main() -> None:
    work = asyncio.ensure_future(in_a_thread(hang, name="hanging", may_be_left={left}))
    while not begun.is_set():
        await asyncio.sleep(0.01)
    work.cancel()

asyncio.run(main())
print("ended", flush=True)
"""


def ran(*, left: bool, hanging: str) -> tuple[str, float]:
    """What a program prints that gives up waiting, and how long it takes to end."""
    begun = time.monotonic()
    program = HANGS.format(left=left, hanging=hanging)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stderr == ""
    return done.stdout, time.monotonic() - begun


@pytest.mark.rule("I-24")
def test_a_call_that_hangs_in_the_kernel_does_not_hold_up_the_end_of_the_program() -> None:
    printed, seconds = ran(left=True, hanging="threading.Event().wait()")

    assert printed == "ended\n"
    assert seconds < 20


@pytest.mark.rule("I-2")
def test_a_write_that_was_begun_is_finished_before_the_program_ends() -> None:
    printed, _ = ran(left=False, hanging="import time; time.sleep(0.3)")

    assert printed == "ended\ndone\n"


async def test_what_runs_on_its_own_loop_goes_on_when_the_caller_is_cancelled() -> None:
    begun, done = threading.Event(), threading.Event()

    async def work() -> None:
        begun.set()
        await asyncio.sleep(0.1)
        done.set()

    caller = asyncio.create_task(on_its_own_loop(work, name="work"))
    assert await asyncio.to_thread(begun.wait, 10)
    caller.cancel()

    assert await asyncio.to_thread(done.wait, 10)


async def test_errors_come_back_from_a_thread_and_from_a_loop_of_its_own() -> None:
    async def fail() -> None:
        raise ValueError("of the work")

    with pytest.raises(ValueError, match="of the work"):
        await on_its_own_loop(fail, name="work")
    with pytest.raises(ZeroDivisionError):
        await in_a_thread(lambda: 1 // 0, name="work")


async def test_progress_is_told_on_the_loop_of_the_one_who_asked() -> None:
    where: list[int] = []
    tell = told_on(asyncio.get_running_loop(), lambda _: where.append(threading.get_ident()))

    await in_a_thread(lambda: tell(None), name="work")
    await asyncio.sleep(0)

    assert where == [threading.get_ident()]


def no_thread_left(thread: threading.Thread) -> None:
    raise RuntimeError("can't start new thread")


@pytest.mark.rule("I-24")
async def test_a_system_that_has_no_thread_left_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading.Thread, "start", no_thread_left)

    with pytest.raises(MediaUnavailable):
        await in_a_thread(lambda: None, name="work")

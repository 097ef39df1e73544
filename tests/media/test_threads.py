"""Work beside an event loop, and what of it the end of the program waits for."""

import asyncio
import os
import subprocess
import sys
import threading
import time

import pytest

from kiosk.errors import MediaUnavailable
from kiosk.media import loop_apart, threads
from kiosk.media.threads import in_a_loose_thread, in_a_thread, on_a_loop_apart, told_on

HANGS = """
import asyncio, threading, time
from kiosk.media.threads import in_a_loose_thread, in_a_thread, on_a_loop_apart

begun = threading.Event()

def hang() -> None:
    begun.set()
    {hanging}
    print("done", flush=True)

async def linger() -> None:
    begun.set()
    await asyncio.sleep(0.3)
    print("done", flush=True)

async def main() -> None:
    work = asyncio.ensure_future({begin})
    while not begun.is_set():
        await asyncio.sleep(0.01)
    work.cancel()

asyncio.run(main())
print("ended", flush=True)
"""


def ran(
    begin: str,
    *,
    hanging: str = "time.sleep(0.3)",  # stands for a call of the kernel that takes its time
) -> tuple[str, float]:
    """What a program prints that gives up waiting, and how long it takes to end."""
    begun = time.monotonic()
    program = HANGS.format(begin=begin, hanging=hanging)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stderr == ""
    return done.stdout, time.monotonic() - begun


@pytest.mark.rule("I-24")
def test_a_call_that_hangs_in_the_kernel_does_not_hold_up_the_end_of_the_program() -> None:
    printed, seconds = ran("in_a_loose_thread(hang)", hanging="threading.Event().wait()")

    assert printed == "ended\n"
    assert seconds < 20


@pytest.mark.rule("I-2")
@pytest.mark.parametrize("begin", ["in_a_thread(hang, name='writer')", "on_a_loop_apart(linger)"])
def test_a_write_that_was_begun_is_finished_before_the_program_ends(begin: str) -> None:
    printed, _ = ran(begin)

    assert printed == "ended\ndone\n"


async def test_what_runs_on_a_loop_apart_goes_on_when_the_caller_is_cancelled() -> None:
    begun, done = threading.Event(), threading.Event()

    async def work() -> None:
        begun.set()
        await asyncio.sleep(0.1)
        done.set()

    caller = asyncio.create_task(on_a_loop_apart(work))
    assert await asyncio.to_thread(begun.wait, 10)
    caller.cancel()

    assert await asyncio.to_thread(done.wait, 10)


async def test_errors_come_back_from_a_thread_and_from_a_loop_apart() -> None:
    async def fail() -> None:
        raise ValueError("of the work")

    with pytest.raises(ValueError, match="of the work"):
        await on_a_loop_apart(fail)
    with pytest.raises(ZeroDivisionError):
        await in_a_thread(lambda: 1 // 0, name="work")
    with pytest.raises(ZeroDivisionError):
        await in_a_loose_thread(lambda: 1 // 0)


async def test_progress_is_told_on_the_loop_of_the_one_who_asked() -> None:
    where: list[int] = []
    tell = told_on(asyncio.get_running_loop(), lambda _: where.append(threading.get_ident()))

    await in_a_thread(lambda: tell(None), name="work")
    await asyncio.sleep(0)

    assert where == [threading.get_ident()]


async def test_many_pieces_of_work_share_the_loop_apart_and_none_waits_for_another() -> None:
    where: set[int] = set()
    first_may_end = threading.Event()

    async def first() -> str:
        where.add(threading.get_ident())
        assert await asyncio.to_thread(first_may_end.wait, 10)
        return "first"

    async def second() -> str:
        where.add(threading.get_ident())
        return "second"

    waiting = asyncio.create_task(on_a_loop_apart(first))
    assert await on_a_loop_apart(second) == "second"
    first_may_end.set()

    assert await waiting == "first"
    assert len(where - {threading.get_ident()}) == 1


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_process_that_was_forked_off_has_a_loop_apart_of_its_own() -> None:
    asyncio.run(on_a_loop_apart(nothing))

    child = os.fork()
    if child == 0:
        try:
            asyncio.run(asyncio.wait_for(on_a_loop_apart(nothing), 10))
        except BaseException:  # noqa: BLE001 - only its end is looked at
            os._exit(1)
        os._exit(0)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


async def nothing() -> None:
    pass


def no_thread_left(*_: object) -> int:
    raise RuntimeError("can't start new thread")


@pytest.mark.rule("I-24")
async def test_a_system_that_has_no_thread_left_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading.Thread, "start", no_thread_left)
    monkeypatch.setattr(threads, "start_new_thread", no_thread_left)
    monkeypatch.setattr(loop_apart, "_begun", [])

    with pytest.raises(MediaUnavailable):
        await in_a_thread(lambda: None, name="work")
    with pytest.raises(MediaUnavailable):
        await in_a_loose_thread(lambda: None)
    with pytest.raises(MediaUnavailable):
        await on_a_loop_apart(nothing)

"""What is done beside the one who waits: in its order, waited for by everybody who needs it, and done in any case."""

import os
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from threading import Event, current_thread, main_thread

import pytest

from kiosk.services.crl._beside import Beside


@pytest.mark.rule("I-14")
def test_whoever_comes_second_waits_for_the_note_as_well() -> None:
    """The counter and the jobs of a terminal publish in threads of their own."""
    may_end, told = Event(), list[Exception]()
    beside = Beside()
    beside.note(lambda: _until(may_end), ExitStack(), told.append)
    with ThreadPoolExecutor(2) as both:
        waiting = {both.submit(beside.settle) for _ in range(2)}
        assert not wait(waiting, timeout=0.2).done
        may_end.set()
        assert wait(waiting, timeout=10).done == waiting
    assert told == []


def test_a_process_that_was_forked_has_a_thread_of_its_own() -> None:
    beside = Beside()
    assert beside.do(current_thread).result() is not main_thread()
    child = os.fork()
    if child == 0:
        os._exit(0 if beside.do(lambda: 7).result(10) == 7 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_where_no_thread_can_be_had_it_is_done_at_once_and_only_once(monkeypatch: pytest.MonkeyPatch) -> None:
    beside, done = Beside(), list[int]()
    with monkeypatch.context() as without:
        without.setattr("threading.Thread.start", _no_more_threads)
        beside.do(lambda: done.append(1)).result(0)
        with pytest.raises(ZeroDivisionError):
            beside.do(lambda: 1 / 0).result(0)
    beside.do(lambda: done.append(2)).result(10)
    assert done == [1, 2]


def _no_more_threads(_thread: object) -> None:
    raise RuntimeError("can't start new thread")


def _until(event: Event) -> None:
    assert event.wait(10)

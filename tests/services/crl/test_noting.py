"""What is noted about a list in the background is waited for by everybody who needs it."""

from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from threading import Event, active_count
from threading import enumerate as enumerate_threads

import pytest

from kiosk.services.crl._noting import NoteTaker, Noting


@pytest.mark.rule("I-14")
def test_whoever_comes_second_waits_for_the_note_as_well() -> None:
    """The counter and the jobs of a terminal publish in threads of their own."""
    may_end, told = Event(), list[Exception]()
    noting = Noting()
    noting.begin(lambda: _until(may_end), ExitStack(), told.append, NoteTaker())
    with ThreadPoolExecutor(2) as both:
        waiting = {both.submit(noting.settle) for _ in range(2)}
        assert not wait(waiting, timeout=0.2).done
        may_end.set()
        assert wait(waiting, timeout=10).done == waiting
    assert told == []


def test_a_taker_without_a_note_lets_the_program_end() -> None:
    """A list that is refused while it is signed leaves nobody waiting."""
    before = active_count()
    with NoteTaker() as taker:
        taker.stand_by()
        assert active_count() == before + 1
        (waiting,) = (thread for thread in enumerate_threads() if thread.name == "crl-note")
    waiting.join(10)
    assert not waiting.is_alive()


def _until(event: Event) -> None:
    assert event.wait(10)

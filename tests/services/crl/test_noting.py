"""What is noted about a list in the background is waited for by everybody who needs it."""

from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from threading import Event

import pytest

from kiosk.services.crl._noting import Noting


@pytest.mark.rule("I-14")
def test_whoever_comes_second_waits_for_the_note_as_well() -> None:
    """The counter and the jobs of a terminal publish in threads of their own."""
    may_end, told = Event(), list[Exception]()
    noting = Noting()
    noting.begin(lambda: _until(may_end), ExitStack(), told.append)
    with ThreadPoolExecutor(2) as both:
        waiting = {both.submit(noting.settle) for _ in range(2)}
        assert not wait(waiting, timeout=0.2).done
        may_end.set()
        assert wait(waiting, timeout=10).done == waiting
    assert told == []


def _until(event: Event) -> None:
    assert event.wait(10)

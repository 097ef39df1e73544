"""Who asks for much time starts first, so that a run does not end with one worker at a test of minutes."""

import os
from collections.abc import Callable, Sequence
from typing import TypeVar

import pytest

T = TypeVar("T")


def dealt(
    tests: Sequence[T], workers: int, patience: Callable[[T], float], file: Callable[[T], str]
) -> list[T]:
    """The same tests in the order in which `workers` workers should get them.

    Each worker begins with an equal part of the list. `patience` is the number of seconds that a test asks for, 0 for
    an ordinary one. Files whose tests ask for most come first and go round among the workers; a file is not torn apart,
    because its tests share what was costly to set up. Every other test keeps its place among the others.
    """
    asking: dict[str, float] = {}
    for test in tests:
        if patience(test):
            asking[file(test)] = max(patience(test), asking.get(file(test), 0))
    first: list[list[T]] = [[] for _ in range(workers)]
    for place, name in enumerate(sorted(asking, key=lambda name: -asking[name])):
        first[place % workers] += [test for test in tests if patience(test) and file(test) == name]
    others = [test for test in tests if not patience(test)]
    order: list[T] = []
    for worker, slow in enumerate(first):
        part = (len(tests) - len(order)) // (workers - worker)
        room = max(0, part - len(slow))
        order += slow + others[:room]
        del others[:room]
    return order + others


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Only where several work; one alone keeps the order of the files."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    ordinary = float(config.getini("timeout"))

    def patience(item: pytest.Item) -> float:
        asked = item.get_closest_marker("timeout")
        seconds = float(asked.args[0]) if asked and asked.args else 0.0
        return seconds if seconds > ordinary else 0.0

    if workers > 1:
        items[:] = dealt(items, workers, patience, lambda item: str(item.path))

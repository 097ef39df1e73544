"""One start of a machine for a whole test run, however many processes share the tests."""

import json
from collections.abc import Callable
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import Any

import pytest


def once(
    factory: pytest.TempPathFactory, name: str, run: Callable[[Path], list[dict[str, Any]]]
) -> list[Any]:
    """What `run` told in its empty folder; the first process that asks runs it, the others wait and read.

    An assertion it failed with fails again for everybody.
    """
    base = factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base
    place = shared / f"machine-{name}"
    place.mkdir(exist_ok=True)
    answer = place / "answer.json"
    with (place / "lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if not answer.exists():
            answer.write_text(json.dumps(_told(run, place)), encoding="utf-8")
    told = json.loads(answer.read_text(encoding="utf-8"))
    if isinstance(told, str):
        pytest.fail(told, pytrace=False)
    return list(told)


def _told(run: Callable[[Path], list[dict[str, Any]]], place: Path) -> list[dict[str, Any]] | str:
    try:
        return run(place)
    except AssertionError as failure:
        return str(failure)

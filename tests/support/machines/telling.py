"""What a program in an emulated machine tells the test outside: one line of JSON for each thing that happened."""

import json
import sys
from collections.abc import Iterable
from typing import Any, Final

MARK: Final = "@@"
"""Begins a line that is meant for the test; the kernel writes to the same console."""


def tell(**facts: Any) -> None:
    """One thing that happened, in the guest."""
    sys.stdout.write(f"\n{MARK}{json.dumps(facts)}\n")
    sys.stdout.flush()


def told(lines: Iterable[str]) -> list[dict[str, Any]]:
    """Everything that was told, in order, outside."""
    return [json.loads(line.removeprefix(MARK)) for line in lines if line.startswith(MARK)]


def the_one(told: Iterable[dict[str, Any]], **facts: Any) -> dict[str, Any]:
    """The only thing told with these facts."""
    [found] = [one for one in told if facts.items() <= one.items()]
    return found

"""From the command to the sign-on screen, and what the screen process holds in memory when work has begun."""

import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from benchmarks import bare
from benchmarks.lines import Line, compared
from benchmarks.terminal import Program
from kiosk.clock import SystemClock
from kiosk.training.people import STAFF_PASSWORD
from kiosk.training.setting_up import set_up

PROMISED_OF_START: Final = 1.5
PROMISED_MEGABYTES: Final = 110
SETTLED_AFTER: Final = 2.0
"""Seconds in which chores and caches come to rest before memory is read."""


def kiosk_demo(folder: Path) -> list[str]:
    """Opens the practice counter below `folder`, which is made now: a day does not begin with that."""
    set_up(folder / "counter", clock=SystemClock())
    return [sys.executable, "-m", "kiosk", "demo", "--data", str(folder / "counter")]


def start(rounds: int) -> list[Line]:
    """The kiosk and a program of one `Static`, each started anew, in turn."""
    kiosk, reference = [], []
    with tempfile.TemporaryDirectory(prefix="madoguchi-bench-") as folder:
        command = kiosk_demo(Path(folder))
        for _ in range(rounds + 1):
            kiosk.append(_first_seen(command, "F12"))
            reference.append(_first_seen(bare.command("words"), "ready"))
    return [compared("cold start to the sign-on screen", kiosk[1:], reference[1:], PROMISED_OF_START)]


def _first_seen(command: list[str], text: str) -> float:
    with Program(command) as program:
        return program.shown(lambda picture: text in picture.text)


def memory() -> list[Line]:
    """After signing on and one search."""
    with (
        tempfile.TemporaryDirectory(prefix="madoguchi-bench-") as folder,
        Program(kiosk_demo(Path(folder))) as kiosk,
    ):
        kiosk.sees("F12")
        kiosk.types("op001", "\r", STAFF_PASSWORD, "\r")
        kiosk.sees("S100")
        kiosk.types("401", "\r")
        kiosk.sees("S200")
        kiosk.types("koushin")
        kiosk.sees("koushin01")
        time.sleep(SETTLED_AFTER)
        held = kiosk.memory
    return [
        Line(
            what="memory of the screen process after a search",
            figure=f"{held.resident:.0f} MB (shared out {held.proportional:.0f} MB)",
            promised=f"< {PROMISED_MEGABYTES} MB",
            kept=held.resident < PROMISED_MEGABYTES,
        )
    ]

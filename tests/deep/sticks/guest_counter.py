"""In the emulated terminal, as its account without rights: a person follows the walk-through and puts a stick in."""

import os
import time
import traceback
from pathlib import Path
from typing import Any, Final

from tests.support.glass import in_a_terminal
from tests.support.machines.outside import Outside
from tests.support.machines.own_files import holding
from tests.support.walkthrough import Row, follow_the_walkthrough

PRACTICE: Final = "practice"
"""The folder of the practice counter, made outside: an emulated processor takes minutes for its keys."""
SIZE: Final = (80, 24)
PATIENCE: Final = 300.0
"""Seconds; an emulated processor is ten times slower."""
PAUSE: Final = 2.0
KEY_BAG: Final = bytes.fromhex("060b2a864886f70d010c0a0102")
"""Stands in every p12, in clear, before its key: the object identifier of a shrouded key (RFC 7292 appendix D)."""
STICK: Final = "stick-A"
"""What the walk-through calls it, and what the real one is called as well."""


def walked(outside: Outside) -> dict[str, Any]:
    """The whole renewal; the stick is put in when the screen waits for one."""
    plugged: list[float] = []

    def before_looking(row: Row) -> None:
        outside.tell("looks for", step=row.step, sees=row.sees)
        if STICK in row.sees and not plugged:
            glass.sees(row.sees[0])
            outside.plug(STICK)
            plugged.append(time.monotonic())

    folder = Path(os.environ["HOME"], PRACTICE)
    with in_a_terminal(folder, SIZE, "--sticks", "usb") as glass:
        glass.patience, glass.glance, glass.pause = PATIENCE, 0.5, PAUSE
        follow_the_walkthrough(glass, before_looking=before_looking)
        outside.pull(STICK)
        receipt = "\n".join(glass.glass)
        glass.does("Enter").sees("S100 業務メニュー")
    return {"receipt": receipt, "local": holding(KEY_BAG)}


if __name__ == "__main__":
    line = Outside()
    line.tell("begun")
    begun = time.monotonic()
    try:
        facts = walked(line)
    except Exception:  # noqa: BLE001 - the test outside fails with it
        facts = {"failed": traceback.format_exc()}
    line.tell("renewal", took=time.monotonic() - begun, **facts)
    line.tell("finished")

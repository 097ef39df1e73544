"""The long rounds of the garbage collector, taken while nobody waits for the screen.

A full round looks at every object and stops all threads for a twentieth of a second and more, by itself most often
while a certificate is issued, because that is when most objects are made. The short rounds go on by themselves.
"""

import gc
from typing import Final

RESTED: Final = 1.0
"""Seconds without a key or a click after which a long round disturbs nobody."""
DUE: Final = 10
"""So many middle rounds make a long one due; the number the collector itself begins with."""
OVERDUE: Final = 200
"""So many make it due even between two keys, so that memory stays bounded whatever happens at the counter."""
NEVER: Final = 1_000_000


def hold_long_rounds() -> None:
    """From now on a long round runs only when `collect_if_due` is called; for the whole process."""
    young, middle, _old = gc.get_threshold()
    gc.set_threshold(young, middle, NEVER)


def collect_if_due(rested: float) -> bool:
    """Take a long round if enough has gathered; `rested` is the number of seconds since the last key or click.

    Whether there was one.
    """
    gathered = gc.get_count()[2]
    if gathered < (DUE if rested >= RESTED else OVERDUE):
        return False
    gc.collect()
    return True

"""What every process that may hold a secret does first: its memory goes to no file and to no other process.

The key and the passwords of a certificate exist in memory alone (E-86); a core file or a debugger would be a copy.
"""

import ctypes
import resource
import sys
from typing import Final

_PR_SET_DUMPABLE: Final = 4


def keep_memory_to_itself() -> None:
    """No core file, no debugger of the same account. Children inherit the first; each does the second for itself.

    Swap is the machine's: `deploy/` keeps it away.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)

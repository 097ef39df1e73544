"""Kill -9 at every line: run something in a child process and kill the child at the n-th line of chosen modules."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Collection
from types import FrameType
from typing import Any


def killed_at(line: int, modules: Collection[str], act: Callable[[], object]) -> bool:
    """Run `act` in a forked child that is killed when it comes to its `line`-th traced line; whether it got there.

    Lines are counted in functions of `modules` (dotted names), in whatever thread they run; a child that ends by itself
    waits for its threads, as every program does, and had fewer lines. One that fails in another way fails the caller.
    """
    child = os.fork()
    if child == 0:
        _run(line, frozenset(modules), act)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return True
    assert os.WIFEXITED(status), f"the child ended with {status}"
    assert os.WEXITSTATUS(status) == 0, f"the child failed with exit code {os.WEXITSTATUS(status)}"
    return False


def _run(line: int, modules: frozenset[str], act: Callable[[], object]) -> None:
    left = line

    def count(frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal left
        if event == "line":
            left -= 1
            if left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return count

    def enter(frame: FrameType, _event: str, _argument: Any) -> Any:
        return count if frame.f_globals.get("__name__") in modules else None

    code = 70
    try:
        threading.settrace(enter)
        sys.settrace(enter)
        act()
        threading._shutdown()  # type: ignore[attr-defined]  # what an interpreter does at its end
        code = 0
    except BaseException as error:  # noqa: BLE001  # a child of the test runner must end here, whatever happened
        sys.settrace(None)
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
    finally:
        os._exit(code)

"""Several programs at once: every act runs in a process of its own, and all of them begin at the same moment."""

import json
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any


def at_once(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """What each act gave, in order; it must be something that JSON can tell.

    An act opens its own connections: those of the test belong to the process of the test. One that fails gives the
    name of its exception.
    """
    gate_reads, gate_writes = os.pipe()
    lines = [_begin(act, gate_reads, gate_writes) for act in acts]
    os.close(gate_reads)
    os.close(gate_writes)  # the last writing end: whoever waits at the gate reads its end now
    return [_outcome(child, answer) for child, answer in lines]


def _begin(act: Callable[[], Any], gate_reads: int, gate_writes: int) -> tuple[int, int]:
    answer_reads, answer_writes = os.pipe()
    child = os.fork()
    if child == 0:
        code = 70
        try:
            os.close(gate_writes)
            os.read(gate_reads, 1)
            os.write(answer_writes, json.dumps(_told(act)).encode())
            code = 0
        finally:
            os._exit(code)
    os.close(answer_writes)
    return child, answer_reads


def _told(act: Callable[[], Any]) -> Any:
    try:
        return act()
    except Exception as error:  # noqa: BLE001  # the test decides what a refusal means
        return type(error).__name__


def _outcome(child: int, answer: int) -> Any:
    with os.fdopen(answer, "rb") as line, suppress(ValueError):
        told = json.loads(line.read())
        os.waitpid(child, 0)
        return told
    os.waitpid(child, 0)
    raise AssertionError("a process ended without an answer")

"""Asking Windows about its drives, for the decisions."""

from collections.abc import Callable
from typing import TypeVar

from kiosk.errors import MediaUnavailable
from kiosk.media.windows.calls import CallFailed, DriveType, WindowsCalls
from kiosk.media.windows.decisions import Answers, Policy, Target, find_targets

T = TypeVar("T")

_LOCAL = frozenset({DriveType.REMOVABLE, DriveType.FIXED, DriveType.CDROM})
"""A drive of a network is asked nothing else: its answer may take minutes."""


def targets_of(calls: WindowsCalls, policy: Policy) -> tuple[Target, ...]:
    """Every USB drive of this machine. Blocking.

    Raises `MediaUnavailable` when the drives or the disks of Windows cannot be told: then nothing may be offered.
    """
    try:
        system = calls.system_letter()
        system_disks = calls.disks(system)
        letters = calls.letters()
    except CallFailed as failure:
        raise MediaUnavailable from failure
    if not system_disks:
        raise MediaUnavailable
    drives = [_answers(calls, letter) for letter in letters if calls.drive_type(letter) in _LOCAL]
    return find_targets(drives, system_disks, policy)


def _answers(calls: WindowsCalls, letter: str) -> Answers:
    name = _answer(lambda: calls.volume_name(letter))
    on_volume = name if isinstance(name, str) else f"{letter}\\"
    return Answers(
        letter=letter,
        type=calls.drive_type(letter),
        disks=_answer(lambda: calls.disks(letter)),
        device=_answer(lambda: calls.device(letter)),
        node=_answer(lambda: calls.node(letter)),
        name=name,
        volume=_answer(lambda: calls.volume(on_volume)),
        space=_answer(lambda: calls.space(on_volume)),
        writable=_failure(lambda: calls.require_writable(letter)),
    )


def _answer(call: Callable[[], T]) -> T | CallFailed:
    try:
        return call()
    except CallFailed as failure:
        return failure


def _failure(call: Callable[[], None]) -> CallFailed | None:
    try:
        call()
    except CallFailed as failure:
        return failure
    return None

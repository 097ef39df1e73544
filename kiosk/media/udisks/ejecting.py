"""Saying "you may pull it out" only when that is true: unmounted, switched off, and gone from the kernel's list."""

import asyncio
from collections.abc import Coroutine
from time import monotonic
from typing import Any

from kiosk.errors import MediaError, NotTheSameStick, StickEjectFailed, StickInUse, StickRemoved
from kiosk.media.udisks.visiting import LEAVING_SECONDS, TRIES_WHILE_BUSY, AtStick

_LOOK_EVERY = 0.1


async def eject(at: AtStick) -> None:
    """Return when the stick may be pulled out.

    Raises `StickInUse` while it cannot be unmounted: it must not be pulled yet; `StickEjectFailed` when it is unmounted
    but the port stays on; `StickRemoved` or `NotTheSameStick` when somebody was faster than the unmounting.
    """
    at.presence.require()
    try:
        await at.unmount()
    except (StickRemoved, NotTheSameStick):
        raise
    except MediaError:
        at.presence.require()
        raise StickInUse from None
    at.presence.require()
    # From here on a stick that is gone is what was wanted, whoever did it: it was unmounted before.
    try:
        async with asyncio.timeout(max(0.0, at.waiting.until - monotonic())):
            await _until_out(at, _switched_off(at))
    except StickInUse:
        if at.presence.lasts():
            raise
    except (MediaError, TimeoutError):
        if at.presence.lasts():
            raise StickEjectFailed from None


async def _until_out(at: AtStick, leaving: Coroutine[Any, Any, None]) -> None:
    """As `leaving` ends; once the stick is gone, the system has a moment left to say so."""
    left = asyncio.ensure_future(leaving)
    try:
        await asyncio.wait({left}, timeout=_LOOK_EVERY)
        while not left.done() and at.presence.lasts():
            await asyncio.wait({left}, timeout=_LOOK_EVERY)
        if not left.done():
            await asyncio.wait({left}, timeout=LEAVING_SECONDS)
        return left.result() if left.done() else None
    finally:
        left.cancel()


async def _switched_off(at: AtStick) -> None:
    await _switch_off(at)
    await _wait_until_gone(at)


async def _switch_off(at: AtStick) -> None:
    for tries_left in reversed(range(TRIES_WHILE_BUSY)):
        try:
            return await at.mounts.power_off(at.target)
        except StickInUse:
            if not tries_left:
                raise
        await asyncio.sleep(at.pause)
    return None


async def _wait_until_gone(at: AtStick) -> None:
    while at.presence.lasts() or not await at.mounts.is_gone(at.target):  # noqa: ASYNC110 - asks the kernel, which tells nobody
        await asyncio.sleep(_LOOK_EVERY)

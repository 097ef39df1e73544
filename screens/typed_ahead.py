"""One key after the other: the next one is looked at when the one before has moved the focus.

Textual hands a key to the widget that has the focus at that moment, and learns only later that the key before moved
it. A password typed quickly after Enter would fall into the field before, in clear.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from textual import events
from textual.app import App
from textual.widget import Widget

WAITING_AT_MOST = 200
"""Keys; nobody types so far ahead, a machine on the keyboard line does."""
TURN = 0.05
"""Seconds; the message loop goes round at least once in each, however busy the machine is."""
TURNS_TO_CLIMB = 5
"""After these a moved focus is enough: what the key set off may wait for a person, as a question does."""
TURNS_AT_MOST = 60
"""After these the next key is looked at anyway: a terminal that has stopped listening is worse than a wrong field."""


class TypedAhead:
    """Holds keys back until the one before has done its work."""

    def __init__(self, app: App[Any], deliver: Callable[[events.Event], Awaitable[None]]) -> None:
        """`deliver` hands one key to the widget with the focus; it is called in the message loop of `app`."""
        self._app = app
        self._deliver = deliver
        self._waiting: deque[events.Event] = deque()
        self._chase: asyncio.Task[None] | None = None

    @property
    def _focused(self) -> Widget | None:
        return self._app.focused if self._app.screen_stack else None

    async def take(self, event: events.Event) -> None:
        """A key, a paste or a mouse button: delivered now or in its turn; dropped when far too many wait.

        A click waits like a key: it moves the focus as well, and must not overtake what was typed before it.
        """
        if self._chase is None and not self._waiting:
            await self._deliver_now(event)
        elif len(self._waiting) < WAITING_AT_MOST:
            self._waiting.append(event)

    async def _deliver_now(self, event: events.Event) -> None:
        target = self._focused
        await self._deliver(event)
        if target is not None and target.is_attached and _may_move_the_focus(event, target):
            self._chase = asyncio.create_task(self._follow(target))

    async def _follow(self, target: Widget) -> None:
        climb = asyncio.create_task(_climbed(target))
        for turn in range(TURNS_AT_MOST):
            await asyncio.wait({climb}, timeout=TURN)
            if climb.done() or (turn >= TURNS_TO_CLIMB and self._focused is not target):
                break
        climb.cancel()
        self._chase = None
        if self._waiting:
            self._app.call_later(self._next)

    async def _next(self) -> None:
        if self._waiting and self._chase is None:
            await self._deliver_now(self._waiting.popleft())
            if self._waiting and self._chase is None:
                self._app.call_later(self._next)


async def _climbed(target: Widget) -> None:
    """A key climbs from the widget to the app, where its binding acts; what that sets off climbs once more."""
    for _climb in range(2):
        for node in target.ancestors_with_self:
            passed = asyncio.Event()
            if node.call_later(passed.set):
                await passed.wait()


def _may_move_the_focus(event: events.Event, target: Widget) -> bool:
    """A letter that its field takes moves nothing, a click has moved the focus already: the next need not wait."""
    return isinstance(event, events.Key) and not target.check_consume_key(event.key, event.character)

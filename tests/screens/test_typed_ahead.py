"""Keys that come faster than the machine can follow."""

import asyncio

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.widgets import Input

from screens.typed_ahead import TypedAhead
from screens.widgets.field import Field


class Lagging(Field):
    """A field on a machine that has something else to do."""

    async def action_submit(self) -> None:
        await asyncio.sleep(0.6)
        await super().action_submit()


class TwoFields(App[None]):
    """Name and password, as on the first screen."""

    def __init__(self) -> None:
        super().__init__()
        self._typed_ahead = TypedAhead(self, super().on_event)

    def compose(self) -> ComposeResult:
        yield Lagging(id="name")
        yield Field(id="password")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.screen.focus_next()

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and not event.is_forwarded:
            await self._typed_ahead.take(event)
        else:
            await super().on_event(event)


@pytest.mark.rule("I-21")
async def test_a_password_typed_after_enter_never_stands_in_the_field_before_on_a_slow_machine() -> None:
    app = TwoFields()
    async with app.run_test() as pilot:
        app.query_one("#name").focus()
        await pilot.pause()

        for key, character in (("a", "a"), ("enter", "\r"), ("s", "s"), ("e", "e"), ("c", "c")):
            app.post_message(events.Key(key, character))
        async with asyncio.timeout(10):
            while len(app.query_one("#password", Field).value) < 3:  # noqa: ASYNC110 - a field tells nobody here
                await asyncio.sleep(0.02)

        assert app.query_one("#name", Field).value == "a"
        assert app.query_one("#password", Field).value == "sec"

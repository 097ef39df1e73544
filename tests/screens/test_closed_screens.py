"""A counter opens some hundred screens a day and never restarts: what was closed must be gone."""

import gc
import weakref

from tests.support.drivers.counter import at_the_counter
from tests.support.shell import Plain, a_kiosk


async def test_what_a_closed_screen_had_drawn_is_not_kept() -> None:
    async with at_the_counter(a_kiosk(Plain)) as person:
        screen = Plain()
        await person.app.push_screen(screen)
        await person.sees("届出印の照合")
        fields = screen.query("Field, SecretField, Press, Check")
        drawn = [weakref.ref(field._styles_cache) for field in fields]
        assert len(drawn) == 4
        await person.app.pop_screen()
        await person.types("a")  # the widget of the last key is remembered until the next
        del screen, fields
        gc.collect()
        assert [lines for each in drawn if (lines := each()) is not None] == []

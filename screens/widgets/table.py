"""A table of the terminal library, for the screens that still draw their lines with it."""

from textual import events
from textual.coordinate import Coordinate
from textual.widgets import DataTable

from screens.hardening import Enduring


class Table(Enduring, DataTable[object]):
    """Lines to choose from; one click chooses, where the library wants a second one on the same place."""

    async def _on_click(self, event: events.Click) -> None:
        place = event.style.meta
        if place.get("row", -1) >= 0:
            self.cursor_coordinate = Coordinate(place["row"], place["column"])

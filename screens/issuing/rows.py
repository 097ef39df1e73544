"""A label and what belongs to it, in one line."""

from collections.abc import Iterable

from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Label, Static

from screens.widgets.text import plain


def row(label: str, field: Widget) -> Horizontal:
    """Something to fill in."""
    return Horizontal(Label(plain(label), classes="row-label"), field, classes="row")


def facts(lines: Iterable[tuple[str, str]]) -> Iterable[Horizontal]:
    """Labels and values; stored texts made displayable by the caller."""
    for label, value in lines:
        yield Horizontal(
            Static(plain(label), classes="fact-label"),
            Static(plain(value), classes="fact-value"),
            classes="fact",
        )

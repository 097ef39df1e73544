"""Labels and what belongs to them, in one line each."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Static

from screens.hardening import Enduring
from screens.widgets.field import FieldLabel
from screens.widgets.prose import Prose
from screens.widgets.text import plain

GAP = 2
"""Cells between labels and values."""


def row(label: str, field: Widget, *beside: Widget) -> Horizontal:
    """Something to fill in, and what stands beside it."""
    return Horizontal(FieldLabel(label, field, classes="row-label"), field, *beside, classes="row")


class Facts(Enduring, Vertical):
    """Labels and values; stored texts are made displayable by the caller."""

    def __init__(self, facts: Sequence[tuple[str, str]] = (), *, id: str | None = None) -> None:  # noqa: A002  # Textual's word
        super().__init__(id=id, classes="facts")
        self._facts = tuple(facts)

    @property
    def label_cells(self) -> int:
        """What the longest label takes, with the gap behind it."""
        return max((cell_len(label) for label, _value in self._facts), default=0) + GAP

    def compose(self) -> ComposeResult:
        """One line each, more where a value needs more."""
        for name, value in self._facts:
            with Horizontal(classes="fact"):
                label = Static(plain(name), classes="fact-label")
                label.styles.width = self.label_cells
                yield label
                yield Prose(value, classes="fact-value")

    def say(self, facts: Sequence[tuple[str, str]]) -> None:
        """Other facts."""
        self._facts = tuple(facts)
        self.refresh(recompose=True)

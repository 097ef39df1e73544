"""Labels and what belongs to them, in one line each."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Label, Static

from screens.hardening import Enduring
from screens.widgets.prose import Prose
from screens.widgets.text import plain


class RowLabel(Enduring, Label):
    """A click on the name of a field is a click on the field."""

    def __init__(self, label: str, field: Widget) -> None:
        super().__init__(plain(label), classes="row-label")
        self._field = field

    def on_click(self) -> None:
        """The name is a larger target for the finger."""
        self._field.focus()


def row(label: str, field: Widget) -> Horizontal:
    """Something to fill in."""
    return Horizontal(RowLabel(label, field), field, classes="row")


class Facts(Enduring, Vertical):
    """Labels and values; stored texts are made displayable by the caller."""

    def __init__(self, facts: Sequence[tuple[str, str]] = (), *, id: str | None = None) -> None:  # noqa: A002  # Textual's word
        super().__init__(id=id, classes="facts")
        self._facts = tuple(facts)

    def compose(self) -> ComposeResult:
        """One line each, more where a value needs more."""
        for label, value in self._facts:
            with Horizontal(classes="fact"):
                yield Static(plain(label), classes="fact-label")
                yield Prose(value, classes="fact-value")

    def say(self, facts: Sequence[tuple[str, str]]) -> None:
        """Other facts."""
        self._facts = tuple(facts)
        self.refresh(recompose=True)

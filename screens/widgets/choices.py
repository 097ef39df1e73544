"""Boxes to tick and choices to make, drawn with characters that are one cell wide in every font."""

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Checkbox, RadioButton, RadioSet

from screens.hardening import Enduring
from screens.widgets.text import plain


class Check(Enduring, Checkbox, inherit_bindings=False):
    """`[x] 届出印の照合`: the space bar or a click ticks it. Enter goes on to the next field."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "toggle_button", show=False),
        Binding("enter,down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, label: str, *, value: bool = False, help: str = "", id: str | None = None) -> None:  # noqa: A002  # the words every field uses
        super().__init__(plain(label), value, id=id)
        self.help_text = help

    @property
    def _button(self) -> Content:
        return Content.styled("[x]" if self.value else "[ ]", self.get_visual_style("toggle--button"))


class Choice(Enduring, RadioButton):
    """One of several."""

    @property
    def _button(self) -> Content:
        return Content.styled("(o)" if self.value else "( )", self.get_visual_style("toggle--button"))


class Choices(Enduring, RadioSet, inherit_bindings=False):
    """`(o) 窓口  ( ) 電話`: arrows move, the space bar chooses, Enter chooses and goes on to the next field."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,right", "next_button", show=False),
        Binding("up,left", "previous_button", show=False),
        Binding("space", "toggle_button", show=False),
        Binding("enter", "choose", show=False),
    ]

    def __init__(
        self,
        labels: Iterable[str],
        *,
        chosen: int | None = None,
        help: str = "",  # noqa: A002  # the word every field uses
        id: str | None = None,  # noqa: A002  # Textual's word
    ) -> None:
        """`chosen` counts from 0; None leaves all open."""
        super().__init__(
            *(Choice(plain(label), index == chosen) for index, label in enumerate(labels)), id=id
        )
        self.help_text = help

    def press(self, place: int) -> None:
        """Choose by place, counted from 0, as when a person comes back to what was chosen."""
        list(self.query(Choice))[place].value = True

    def action_choose(self) -> None:
        """Enter."""
        self.action_toggle_button()
        self.screen.focus_next()

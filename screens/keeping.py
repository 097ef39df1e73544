"""What a person has typed and chosen, kept while the widgets of a screen are made anew."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Checkbox, DataTable, Input, OptionList, RadioButton, RadioSet, Select

from screens.widgets.secret_field import SecretField
from screens.widgets.soft_keyboard import SoftKeyboard
from screens.widgets.virtual_table import VirtualTable


@dataclass(frozen=True)
class Kept:
    """The values of one screen, by the id of the widget; widgets without an id are not kept."""

    focus: str | None
    values: Mapping[str, Any] = field(repr=False)


def _set_typed(widget: Input, value: tuple[str, int]) -> None:
    widget.value, widget.cursor_position = value


def _set_pressed(widget: RadioSet, index: int) -> None:
    if index >= 0:
        list(widget.query(RadioButton))[index].value = True


_KEPT: tuple[tuple[type[Widget], Callable[[Any], Any], Callable[[Any, Any], object]], ...] = (
    # Secrets are moved, not copied: the field that goes is left empty.
    (SecretField, SecretField.hand_over, SecretField.take_over),
    (SoftKeyboard, lambda widget: widget, SoftKeyboard.same_keys_as),
    (Input, lambda widget: (widget.value, widget.cursor_position), _set_typed),
    (Checkbox, lambda widget: widget.value, lambda widget, value: setattr(widget, "value", value)),
    (Select, lambda widget: widget.value, lambda widget, value: setattr(widget, "value", value)),
    (RadioSet, lambda widget: widget.pressed_index, _set_pressed),
    (
        DataTable,
        lambda widget: widget.cursor_coordinate,
        lambda widget, place: widget.move_cursor(row=place.row, column=place.column),
    ),
    (VirtualTable, lambda widget: widget.cursor, VirtualTable.move_to),
    (
        OptionList,
        lambda widget: widget.highlighted,
        lambda widget, place: setattr(widget, "highlighted", place),
    ),
)


def kept(screen: Screen[Any]) -> Kept:
    """What stands in the fields of `screen` now."""
    values = {
        widget.id: read(widget)
        for widget in screen.query("*")
        if widget.id is not None
        for kind, read, _write in _KEPT
        if isinstance(widget, kind)
    }
    return Kept(None if screen.focused is None else screen.focused.id, values)


def give_back(screen: Screen[Any], before: Kept) -> None:
    """Put everything back where it was; a widget that is no longer there is passed over."""
    for widget in screen.query("*"):
        if widget.id is None or widget.id not in before.values:
            continue
        for kind, _read, write in _KEPT:
            if isinstance(widget, kind):
                with widget.prevent(Input.Changed, Checkbox.Changed, Select.Changed, RadioSet.Changed):
                    write(widget, before.values[widget.id])
    if before.focus is not None:
        for widget in screen.query(f"#{before.focus}"):
            screen.set_focus(widget)

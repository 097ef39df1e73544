"""What the numbers are compared with: the smallest Textual programs that do the same.

`python -m benchmarks.bare words|field|buttons` shows one of them.
"""

import sys
from collections.abc import Callable
from typing import ClassVar, Final

from textual.app import App, ComposeResult


def words() -> App[None]:
    """One line of text."""
    from textual.widgets import Static

    class Words(App[None]):
        def compose(self) -> ComposeResult:
            yield Static("ready")

    return Words()


def field() -> App[None]:
    """One field."""
    from textual.widgets import Input

    class OneField(App[None]):
        def compose(self) -> ComposeResult:
            yield Input(placeholder="ready")

    return OneField()


def buttons() -> App[None]:
    """The software keyboard made of one `Button` a key, and the field of the kiosk that they fill."""
    from textual.containers import Grid
    from textual.widgets import Button

    from screens.widgets.keyboard_layouts import ACTION_LABELS, COLUMNS, KeyAction, arranged, caps
    from screens.widgets.secret_field import SecretField

    class Buttons(App[None]):
        CSS: ClassVar[str] = f"""
            SecretField {{ height: 1; }}
            Grid {{ grid-size: {COLUMNS}; grid-rows: 3; width: 98; height: 15; }}
            Grid Button {{ width: 100%; min-width: 1; height: 3; }}
        """

        def compose(self) -> ComposeResult:
            yield SecretField()
            with Grid():
                for key in caps(arranged(False), upper=False, symbol_page=0):
                    button = Button(ACTION_LABELS[key.action] if key.action else key.character)
                    button.styles.column_span = key.span
                    yield button

        def on_button_pressed(self, event: Button.Pressed) -> None:
            secret = self.query_one(SecretField)
            if str(event.button.label) == ACTION_LABELS[KeyAction.CLEAR]:
                secret.wipe()
            else:
                secret.append(str(event.button.label))

    return Buttons()


PROGRAMS: Final[dict[str, Callable[[], App[None]]]] = {"words": words, "field": field, "buttons": buttons}


def command(name: str) -> list[str]:
    """Starts the program of this name."""
    return [sys.executable, "-m", "benchmarks.bare", name]


if __name__ == "__main__":
    PROGRAMS[sys.argv[1]]().run()

"""Are you sure? The focus rests on the harmless answer, and pressing Enter again and again never does harm."""

import time
from abc import abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Button, Static

from kiosk.translations.catalog import N_, _
from screens.base import KioskDialog
from screens.widgets.press import Press
from screens.widgets.prose import Prose
from screens.widgets.text import plain

Answer = TypeVar("Answer")

SETTLE = 0.4
"""Seconds in which 「はい」 does not answer: a second click meant for the button below must not land on it."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked: about whom and what, and what follows from yes."""

    title: str
    facts: tuple[tuple[str, str], ...] = ()
    """Label and value, such as the user and the serial number; stored texts made displayable."""
    consequence: str = ""
    yes: str = ""
    no: str = ""


class Asked(KioskDialog[Answer], Generic[Answer]):
    """A question with the harmless answer first. The arrow keys move between the answers, and not in a circle, so that
    going back is always going back to no."""

    SCREEN_NAME = N_("確認")
    AUTO_FOCUS = "#no"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "no", show=False),
        Binding("left,up", "point_at(-1)", show=False),
        Binding("right,down", "point_at(1)", show=False),
    ]

    def __init__(self, question: Callable[[], Question]) -> None:
        """`question` is asked again when the language changes."""
        super().__init__()
        self._question = question
        self._opened = 0.0

    @abstractmethod
    def answers(self, question: Question) -> Iterable[Press]:
        """The buttons; the harmless one has the id `no`."""

    @abstractmethod
    def action_no(self) -> None:
        """Esc: the harmless answer."""

    def compose_task(self) -> ComposeResult:
        """Question, facts, consequence, the answers."""
        question = self._question()
        yield Prose(question.title, classes="question")
        for label, value in question.facts:
            with Horizontal(classes="fact"):
                yield Static(plain(label), classes="fact-label")
                yield Prose(value, classes="fact-value")
        if question.consequence:
            yield Prose(question.consequence, classes="consequence")
        with Horizontal(classes="buttons"):
            yield from self.answers(question)

    def on_mount(self) -> None:
        """From now on the answer may be awaited."""
        self._opened = time.monotonic()

    @property
    def settled(self) -> bool:
        """The dialog has been there long enough to be meant."""
        return time.monotonic() - self._opened >= SETTLE

    def action_point_at(self, step: int) -> None:
        """The arrow keys."""
        buttons = list(self.query(Press))
        at = next((place for place, button in enumerate(buttons) if button.has_focus), 0)
        buttons[min(max(at + step, 0), len(buttons) - 1)].focus()


class Confirm(Asked[bool]):
    """Answers True only for a deliberate yes: the focus must be moved, or the mouse used."""

    def answers(self, question: Question) -> Iterable[Press]:
        """No and yes."""
        yield Press(question.no or _("いいえ"), id="no")
        yield Press(question.yes or _("はい"), id="yes")

    @on(Button.Pressed, "#no")
    def action_no(self) -> None:
        """The harmless answer."""
        self.dismiss(False)

    @on(Button.Pressed, "#yes")
    def answer_yes(self) -> None:
        """The other one, once the dialog has been there for a moment."""
        if self.settled:
            self.dismiss(True)

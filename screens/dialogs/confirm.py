"""Are you sure? The focus rests on the harmless answer, and pressing Enter again and again never does harm."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

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


def leaving() -> Question:
    """The question of 取引中断 (DOMAIN 5.1)."""
    return Question(
        title=_("取引を中断します。"), consequence=_("入力した内容は破棄されます。よろしいですか。")
    )


def leaving_before_reissue() -> Question:
    """The same between the two acts of a change of PC (E-75)."""
    return Question(
        title=_("再発行の前に、画面を離れます。"),
        consequence=_(
            "失効は済んでいます。受付は「801 未完了取引」に残り、そこから再発行を続けられます。離れますか。"
        ),
    )


class Confirm(KioskDialog[bool]):
    """Answers True only for a deliberate yes: the focus must be moved, or the mouse used."""

    SCREEN_NAME = N_("確認")
    AUTO_FOCUS = "#no"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "no", show=False),
        Binding("left,up", "point_at('no')", show=False),
        Binding("right,down", "point_at('yes')", show=False),
    ]

    def __init__(self, question: Callable[[], Question]) -> None:
        """`question` is asked again when the language changes."""
        super().__init__()
        self._question = question
        self._opened = 0.0

    def compose_task(self) -> ComposeResult:
        """Question, facts, consequence, two buttons."""
        question = self._question()
        yield Prose(question.title, classes="question")
        for label, value in question.facts:
            with Horizontal(classes="fact"):
                yield Static(plain(label), classes="fact-label")
                yield Prose(value, classes="fact-value")
        if question.consequence:
            yield Prose(question.consequence, classes="consequence")
        with Horizontal(classes="buttons"):
            yield Press(question.no or _("いいえ"), id="no")
            yield Press(question.yes or _("はい"), id="yes")

    def on_mount(self) -> None:
        """From now on the answer may be awaited."""
        self._opened = time.monotonic()

    def action_point_at(self, answer: str) -> None:
        """The arrow keys; they do not run in a circle, so that going back is always going back to no."""
        self.query_one(f"#{answer}").focus()

    @on(Button.Pressed, "#no")
    def action_no(self) -> None:
        """The harmless answer."""
        self.dismiss(False)

    @on(Button.Pressed, "#yes")
    def answer_yes(self) -> None:
        """The other one, once the dialog has been there for a moment."""
        if time.monotonic() - self._opened >= SETTLE:
            self.dismiss(True)

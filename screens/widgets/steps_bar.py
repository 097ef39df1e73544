"""Where am I in the journey: plain digits, and a shape for each state of a step, not only a colour."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual.app import RenderResult
from textual.content import Content
from textual.widget import Widget

from kiosk.translations.catalog import N_, _
from screens.hardening import Enduring

ISSUE_STEPS = (
    N_("受付"),
    N_("対象選択"),
    N_("取引選択"),
    N_("ユーザー認証"),
    N_("認証コード"),
    N_("発行"),
    N_("発行中"),
    N_("発行結果"),
    N_("交付"),
)
"""The nine steps of an issue (DOMAIN 5.1)."""


class StepsBar(Enduring, Widget):
    """`(1)受付 › [2 対象選択] › 3 取引選択`: done in parentheses, current in brackets, coming bare."""

    COMPONENT_CLASSES = {"steps--done", "steps--current", "steps--coming"}  # noqa: RUF012  # Textual's own way

    def __init__(self, steps: Sequence[str], current: int) -> None:
        """`steps` are texts marked with `N_`; `current` counts from 1."""
        super().__init__()
        self.steps = tuple(steps)
        self.current = current

    def go_to(self, step: int) -> None:
        """Another step is current now."""
        self.current = step
        self.refresh()

    def render(self) -> RenderResult:
        """The widest form that fits."""
        width = self.size.width
        for joint, names in ((" › ", True), ("›", True), (" ", False)):
            pieces = [self._piece(number, names) for number in range(1, len(self.steps) + 1)]
            if sum(cell_len(text) for text, _state in pieces) + cell_len(joint) * (len(pieces) - 1) <= width:
                break
        return Content(joint).join(
            Content.styled(text, self.get_visual_style(f"steps--{state}", partial=True))
            for text, state in pieces
        )

    def _piece(self, number: int, named: bool) -> tuple[str, str]:
        name = _(self.steps[number - 1])
        if number == self.current:
            return f"[{number} {name}]", "current"
        if number < self.current:
            return f"({number})" + (name if named else ""), "done"
        return (f"{number} {name}" if named else str(number)), "coming"

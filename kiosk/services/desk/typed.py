"""What a clerk typed: whether it may be stored, and whether the journal may tell it."""

from typing import Final

from kiosk.audit.entry import may_hold
from kiosk.errors import BadInput
from kiosk.rules.texts import problem_in

LONGEST_FORM_NO: Final = 20
NOT_FOR_THE_JOURNAL: Final = "not_for_the_journal"


def require_text(field: str, text: str, limit: int) -> None:
    """Raise `BadInput` naming the field for a text that cannot be stored."""
    problem = problem_in(text, limit)
    if problem is not None:
        raise BadInput(field=field, problem=problem)


def require_tellable(field: str, text: str) -> None:
    """What goes into the journal is no mail address: that would stay there for good."""
    if not may_hold(text):
        raise BadInput(field=field, problem=NOT_FOR_THE_JOURNAL)


def require_form_no(form_no: str) -> None:
    """The number of a request form, as it may be stored and told."""
    require_text("form_no", form_no, LONGEST_FORM_NO)
    require_tellable("form_no", form_no)

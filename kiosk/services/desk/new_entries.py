"""What comes from a form or a command line into the registry: checked field by field, refused with the field's name."""

from typing import Final

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from db.database import is_unique_violation
from db.queries.branches import by_number
from db.tables import Branch
from kiosk.config.fields import ADDRESS
from kiosk.errors import BadInput
from kiosk.rules.credentials import ShapeProblem
from kiosk.rules.texts import problem_in

TAKEN: Final = "taken"
"""Somebody has this ID or number already."""
DIFFERS: Final = "differs"
"""The registry knows it under another name."""

UNKNOWN: Final = "unknown"
"""The registry does not have it."""

STAFF_PASSWORD_LENGTHS: Final = range(8, 64 + 1)
LONGEST_ADDRESS: Final = 254


def require_text(field: str, text: str, limit: int, *, may_be_empty: bool = False) -> str:
    """`text` if it may be stored and shown; raises `BadInput` otherwise."""
    problem = None if may_be_empty and not text else problem_in(text, limit)
    if problem is not None:
        raise BadInput(field=field, problem=problem)
    return text


def require_digits(field: str, text: str, count: int) -> str:
    """A number of exactly so many ASCII digits; raises `BadInput` otherwise."""
    if len(text) != count:
        raise BadInput(
            field=field, problem=ShapeProblem.TOO_SHORT if len(text) < count else ShapeProblem.TOO_LONG
        )
    if not (text.isascii() and text.isdigit()):
        raise BadInput(field=field, problem=ShapeProblem.BAD_CHARACTER)
    return text


def require_branch(session: Session, branch_no: str) -> Branch:
    """The branch of this number; raises `BadInput` (field `branch_no`) when there is none."""
    require_digits("branch_no", branch_no, 3)
    branch = by_number(session, branch_no)
    if branch is None:
        raise BadInput(field="branch_no", problem=UNKNOWN)
    return branch


def require_name(field: str, text: str, limit: int) -> str:
    """ASCII letters and digits; raises `BadInput` otherwise."""
    if not text:
        raise BadInput(field=field, problem=ShapeProblem.EMPTY)
    if len(text) > limit:
        raise BadInput(field=field, problem=ShapeProblem.TOO_LONG)
    if not (text.isascii() and text.isalnum()):
        raise BadInput(field=field, problem=ShapeProblem.BAD_CHARACTER)
    return text


def require_address(field: str, text: str) -> str:
    """A mail address that can stand in a header; raises `BadInput` otherwise."""
    require_text(field, text, LONGEST_ADDRESS)
    if not ADDRESS.fullmatch(text):
        raise BadInput(field=field, problem=ShapeProblem.BAD_CHARACTER)
    return text


def require_staff_password(field: str, text: str) -> None:
    """Any ASCII that can be typed, long enough; the customers' rule (R-42, R-43) does not bind staff."""
    if len(text) < STAFF_PASSWORD_LENGTHS.start:
        raise BadInput(field=field, problem=ShapeProblem.TOO_SHORT if text else ShapeProblem.EMPTY)
    if len(text) >= STAFF_PASSWORD_LENGTHS.stop:
        raise BadInput(field=field, problem=ShapeProblem.TOO_LONG)
    if not (text.isascii() and text.isprintable()):
        raise BadInput(field=field, problem=ShapeProblem.NOT_ASCII)


def store_new(session: Session, row: object, field: str, constraint: str) -> None:
    """Add `row` and flush, so that its `pk` is known; raises `BadInput` when `constraint` says that it exists."""
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        if is_unique_violation(error, constraint):
            raise BadInput(field=field, problem=TAKEN) from None
        raise

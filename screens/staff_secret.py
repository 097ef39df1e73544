"""What somebody of the staff typed as a password is looked at before it counts as a try."""

from typing import Final

from kiosk.secret import Secret

OF_STAFF: Final = "staff_password"
"""The field by which it is refused: what is asked of staff is worded otherwise than what is asked of a customer."""


def require_staff_secret(secret: Secret) -> None:
    """Raises `BadInput` for nothing at all, and for what an input method left on has made of it."""
    from kiosk.errors import BadInput  # noqa: PLC0415  # the first frame does not wait for it
    from kiosk.rules.credentials import ShapeProblem  # noqa: PLC0415  # the same

    if not secret:
        raise BadInput(field=OF_STAFF, problem=ShapeProblem.EMPTY)
    if not secret.reveal().isascii():
        raise BadInput(field=OF_STAFF, problem=ShapeProblem.FULL_WIDTH)

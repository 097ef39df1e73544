"""`explain`, before any error has its sentence; `screens.problems` is where it is complete."""

from functools import singledispatch

from kiosk.errors import Aftermath, KioskError
from screens.messages import CounterMessage, Severity


@singledispatch
def explain(error: KioskError) -> CounterMessage:
    """The message for `error` in the current language: code, what happened, what to do, field to focus."""
    raise NotImplementedError(type(error).__name__)


def message(
    error: KioskError,
    happened: str,
    to_do: str = "",
    *,
    field: str | None = None,
    severity: Severity | None = None,
    call_staff: bool = False,
    until_filled: bool = False,
) -> CounterMessage:
    """The message of `error`; an unknown result asks for a check unless told otherwise."""
    if severity is None:
        severity = Severity.CHECK if error.aftermath is Aftermath.UNKNOWN else Severity.ERROR
    return CounterMessage(
        severity=severity,
        code=error.code,
        happened=happened,
        to_do=to_do,
        field=field,
        until_filled=until_filled,
        call_staff=call_staff,
    )

"""Puts the shell together with the screens it opens by itself."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from kiosk.clock import Clock
from screens.app import KioskApp
from screens.hardening import Incident
from screens.parts import Counter, Parts, PracticeAccount
from screens.sign_in import sign_in

if TYPE_CHECKING:
    from kiosk.services.bundle import Services
    from screens.dialogs.help import Help
    from screens.dialogs.problem_details import ProblemDetails
    from screens.idle import IdleLock
    from screens.messages import CounterMessage


def kiosk_app(
    open_services: "Callable[[], Services]",
    desk: Callable[[], Screen[Any]],
    *,
    counter: Counter | None = None,
    counter_of: "Callable[[Services], Counter] | None" = None,
    clock: Clock | None = None,
    on_incident: Callable[[Incident], object] | None = None,
) -> KioskApp:
    """The kiosk, not yet running; `desk` makes the screen that opens after signing on.

    The rest is as in `KioskApp`; `run_to_exit_code` runs it.
    """
    parts = Parts(first=sign_in(desk), lock=_lock, help=_help, details=_details)
    return KioskApp(
        open_services,
        parts,
        counter=counter,
        counter_of=counter_of,
        clock=clock,
        on_incident=on_incident,
    )


def _lock() -> "IdleLock":
    from screens.idle import IdleLock

    return IdleLock()


def _help(screen: Screen[Any]) -> "Help":
    from screens.dialogs.help import Help

    return Help(screen)


def _details(message: "CounterMessage") -> "ProblemDetails":
    from screens.dialogs.problem_details import ProblemDetails

    return ProblemDetails(message)


def import_the_rest() -> None:
    """Everything that the first frame does not need and a person may soon ask for, while nobody waits for it."""
    import screens.dialogs.help
    import screens.dialogs.problem_details
    import screens.idle
    import screens.keeping
    import screens.menu
    import screens.problems  # noqa: F401  # all of them, for what importing leaves behind


def counter_from(services: "Services", *, practice_accounts: tuple[PracticeAccount, ...] = ()) -> Counter:
    """What the settings tell the screens."""
    settings = services.settings
    return Counter(
        training=settings.training,
        terminal=services.terminal,
        contact=" ".join(filter(None, (settings.contact.name, settings.contact.phone))),
        idle_lock_after=settings.idle.staff_minutes * 60.0,
        customer_warning_after=settings.idle.customer_warning_seconds,
        customer_wipe_after=settings.idle.customer_wipe_seconds,
        shuffle_keyboard=settings.software_keyboard.shuffle,
        physical_keyboard=settings.software_keyboard.physical_keyboard,
        practice_accounts=practice_accounts,
    )

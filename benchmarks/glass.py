"""Step 4 as the customer meets it, in the real shell, with no reception behind it: `python -m benchmarks.glass`."""

import sys
from typing import cast

from kiosk.services.bundle import Services
from screens.app import KioskApp
from screens.base import KioskScreen
from screens.dialogs.help import Help
from screens.dialogs.problem_details import ProblemDetails
from screens.idle import IdleLock
from screens.issuing.draft import IssueDraft
from screens.issuing.password import Password
from screens.parts import Parts


def command() -> list[str]:
    """Starts it."""
    return [sys.executable, "-m", "benchmarks.glass"]


class Desk(KioskScreen[None]):
    """Stands below, as the menu does; nothing but the keyboard is pressed, so no use case is ever asked for."""

    def on_mount(self) -> None:
        """Turn the screen to the customer."""
        self.app.push_screen(Password(IssueDraft()))


def main() -> int:
    """The kiosk without services."""
    parts = Parts(first=Desk, lock=IdleLock, help=Help, details=ProblemDetails)
    return KioskApp(lambda: cast("Services", None), parts).run_to_exit_code()


if __name__ == "__main__":
    sys.exit(main())

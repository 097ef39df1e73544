"""The kiosk as a program for tests in a real terminal: `python -m tests.support.kiosk_program FOLDER [WHAT]`.

It stands on the real sign-on over a registry in FOLDER; behind it lies a plain screen. WHAT names what goes wrong.
"""

import asyncio
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from screens.kiosk import kiosk_app
from screens.parts import Counter
from tests.support.shell import Plain

if TYPE_CHECKING:
    from kiosk.services.bundle import Services

CANARY = "Himitsu#2026"
"""Stands in local variables and in the texts of exceptions; it must never be seen."""


class Door:
    """The use cases the shell itself needs."""

    def __init__(self, folder: Path) -> None:
        from db.database import open_database
        from db.migrations.running import upgrade
        from kiosk.clock import SystemClock
        from kiosk.services.desk.held import HeldPasswords
        from kiosk.services.staff.signing_in import PasswordVerifier, SigningIn
        from tests.support.builders import HASHER, a_desk, a_staff, a_terminal

        self._database = open_database(f"sqlite:///{folder / 'registry.db'}")
        upgrade(self._database)
        a_staff(self._database, "op001")
        self.signing_in = SigningIn(
            desk=a_desk(self._database, SystemClock()),
            terminal=a_terminal(self._database),
            verifier=PasswordVerifier(hasher=HASHER),
            passwords=HeldPasswords(),
        )

    def close(self) -> None:
        """Let the registry go."""
        self._database.dispose()


def fails() -> object:
    """Raise with a secret in a local variable and in the text of the exception."""
    password = CANARY
    raise ValueError(f"wrong password {password}")


def fails_in_a_thread() -> object:
    """The same where nobody waits for it."""
    thread = threading.Thread(target=fails)
    thread.start()
    return thread


def fails_in_a_lost_task() -> object:
    """The same in a task nobody awaits."""

    async def lost() -> None:
        fails()

    asyncio.get_running_loop().create_task(lost())  # that nobody keeps it is the point
    return None


class BrokenMount(Plain):
    """Fails when it comes up."""

    def on_mount(self) -> None:
        fails()


class BrokenCompose(Plain):
    """Has nothing to show."""

    def compose_task(self) -> Any:
        fails()
        yield from ()


class BrokenRender(Plain):
    """Fails whenever it is drawn."""

    def render(self) -> Any:
        return fails()


HANDLERS: dict[str, Callable[[], object]] = {
    "handler": fails,
    "thread": fails_in_a_thread,
    "task": fails_in_a_lost_task,
}
SCREENS: dict[str, type[Plain]] = {"mount": BrokenMount, "compose": BrokenCompose, "render": BrokenRender}


def main() -> int:
    """Run it."""
    folder, what = Path(sys.argv[1]), (sys.argv[2:] or [""])[0]
    kind = SCREENS.get(what, Plain)
    handler = HANDLERS.get(what, fails)
    app = kiosk_app(
        lambda: cast("Services", Door(folder)), lambda: kind(fails, handler), counter=Counter(training=True)
    )
    if what == "start":
        app.get_default_screen = fails  # type: ignore[method-assign,assignment]  # nothing can be shown at all
    return app.run_to_exit_code()


if __name__ == "__main__":
    sys.exit(main())

"""The program: `kiosk` and `kiosk demo` open the terminal, every other word is a command.

Each front end is imported only when it was asked for, so that a nightly command never pays for the screens and the
first frame never waits for the database.
"""

import gc
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from kiosk.cli.arguments import Arguments, parsed
from kiosk.process import keep_memory_to_itself

if TYPE_CHECKING:
    from kiosk.services.bundle import Services
    from screens.app import KioskApp
    from screens.menu import Menu


def main(argv: Sequence[str] | None = None) -> int:
    """Run what the arguments say; the exit code of the process (0 done, 1 refused, 2 usage, 3 findings, 70 a bug)."""
    keep_memory_to_itself()
    arguments = parsed(sys.argv[1:] if argv is None else argv)
    if arguments.command in {"terminal", "demo"}:
        return _terminal(arguments)
    from kiosk.cli.running import run

    return run(arguments)


def _terminal(arguments: Arguments) -> int:
    """The full screen, until somebody ends it from outside."""
    os.umask(0o077)
    gc.disable()  # what is imported now stays; to look for garbage in it would take a tenth of the start
    from kiosk.translations.catalog import use

    if arguments.language is not None:
        use(arguments.language)
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return _without_a_terminal()
    opened: list[Services] = []
    app = _demo(arguments, opened) if arguments.command == "demo" else _counter(arguments, opened)
    try:
        return app.run_to_exit_code()
    finally:
        gc.enable()
        for services in opened:
            services.close()


def _without_a_terminal() -> int:
    """The screen is drawn on standard error and the keys come from standard input; say so where somebody reads it."""
    from kiosk.translations.catalog import _

    sentence = _(
        "kiosk: 画面は端末に表示します。標準入力と標準エラー出力を端末につないだまま起動してください。"
    )
    print(sentence, file=sys.stdout if sys.stdout.isatty() else sys.stderr)
    return 1


def settling(open_services: "Callable[[], Services]") -> "Callable[[], Services]":
    """Opens, and keeps the collector off what stands then: all of it stays until the end.

    Looking through it would stop the screen for a tenth of a second, most often while a certificate is issued.
    """

    def open_and_settle() -> "Services":
        try:
            from screens.collecting import hold_long_rounds
            from screens.kiosk import import_the_rest

            hold_long_rounds()
            import_the_rest()
            return open_services()
        finally:
            gc.freeze()
            gc.enable()

    return open_and_settle


def _menu() -> "Menu":
    """The first frame stands without it."""
    from screens.menu import Menu

    return Menu()


def _demo(arguments: Arguments, opened: "list[Services]") -> "KioskApp":
    from kiosk.training.people import STAFF, STAFF_PASSWORD
    from screens.kiosk import counter_from, kiosk_app
    from screens.parts import Counter, PracticeAccount

    accounts = tuple(
        PracticeAccount(staff_id=person.staff_id, role=person.role, password=STAFF_PASSWORD)
        for person in STAFF
    )

    def open_training() -> "Services":
        from kiosk.bootstrap import open_services, start
        from kiosk.clock import SystemClock
        from kiosk.training.setting_up import fill_sticks, set_up

        settings = set_up(
            arguments.data,
            clock=SystemClock(),
            reset=arguments.reset,
            real_sticks=arguments.sticks == "usb",
        )
        fill_sticks(settings)
        opened.append(open_services(settings))
        start(opened[-1])
        return opened[-1]

    return kiosk_app(
        settling(open_training),
        _menu,
        counter=Counter(training=True, practice_accounts=accounts),
        counter_of=lambda services: counter_from(services, practice_accounts=accounts),
    )


def _counter(arguments: Arguments, opened: "list[Services]") -> "KioskApp":
    from kiosk.cli.passphrase import typed_passphrase
    from screens.kiosk import counter_from, kiosk_app

    typed = typed_passphrase(arguments.settings)

    def open_counter() -> "Services":
        from kiosk.bootstrap import open_services, start
        from kiosk.config import load_settings
        from kiosk.translations.catalog import use

        settings = load_settings(arguments.settings)
        if arguments.language is None:
            use(settings.language)
        opened.append(open_services(settings, passphrase=None if typed is None else lambda: typed))
        start(opened[-1])
        return opened[-1]

    return kiosk_app(settling(open_counter), _menu, counter_of=counter_from)


if __name__ == "__main__":
    sys.exit(main())

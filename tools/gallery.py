"""Photograph the screens: docs/screens/S304-ja-120x36.png and its like, from the program that runs at the counter.

    python tools/gallery.py             all pictures
    python tools/gallery.py S304 S309   only those whose name begins so

A clerk and a customer walk through the practice counter of `kiosk demo`; its clock stands still, so that nothing but
the program changes a picture.
"""

import argparse
import asyncio
import sys
import tempfile
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.bootstrap import open_services
from kiosk.secret import Secret
from kiosk.training.people import STAFF, STAFF_PASSWORD, USER_PASSWORD
from kiosk.training.setting_up import set_up
from kiosk.translations.catalog import Language, use
from screens.app import KioskApp
from screens.issuing.turning import SETTLE
from screens.kiosk import counter_from, kiosk_app
from screens.menu import Menu
from screens.parts import PracticeAccount
from tests.support.clock import SteppedClock
from tests.support.drivers.approvals import SURE, ApprovalDriver
from tests.support.drivers.counter import SMALL_WINDOW, WINDOW
from tests.support.practice import Practice, hashing_cheaply
from tools.pictures import drawing, what_is_missing, write_png

FOLDER: Final = Path(__file__).resolve().parent.parent / "docs" / "screens"
CUSTOMER: Final = "koushin01"


@dataclass(frozen=True, kw_only=True)
class Series:
    """Pictures taken on one walk; without `screens`, all of them."""

    language: Language
    window: tuple[int, int]
    screens: frozenset[str] = frozenset()

    def name(self, screen: str) -> str:
        """Of a picture, without its ending."""
        return f"{screen}-{self.language}-{self.window[0]}x{self.window[1]}"

    def holds(self, screen: str, asked_for: Sequence[str]) -> bool:
        """Whether this screen belongs to the series and was asked for."""
        mine = not self.screens or screen in self.screens
        return mine and (not asked_for or any(self.name(screen).startswith(start) for start in asked_for))


ALL_SERIES: Final = (
    Series(language=Language.JAPANESE, window=WINDOW),
    Series(
        language=Language.ENGLISH,
        window=WINDOW,
        screens=frozenset({"S000", "S100", "S210", "S304", "S308", "S600"}),
    ),
    Series(
        language=Language.JAPANESE,
        window=SMALL_WINDOW,
        screens=frozenset({"S100", "S302", "S304", "S309", "S400", "S600"}),
    ),
)


# --- the walk --------------------------------------------------------------------------------------------------------

Camera = Callable[[str], Awaitable[None]]
"""Takes a picture of what is on the screen, when the series has one of that name."""


class Walk(ApprovalDriver):
    """The day at the counter, from signing on to the receipt."""

    camera: Camera

    async def as_a_clerk(self) -> None:
        """Each screen that a clerk and a customer meet."""
        await self.signs_on("op001")
        await self.camera("S100")
        await self.looks_up_the_customer()
        await self.goes_through("402", "S710")
        await self.goes_through("403", "S220")
        await self.goes_through("801", "S700")
        await self.begins_the_issue()
        await self.hands_the_glass_over()
        await self.issues_and_hands_over()

    async def as_two_people(self) -> None:
        """A revocation and an unblocking, each with a supervisor at the same terminal."""
        await self.signs_on("op001")
        await self.begins_transaction("201")
        await self.takes_paper_and_user("pchenko03")
        await self.comes_to("S400")
        await self.chooses_certificate()
        await self.camera("S400")
        await self.gives_reason(4)
        await self.comes_to("S400-2")
        await self.is_calm()
        await self.camera("S400-2")
        await self.asks_the_supervisor()
        await self.signs_in_the_dialog()
        await self.camera("S600")
        await self.waits(SURE)
        await self.presses("f12")
        await self.comes_to("S400-3")
        await self.is_calm()
        await self.camera("S400-3")
        await self.presses("f12")
        await self.comes_to("S100")
        await self.begins_transaction("301")
        await self.takes_paper_and_user("heisoku04")
        await self.comes_to("S500")
        await self.is_calm()
        await self.camera("S500")
        await self.breaks_off()

    async def as_an_auditor(self) -> None:
        """What the journal says of it."""
        await self.signs_on("op003")
        await self.goes_through("903", "S800")

    async def as_an_administrator(self) -> None:
        """The state of the terminal."""
        await self.signs_on("op004")
        await self.goes_through("904", "S900")

    async def signs_on(self, staff_id: str) -> None:
        """S000 and S100."""
        await self.has_focus("staff_id")
        await self.types(staff_id)
        await self.presses("enter")
        await self.has_focus("password")
        if staff_id == "op001":
            await self.camera("S000")
        await self.types(STAFF_PASSWORD)
        await self.presses("enter")
        await self.comes_to("S100")
        await self.is_calm()

    async def looks_up_the_customer(self) -> None:
        """S200 and S210."""
        await self.opens("401", "S200")
        await self.types("12345")
        await self.sees(CUSTOMER)
        await self.camera("S200")
        await self.presses(*["backspace"] * 5)
        await self.types(CUSTOMER)
        await self.sees(CUSTOMER)
        await self.presses("enter")
        await self.comes_to("S210")
        await self.is_calm()
        await self.camera("S210")
        await self.goes_back_to_the_menu()

    async def goes_through(self, number: str, screen: str) -> None:
        """A screen that is only looked at."""
        await self.opens(number, screen)
        await self.is_calm()
        await self.camera(screen)
        await self.goes_back_to_the_menu()

    async def begins_the_issue(self) -> None:
        """S301 to S303, by the clerk."""
        await self.opens("102", "S301")
        await self.fills_in_the_form()
        await self.camera("S301")
        await self.presses("f12")
        await self.comes_to("S302")
        await self.types(CUSTOMER)
        await self.presses("enter")
        await self.has_focus("go")
        await self.is_calm()
        await self.camera("S302")
        await self.presses("f12")
        await self.comes_to("S303")
        await self.is_calm()
        await self.camera("S303")
        await self.chooses_transaction()
        await self.sees("stick-A")
        await self.has_focus("medium_no")
        await self.types("M0001")
        await self.presses("enter", "enter", "down")
        await self.camera("S303-2")
        await self.presses("f12")
        await self.comes_to("S304-1")
        await self.camera("S304-1")

    async def hands_the_glass_over(self) -> None:
        """S304 and S305, by the customer."""
        await self.turns_the_screen()
        await self.has_focus("user_id")
        await self.types(CUSTOMER)
        await self.presses("enter")
        await self.has_focus("password")
        half = len(USER_PASSWORD) // 2
        await self.types(USER_PASSWORD[:half])
        await self.camera("S304")
        await self.types(USER_PASSWORD[half:])
        await self.presses("enter")
        await self.comes_to("S305")
        await self.is_calm()
        await self.types(self.practice.code[:3])
        await self.camera("S305")
        await self.types(self.practice.code[3:])
        await self.presses("enter")
        await self.comes_to("S304-2")
        await self.camera("S304-2")
        await self.turns_back()

    async def issues_and_hands_over(self) -> None:
        """S306 to S309, by the clerk again."""
        await self.comes_to("S306")
        await self.sees("stick-A")
        await self.is_calm()
        await self.camera("S306")
        await self.takes_stick("stick-A")
        with self.signer_at_rest():
            await self.issues()
            await self.comes_to("S307")
            await self.is_calm()
            await self.camera("S307")
        await self.comes_to("S308")
        await self.is_calm()
        await self.camera("S308")
        await self.presses("f12")
        await self.comes_to("S309")
        await self.presses("space", "enter", "space", "enter", "space")
        await self.camera("S309")

    @contextmanager
    def signer_at_rest(self) -> Iterator[None]:
        """No p12 is made inside the block, so that step 7 can be seen."""
        signer, going_on = self.practice.services.issuing.signer, threading.Event()
        bundle = signer.bundle

        def waits(handle: str, password: Secret, friendly_name: str) -> bytes:
            going_on.wait()
            return bundle(handle, password, friendly_name)

        signer.bundle = waits  # type: ignore[method-assign]  # put back below
        try:
            yield
        finally:
            signer.bundle = bundle  # type: ignore[method-assign]  # as it was
            going_on.set()

    async def opens(self, number: str, screen: str) -> None:
        """From the menu, by its number."""
        await self.has_focus("transaction")
        await self.types(number)
        await self.presses("enter")
        await self.comes_to(screen)

    async def goes_back_to_the_menu(self) -> None:
        """As often as it takes."""
        while self.stands_on != "S100":
            await self.presses("escape")
            await self.is_calm()

    async def is_calm(self) -> None:
        """What a screen asks its services for has come, and the screen answers again."""
        await self.waits(SETTLE / 2)


JOURNEYS: Final = (Walk.as_a_clerk, Walk.as_two_people, Walk.as_an_auditor, Walk.as_an_administrator)


@contextmanager
def practice_counter(folder: Path) -> Iterator[Practice]:
    """A fresh practice counter, ready to issue, with one reception that was left unfinished."""
    clock = SteppedClock()
    settings = set_up(folder, clock=clock, hashing=hashing_cheaply)
    services = open_services(settings, clock=clock, hashing=hashing_cheaply)
    try:
        services.unlock_signer()
        services.self_check.run()
        actor = services.signing_in.sign_in("op001", Secret(STAFF_PASSWORD))
        if settings.media.directory is None:
            raise SystemExit("The practice counter has no sticks.")
        practice = Practice(services=services, clock=clock, actor=actor, sticks=settings.media.directory)
        practice.reception("shinki02", "M0002", visitor_name="新規 太郎")
        yield practice
    finally:
        services.close()


async def walk(practice: Practice, series: Series, asked_for: Sequence[str]) -> dict[str, str]:
    """The drawings of one series by name; pictures are made of them later, while nobody waits at the counter."""
    drawings: dict[str, str] = {}
    for journey in JOURNEYS:
        app = an_app(practice)

        async def take(screen: str, app: KioskApp = app) -> None:
            if series.holds(screen, asked_for):
                drawings[series.name(screen)] = drawing(app)

        async with app.run_test(size=series.window) as pilot:
            await app.when_ready()
            person = Walk(app, pilot)
            person.practice = practice
            person.camera = take
            await journey(person)
        if app.incidents:
            raise SystemExit(f"Something unexpected happened: {app.incidents}")
    return drawings


def an_app(practice: Practice) -> KioskApp:
    """The kiosk as `kiosk demo` starts it."""
    accounts = tuple(
        PracticeAccount(staff_id=person.staff_id, role=person.role, password=STAFF_PASSWORD)
        for person in STAFF
    )
    counter = counter_from(practice.services, practice_accounts=accounts)
    return kiosk_app(lambda: practice.services, Menu, counter=counter, clock=practice.clock)


def main() -> int:
    """Exit code 1 when a tool of the machine is missing."""
    parser = argparse.ArgumentParser(description="Photograph the screens into docs/screens.")
    parser.add_argument("names", nargs="*", help="beginnings of picture names, such as S304 or S304-en")
    asked_for = parser.parse_args().names
    if (missing := what_is_missing()) is not None:
        print(missing, file=sys.stderr)
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    for series in ALL_SERIES:
        use(series.language)
        with tempfile.TemporaryDirectory() as folder, practice_counter(Path(folder) / "data") as practice:
            drawings = asyncio.run(walk(practice, series, asked_for))
        for name, svg in drawings.items():
            target = FOLDER / f"{name}.png"
            write_png(svg, target)
            print(f"{target.name}  {target.stat().st_size / 1000:.0f} kB", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

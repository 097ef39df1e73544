"""201, 202, 301 and a change of PC as docs/WALKTHROUGH.md clicks them: no key moves or confirms."""

from itertools import zip_longest
from pathlib import Path

import pytest

from kiosk.training.people import STAFF_PASSWORD
from screens.dialogs.confirm import SETTLE as SURE
from tests.journeys.test_by_mouse_alone import (
    issues_and_hands_over,
    prepares,
    types_the_code,
    types_the_password,
)
from tests.support.glass import PtyGlass, in_a_terminal
from tests.support.taken_home import p12_on, user_id_of
from tests.support.walkthrough import FILE, SETTLED, Gestures, gestures, part

pytestmark = pytest.mark.timeout(300)
SIZES = [(120, 36), (80, 24)]
TITLE = "Two people by mouse alone: "


def follow(glass: PtyGlass, title: str) -> None:
    """Do what stands on the left, wait for what stands on the right."""
    for row in gestures(part(FILE.read_text(encoding="utf-8"), TITLE + title)):
        does(glass, row)
        glass.sees(*row.sees)


def does(glass: PtyGlass, row: Gestures) -> None:
    """What is typed into is clicked by its name; a button stands in brackets."""
    for (kind, what), (then, _) in zip_longest(row.does, row.does[1:], fillvalue=("", "")):
        match kind:
            case "click" if then == "type":
                glass.clicks_field(what)
            case "click" if what.startswith("["):
                glass.clicks_button(what.strip("[]"))
            case "click":
                glass.clicks(what)
            case "type":
                glass.does(what)
                glass.sees(" ".join("*" * len(what)) if what == STAFF_PASSWORD else what)
            case _:
                assert kind == SETTLED
                glass.waits(SURE + 0.1)


@pytest.mark.rule("R-11", "R-54", "I-10")
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("title", ["a revocation", "an unblocking", "an emergency by phone"])
def test_what_needs_two_people_is_done_by_mouse_alone(
    folder: Path, title: str, size: tuple[int, int]
) -> None:
    with in_a_terminal(folder, size) as glass:
        follow(glass, title)


@pytest.mark.rule("R-46", "E-75")
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_change_of_pc_by_mouse_alone(folder: Path, size: tuple[int, int]) -> None:
    with in_a_terminal(folder, size) as glass:
        follow(glass, "a change of PC")
        prepares(glass)
        types_the_code(glass, types_the_password(glass, "pchenko03"))
        issues_and_hands_over(glass)
        assert user_id_of(p12_on(folder, "stick-B")) == "pchenko03"

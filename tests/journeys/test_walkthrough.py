"""docs/WALKTHROUGH.md leads through the transactions: every key in it is pressed in a real terminal."""

from pathlib import Path

import pytest

from screens.issuing.turning import SETTLE
from tests.support.deep import need
from tests.support.glass import in_a_terminal, in_tmux
from tests.support.taken_home import files_on, p12_on, user_id_of
from tests.support.walkthrough import FILE, SETTLES, follow_the_walkthrough, rows

SIZES = [(120, 36), (80, 24)]


def test_a_reader_waits_as_long_as_the_screen_does() -> None:
    assert SETTLE < SETTLES


def nothing_is_missing(folder: Path) -> None:
    """The p12 opens with the customer's own password; the other stick was not touched."""
    assert user_id_of(p12_on(folder, "stick-A")) == "koushin01"
    assert files_on(folder, "stick-B") == []


@pytest.mark.timeout(300)
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.rule("R-44", "R-60", "R-70", "R-80", "R-84")
def test_the_walkthrough_leads_to_a_p12_that_opens(folder: Path, size: tuple[int, int]) -> None:
    with in_a_terminal(folder, size) as glass:
        follow_the_walkthrough(glass)
        nothing_is_missing(folder)
        glass.does("Enter").sees("S100 業務メニュー")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize(
    "title",
    [
        "A revocation, key by key",
        "An emergency by phone, key by key",
        "An unblocking, key by key",
    ],
)
@pytest.mark.rule("R-11", "R-54", "I-10")
def test_what_needs_two_people_is_done_by_keyboard_alone(
    folder: Path, size: tuple[int, int], title: str
) -> None:
    with in_a_terminal(folder, size) as glass:
        follow_the_walkthrough(glass, title)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.rule("R-10", "R-12", "E-75")
def test_a_change_of_pc_leads_to_a_p12_that_opens(folder: Path, size: tuple[int, int]) -> None:
    with in_a_terminal(folder, size) as glass:
        follow_the_walkthrough(glass, "A change of PC, key by key")
        assert user_id_of(p12_on(folder, "stick-A")) == "pchenko03"


@pytest.mark.deep
@pytest.mark.timeout(300)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_the_walkthrough_holds_in_tmux(folder: Path, size: tuple[int, int]) -> None:
    need("tmux")
    with in_tmux(folder, size) as glass:
        follow_the_walkthrough(glass)
        nothing_is_missing(folder)


def test_the_walkthrough_names_every_step() -> None:
    steps = {row.step.split()[0].rstrip(":,") for row in rows(FILE.read_text(encoding="utf-8"))}
    assert steps >= {"1", "2", "3", "4", "5", "6", "9"}

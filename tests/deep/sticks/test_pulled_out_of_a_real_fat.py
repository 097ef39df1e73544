"""The stick is pulled out after every call of a write, on the kernel's real FAT, inside User-Mode Linux."""

from typing import Any

import pytest

from tests.deep.sticks.guest_fat import CALLS
from tests.support.deep import need
from tests.support.machines import uml
from tests.support.machines.once import once
from tests.support.machines.ramstick import SHAPES

pytestmark = [pytest.mark.deep, pytest.mark.timeout(600)]

Told = dict[str, Any]
EVERY_SHAPE = [shape for shape, _ in SHAPES]
EVERY_POINT = range(1, len(CALLS) + 1)
AFTER = [f"{number}-{call.replace(' ', '-')}" for number, call in zip(EVERY_POINT, CALLS, strict=True)]


@pytest.fixture(scope="session")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> list[Told]:
    """Everything that happened in one start of the machine."""
    need("linux.uml", "mkfs.vfat", "sfdisk", "wipefs")
    return once(tmp_path_factory, "fat", lambda place: uml.run("tests.deep.sticks.guest_fat", place))


def the_one(outcomes: list[Told], what: str, shape: str, **facts: object) -> Told:
    """The only outcome with these facts."""
    wanted = {"what": what, "shape": shape, **facts}.items()
    [found] = [one for one in outcomes if wanted <= one.items()]
    return found


@pytest.mark.parametrize("shape", EVERY_SHAPE)
@pytest.mark.rule("I-20", "E-83")
def test_the_pull_points_are_all_calls_of_a_write(outcomes: list[Told], shape: str) -> None:
    outcome = the_one(outcomes, "never pulled", shape)
    assert (outcome["ended"], outcome["found"]) == ("written", "whole")
    assert tuple(outcome["calls"]) == (*CALLS, "close")  # the last one lets the finished file go


@pytest.mark.parametrize("shape", EVERY_SHAPE)
@pytest.mark.parametrize("after", EVERY_POINT, ids=AFTER)
@pytest.mark.rule("I-20", "E-83")
def test_a_pull_never_leaves_a_damaged_file_under_the_final_name(
    outcomes: list[Told], shape: str, after: int
) -> None:
    outcome = the_one(outcomes, "pulled", shape, after=after)
    assert len(outcome["calls"]) >= after
    assert outcome["found"] in {"absent", "whole"}


@pytest.mark.parametrize("shape", EVERY_SHAPE)
@pytest.mark.parametrize("after", EVERY_POINT, ids=AFTER)
@pytest.mark.rule("I-20", "E-83")
def test_written_is_said_only_of_a_file_that_survives_the_pull(
    outcomes: list[Told], shape: str, after: int
) -> None:
    outcome = the_one(outcomes, "pulled", shape, after=after)
    assert outcome["ended"] != "written" or outcome["found"] == "whole"


@pytest.mark.parametrize("shape", EVERY_SHAPE)
@pytest.mark.rule("I-20")
def test_the_order_of_the_textbooks_leaves_an_empty_file(outcomes: list[Told], shape: str) -> None:
    # If this ever passes with another outcome, the pulls above prove nothing.
    assert the_one(outcomes, "textbook", shape)["found"] == "damaged, 0 bytes"


@pytest.mark.parametrize("shape", EVERY_SHAPE)
@pytest.mark.rule("E-20")
def test_a_stick_that_fills_up_while_it_is_written_never_gets_the_final_name(
    outcomes: list[Told], shape: str
) -> None:
    outcome = the_one(outcomes, "full", shape)
    assert (outcome["ended"], outcome["found"]) == ("StickFull", "absent")


@pytest.mark.rule("E-20")
def test_a_root_directory_without_a_place_counts_as_full(outcomes: list[Told]) -> None:
    outcome = the_one(outcomes, "no place for a name", "fat16 on the whole stick")
    assert (outcome["ended"], outcome["found"]) == ("StickFull", "absent")
    assert outcome["free"] > 1_000_000

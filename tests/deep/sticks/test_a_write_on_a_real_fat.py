"""The product's whole write on the kernel's real FAT: pulled out, swapped, locked, full, lying and failing sticks."""

from typing import Any

import pytest

from kiosk.errors import LeftBehind
from tests.deep.sticks.guest_write import FAILS_FROM, LIES_FROM, STEPS
from tests.support.machines.ramstick import SHAPES
from tests.support.machines.telling import the_one

pytestmark = [pytest.mark.deep, pytest.mark.timeout(900)]

EVERY_SHAPE = [shape for shape, _ in SHAPES]
EVERY_STEP = [
    pytest.param(number, id=f"{number}-{step.replace(' ', '-')}") for number, step in enumerate(STEPS, 1)
]
Told = list[dict[str, Any]]


def says_no_more_than_is_true(outcome: dict[str, Any]) -> None:
    """`left_behind` covers what was found, and the terminal's own disk holds nothing."""
    holds_it = outcome["found"] == "whole"
    assert outcome["found"] in {"absent", "whole"}
    assert not holds_it or outcome["left_behind"] == LeftBehind.COMPLETE_UNCONFIRMED
    assert not outcome["others"] or outcome["left_behind"] != LeftBehind.NOTHING
    assert outcome["on_local_disk"] == 0


@pytest.mark.parametrize("shape", EVERY_SHAPE)
@pytest.mark.rule("I-20", "E-83")
def test_the_pull_points_are_all_steps_of_a_write(in_uml: Told, shape: str) -> None:
    outcome = the_one(in_uml, what="write", shape=shape, after=0)
    assert (outcome["ended"], outcome["found"], outcome["others"]) == ("written", "whole", [])
    assert outcome["steps"] == list(STEPS)
    assert outcome["on_local_disk"] == 0


@pytest.mark.parametrize("shape", EVERY_SHAPE)
@pytest.mark.parametrize("after", EVERY_STEP)
@pytest.mark.rule("I-20", "E-83")
def test_a_pull_is_called_one_and_damages_nothing(in_uml: Told, shape: str, after: int) -> None:
    outcome = the_one(in_uml, what="write", shape=shape, after=after)
    assert outcome["ended"] == "StickRemoved"
    says_no_more_than_is_true(outcome)


@pytest.mark.parametrize("step", ["mount", "rename_new", "unmount"])
@pytest.mark.rule("I-20", "E-88")
def test_a_stick_that_came_back_is_another_one(in_uml: Told, step: str) -> None:
    outcome = the_one(in_uml, what="swapped", step=step)
    assert outcome["ended"] in {"StickRemoved", "NotTheSameStick"}
    says_no_more_than_is_true(outcome)


@pytest.mark.rule("E-83")
def test_a_locked_stick_is_named_as_one_and_stays_as_it_was(in_uml: Told) -> None:
    outcome = the_one(in_uml, what="locked")
    assert (outcome["ended"], outcome["found"], outcome["others"]) == ("StickReadOnly", "absent", [])
    says_no_more_than_is_true(outcome)


@pytest.mark.parametrize("shape", EVERY_SHAPE)
@pytest.mark.rule("E-83")
def test_a_full_stick_keeps_the_files_of_its_owner_and_gets_no_other(in_uml: Told, shape: str) -> None:
    outcome = the_one(in_uml, what="full", shape=shape)
    assert (outcome["ended"], outcome["left_behind"]) == ("StickFull", LeftBehind.NOTHING)
    assert (outcome["found"], outcome["others"]) == ("absent", ["BALLAST.BIN"])


@pytest.mark.rule("E-83")
def test_a_root_directory_without_a_place_counts_as_full(in_uml: Told) -> None:
    outcome = the_one(in_uml, what="no place for a name")
    assert (outcome["ended"], outcome["found"]) == ("StickFull", "absent")
    assert outcome["free"] > 1_000_000


@pytest.mark.parametrize("step", LIES_FROM)
@pytest.mark.rule("I-20")
def test_a_stick_that_keeps_nothing_is_found_out(in_uml: Told, step: str) -> None:
    outcome = the_one(in_uml, what="lies", step=step)
    assert outcome["ended"] == "ReadBackDiffers"
    assert outcome["left_behind"] != LeftBehind.NOTHING
    says_no_more_than_is_true(outcome)


@pytest.mark.parametrize("step", FAILS_FROM)
@pytest.mark.rule("I-20")
def test_a_stick_that_fails_is_not_called_written(in_uml: Told, step: str) -> None:
    outcome = the_one(in_uml, what="fails", step=step)
    assert outcome["ended"] in {"StickIoFailure", "StickCorrupt"}
    says_no_more_than_is_true(outcome)

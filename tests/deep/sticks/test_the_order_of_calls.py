"""A file is put onto the kernel's real FAT, and the stick is pulled out after every single call."""

from typing import Any

import pytest

from tests.deep.sticks.guest_fat import CALLS
from tests.support.machines.ramstick import SHAPES
from tests.support.machines.telling import the_one

pytestmark = [pytest.mark.deep, pytest.mark.timeout(900)]

EVERY_SHAPE = [shape for shape, _ in SHAPES]
EVERY_POINT = [
    pytest.param(number, id=f"{number}-{call.replace(' ', '-')}") for number, call in enumerate(CALLS, 1)
]
Told = list[dict[str, Any]]


@pytest.mark.parametrize("shape", EVERY_SHAPE)
@pytest.mark.rule("I-20", "E-83")
def test_the_pull_points_are_all_calls_of_putting_a_file(in_uml: Told, shape: str) -> None:
    outcome = the_one(in_uml, what="put", shape=shape, after=0)
    assert (outcome["ended"], outcome["found"], outcome["others"]) == ("written", "whole", [])
    assert outcome["calls"] == [*CALLS, "close"]  # the last one lets the finished file go


@pytest.mark.parametrize("shape", EVERY_SHAPE)
@pytest.mark.parametrize("after", EVERY_POINT)
@pytest.mark.rule("I-20", "E-83")
def test_a_pull_leaves_the_whole_file_under_its_name_or_none(in_uml: Told, shape: str, after: int) -> None:
    outcome = the_one(in_uml, what="put", shape=shape, after=after)
    assert outcome["found"] in {"absent", "whole"}
    assert outcome["ended"] != "written" or outcome["found"] == "whole"


@pytest.mark.parametrize("shape", EVERY_SHAPE)
@pytest.mark.rule("I-20")
def test_the_order_of_the_textbooks_leaves_an_empty_file(in_uml: Told, shape: str) -> None:
    # With any other outcome here the pulls above would prove nothing.
    assert the_one(in_uml, what="textbook", shape=shape)["found"] == "damaged, 0 bytes"


@pytest.mark.parametrize("shape", EVERY_SHAPE)
@pytest.mark.rule("I-20")
def test_a_file_that_does_not_fit_never_gets_its_name(in_uml: Told, shape: str) -> None:
    outcome = the_one(in_uml, what="put on a full one", shape=shape)
    assert (outcome["ended"], outcome["found"]) == ("StickFull", "absent")

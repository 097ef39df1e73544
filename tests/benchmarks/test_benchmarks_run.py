"""Every benchmark runs and fills its lines. Whether a promise is kept is for a quiet machine to tell."""

import pytest

from benchmarks.__main__ import BENCHMARKS, Rounds
from benchmarks.lines import Line, compared, table
from tests.support.deep import need

ONCE = Rounds(
    issues=1,
    watched_issues=1,
    presses=2,
    starts=1,
    users=100,
    queries=2,
    notices=80,
    letters=10,
    codes=1,
    few_entries=20,
    many_entries=60,
    lists=1,
    revocations=1,
    sticks=1,
)
IN_A_TERMINAL = frozenset({"keys", "soft-keys", "start", "memory"})
AS_ROOT = frozenset({"sticks"})


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.deep] if name in IN_A_TERMINAL | AS_ROOT else [])
        for name in BENCHMARKS
    ],
)
def test_every_number_is_measured(name: str) -> None:
    if name in AS_ROOT:
        need("root", "mount", "losetup")
    lines = BENCHMARKS[name](ONCE)
    assert any(line.promised for line in lines)
    for line in lines:
        assert " ms" in line.figure or " MB" in line.figure


def test_a_ratio_is_that_of_the_medians() -> None:
    line = compared("a thing", [0.1, 0.2, 9.0], [0.1, 0.1, 0.1], promised=1.5)
    assert line.ratio == 2.0
    assert not line.kept


def test_the_table_says_what_was_not_kept() -> None:
    kept = Line(what="kept", figure="1 ms", promised="< 2 ms", kept=True)
    broken = Line(what="壊れた", figure="3 ms", promised="< 2 ms", kept=False)
    told = table([kept, broken]).splitlines()
    assert told[1].endswith("ok")
    assert told[2].endswith("NOT KEPT")
    assert told[1].index("1 ms") == told[2].index("3 ms") + 3  # three kanji take six cells

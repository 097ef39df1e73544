"""Tests that take minutes begin first, spread over the workers."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tests.support.order import dealt

Test = tuple[str, int, float]
TESTS = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.integers(0, 99), st.sampled_from([0.0, 0.0, 300.0, 900.0])),
    unique=True,
)


def deal(tests: list[Test], workers: int) -> list[Test]:
    return dealt(tests, workers, lambda test: test[2], lambda test: test[0])


def test_each_worker_begins_with_a_file_that_asks_for_minutes() -> None:
    slow: list[Test] = [
        ("quick", 1, 300.0),
        ("machine", 1, 1800.0),
        ("machine", 2, 1800.0),
        ("kills", 1, 900.0),
    ]
    ordinary: list[Test] = [("rules", number, 0.0) for number in range(8)]

    order = deal([*ordinary, *slow], 3)

    assert order[:3] == [("machine", 1, 1800.0), ("machine", 2, 1800.0), ("rules", 0, 0.0)]
    assert order[4] == ("kills", 1, 900.0)
    assert order[8] == ("quick", 1, 300.0)


@given(TESTS, st.integers(1, 5))
def test_no_test_is_lost_and_ordinary_ones_keep_their_order(tests: list[Test], workers: int) -> None:
    order = deal(tests, workers)

    assert sorted(order) == sorted(tests)
    assert [test for test in order if not test[2]] == [test for test in tests if not test[2]]
    files = [test[0] for test in order if test[2]]
    changes = sum(1 for one, next_one in pairwise(files) if one != next_one)
    assert changes == max(0, len(set(files)) - 1)

"""What every test of the house starts from: no network, no leftovers of the developer's terminal, honest skips."""

import gc
import os
from importlib.util import find_spec

import pytest
from hypothesis import HealthCheck, settings

pytest.register_assert_rewrite("tests.support")

pytest_plugins = [
    module
    for module in (
        "tests.support.network",
        "tests.support.deep",
        "tests.support.memory",
        "tests.support.databases",
        "tests.support.counters",
        "tests.support.practice",
        "tests.support.order",
        "tests.support.compiled",
    )
    if find_spec(module) is not None
]

# The machine is busy with other tests: how long an example takes proves nothing. CI draws the same examples every time.
settings.register_profile("counter", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("counter")

# A debugging switch in a developer's shell must not decide whether a screen test passes.
for name in [name for name in os.environ if name.startswith("TEXTUAL")]:
    del os.environ[name]


def pytest_collection_finish() -> None:
    """Keep the collector off what stands now: modules and thousands of tests, which stay until the end.

    A long round over all of it takes a quarter of a second, and a screen test takes several. The program does the
    same with what it has opened.
    """
    gc.collect()
    gc.freeze()

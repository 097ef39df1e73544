"""What every test of the house starts from: no network, no leftovers of the developer's terminal, honest skips."""

import os
from importlib.util import find_spec

import pytest

pytest.register_assert_rewrite("tests.support")

pytest_plugins = [
    module
    for module in (
        "tests.support.network",
        "tests.support.deep",
        "tests.support.databases",
        "tests.support.counters",
        "tests.support.practice",
    )
    if find_spec(module) is not None
]

# A debugging switch in a developer's shell must not decide whether a screen test passes.
for name in [name for name in os.environ if name.startswith("TEXTUAL")]:
    del os.environ[name]

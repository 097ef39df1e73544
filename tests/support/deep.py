"""Deep tests need a tool of the machine. Without it: a loud skip on a laptop, a failure in CI."""

import os
import shutil
import subprocess
import tempfile
from functools import cache
from typing import NoReturn

import pytest

NOT_RUN = "DEEP TEST NOT RUN"


def need(*things: str) -> None:
    """Go on only when this machine has every program named; `root` and `mount` name a right instead.

    On a laptop the test is skipped and the closing summary says so in capitals. With CI=true it fails: a deep test
    that CI skips proves nothing.
    """
    missing = [thing for thing in things if not has(thing)]
    if missing:
        refuse(", ".join(missing))


def refuse(missing: str) -> NoReturn:
    """Skip or fail, as `need` does, for something that is not simply a program."""
    reason = f"{NOT_RUN}: needs {missing}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def has(thing: str) -> bool:
    """Whether this machine has a program, or the right called `root` or `mount`."""
    match thing:
        case "root":
            return os.geteuid() == 0
        case "mount":
            return _may_mount()
        case _:
            return shutil.which(thing) is not None


@cache
def _may_mount() -> bool:
    """Tried out: root in a container may still be refused."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        command = ["unshare", "--mount", "mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name what was not proven, where nobody can overlook it."""
    skipped = terminalreporter.getreports("skipped")
    unproven = [report for report in skipped if NOT_RUN in str(report.longrepr)]
    if not unproven:
        return
    terminalreporter.section(
        f"{len(unproven)} DEEP TESTS WERE NOT RUN ON THIS MACHINE", sep="!", red=True, bold=True
    )
    for report in unproven:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else NOT_RUN
        terminalreporter.line(f"{report.nodeid.upper()}  {reason.split(NOT_RUN)[-1].lstrip(': ').upper()}")

"""The suite cannot fool its readers: no hidden network, no deep test that CI leaves out silently."""

import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import deep, network
from tests.support.sources import place, python_files

ROOT = Path(__file__).parents[2]


def run_pytest(folder: Path, source: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run one small test file in a pytest of its own."""
    (folder / "test_small.py").write_text(source, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.support.network"]
    command += ["-p", "tests.support.deep", "--rootdir", str(folder), "test_small.py"]
    path = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        command, cwd=folder, env=path | environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("family", "address"),
    [
        (socket.AF_INET, ("192.0.2.1", 25)),
        (socket.AF_INET, ("mail.example", 25)),
        (socket.AF_INET6, ("2001:db8::1", 443, 0, 0)),
        (socket.AF_INET, ("198.51.100.7", 80)),
    ],
)
def test_a_foreign_address_is_outside(family: int, address: tuple[object, ...]) -> None:
    assert not network.stays_here(family, address)


@pytest.mark.parametrize(
    ("family", "address"),
    [
        (socket.AF_INET, ("127.0.0.1", 25)),
        (socket.AF_INET, ("localhost", 25)),
        (socket.AF_INET6, ("::1", 443, 0, 0)),
        (socket.AF_UNIX, "a-socket-file"),
    ],
)
def test_this_machine_is_inside(family: int, address: object) -> None:
    assert network.stays_here(family, address)


def test_leaving_the_machine_is_refused_at_once() -> None:
    with socket.socket(socket.AF_INET) as line, pytest.raises(network.NetworkIsOff):
        line.connect(("192.0.2.1", 25))
    assert network.attempts == ["socket.connect ('192.0.2.1', 25)"]
    network.attempts.clear()


def test_a_test_that_hides_the_refusal_fails_all_the_same(tmp_path: Path) -> None:
    hiding = (
        "import socket\n"
        "def test_hides():\n"
        "    with socket.socket() as line:\n"
        "        try:\n"
        "            line.connect(('192.0.2.1', 25))\n"
        "        except OSError:\n"
        "            pass\n"
    )
    finished = run_pytest(tmp_path, hiding)
    assert finished.returncode == 1
    assert "left this machine" in finished.stdout


DEEP = "from tests.support.deep import need\ndef test_deep():\n    need('no-such-program', 'sh')\n"


def test_a_missing_tool_is_a_loud_skip_on_a_laptop(tmp_path: Path) -> None:
    finished = run_pytest(tmp_path, DEEP)
    assert finished.returncode == 0
    assert "1 DEEP TESTS WERE NOT RUN" in finished.stdout
    assert "TEST_SMALL.PY::TEST_DEEP  NEEDS NO-SUCH-PROGRAM" in finished.stdout
    assert "1 skipped" in finished.stdout.splitlines()[-1]


def test_a_missing_tool_is_a_failure_in_ci(tmp_path: Path) -> None:
    finished = run_pytest(tmp_path, DEEP, CI="true")
    assert finished.returncode == 1
    assert "needs no-such-program" in finished.stdout


def test_a_tool_that_is_there_lets_the_test_go_on(tmp_path: Path) -> None:
    finished = run_pytest(tmp_path, DEEP.replace("'no-such-program', ", ""), CI="true")
    assert finished.returncode == 0


SKIPS = re.compile(r"\b(?:pytest\.skip|importorskip|skipif|xfail|mark\.skip)\b")
MAY_SKIP = {
    "tests/support/deep.py",  # fails in CI instead, as proven above
    "tests/support/databases.py",  # the same for PostgreSQL
    "tests/architecture/test_the_suite_is_honest.py",
    "tests/architecture/test_rules_document.py",  # runs in CI and only there
    "tests/architecture/test_refusals_are_explained.py",  # the same
    "tests/media/windows/test_layouts.py",  # sizes of a 64-bit system
    "tests/media/udisks/test_kernel.py",  # reads the disks of a Linux
}


def test_no_test_can_be_skipped_in_ci_by_another_way() -> None:
    skipping = {
        place(path) for path in python_files("tests") if SKIPS.search(path.read_text(encoding="utf-8"))
    }
    assert skipping == MAY_SKIP


def test_ci_leaves_no_test_out() -> None:
    script = (ROOT / ".ci/run").read_text(encoding="utf-8")
    runs = [line for line in script.splitlines() if "make test" in line]
    assert runs
    assert not [line for line in runs if re.search(r"\s-[mk]\b|--(?:ignore|deselect)|tests/", line)]


def test_rights_are_named_like_tools() -> None:
    assert deep.has("mount") <= deep.has("root"), "whoever may mount is root"
